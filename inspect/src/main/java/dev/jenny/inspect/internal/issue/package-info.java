/**
 * Findings: what in a program is most likely not meant to be, with cause and fix. Rules look at
 * what {@code internal.model} sees each second; they are plain functions of that, so that tests
 * need no program. {@link dev.jenny.inspect.internal.issue.Issues} runs them.
 */
@NullMarked
package dev.jenny.inspect.internal.issue;

import org.jspecify.annotations.NullMarked;
