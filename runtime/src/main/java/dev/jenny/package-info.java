/**
 * Goroutines, channels and select: Go's concurrency, for Java.
 *
 * <p>{@link dev.jenny.Go} has the {@code go} statement, {@link dev.jenny.Chan} the channels, {@link
 * dev.jenny.Select} the select statement; {@link dev.jenny.GoRuntime} asks and sets the runtime.
 * {@code Go} and {@code Select} are meant for static import:
 *
 * {@snippet :
 * import static dev.jenny.Go.go;
 * import static dev.jenny.Select.*;
 *
 * Chan<String> lines = Chan.make(16);
 * go(() -> {
 *     for (String line : lines) {
 *         System.out.println(line);
 *     }
 * });
 * lines.send("hello");
 * lines.close();
 * }
 */
@NullMarked
package dev.jenny;

import org.jspecify.annotations.NullMarked;
