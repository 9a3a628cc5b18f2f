/**
 * The {@code jenny} commands.
 *
 * <p>Each command is one class. {@link dev.jenny.cli.Launcher} is the only place that hands a
 * program over to the runtime; nothing here may be called from user code.
 */
@NullMarked
package dev.jenny.cli;

import org.jspecify.annotations.NullMarked;
