/**
 * The dashboard: its files, and the JSON API behind it, as {@code docs/inspect-api.md} has it.
 * {@link dev.jenny.inspect.internal.web.Web} registers all of it with the server.
 */
@NullMarked
package dev.jenny.inspect.internal.web;

import org.jspecify.annotations.NullMarked;
