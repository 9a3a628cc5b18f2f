/**
 * The commands that look into another program: {@code ps}, {@code top}, {@code stack} and so on.
 *
 * <p>They find the program by the file that its inspect server leaves ({@link
 * dev.jenny.cli.tools.Programs}), ask the server over HTTP ({@link dev.jenny.cli.tools.Client}) and
 * show its answer. Nothing here runs on Jenny's scheduler, and nothing here may be called from user
 * code.
 */
@NullMarked
package dev.jenny.cli.tools;

import org.jspecify.annotations.NullMarked;
