/** Entry points for Jenny's launcher, exported to {@code dev.jenny.cli} alone. */
@NullMarked
package dev.jenny.internal.run;

import org.jspecify.annotations.NullMarked;
