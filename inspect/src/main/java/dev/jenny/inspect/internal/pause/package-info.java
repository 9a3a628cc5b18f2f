/** What stopped all threads of the program: garbage collections, and the JVM's other reasons. */
@NullMarked
package dev.jenny.inspect.internal.pause;

import org.jspecify.annotations.NullMarked;
