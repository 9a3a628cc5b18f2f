/** What the parts of the tools share. Called by the other packages of this module only. */
@NullMarked
package dev.jenny.inspect.internal;

import org.jspecify.annotations.NullMarked;
