/**
 * The HTTP server of the tools: loopback only, read only, behind a token, on threads of its own.
 * Other packages register {@link dev.jenny.inspect.internal.http.Handler}s with {@link
 * dev.jenny.inspect.internal.http.Server}.
 */
@NullMarked
package dev.jenny.inspect.internal.http;

import org.jspecify.annotations.NullMarked;
