package dev.jenny.inspect.internal.model;

import org.jspecify.annotations.Nullable;

/**
 * One frame of a stack, or the place of a {@code go} statement.
 *
 * @param function {@code package.Class.method}
 * @param file the source file's name, {@code ""} if unknown
 * @param line the line in it, 0 if unknown
 */
public record Frame(String function, String file, int line) {
    /** The frame that {@code e} describes. */
    public static Frame of(StackTraceElement e) {
        String file = e.getFileName();
        return new Frame(
                e.getClassName() + "." + e.getMethodName(),
                file == null ? "" : file,
                Math.max(0, e.getLineNumber()));
    }

    /** The place that {@code function} and {@code location}, as {@code File.java:12}, describe. */
    static Frame of(String function, String location) {
        int colon = location.lastIndexOf(':');
        if (colon > 0) {
            try {
                int line = Integer.parseInt(location.substring(colon + 1));
                return new Frame(function, location.substring(0, colon), line);
            } catch (NumberFormatException e) {
                // no line after all
            }
        }
        return new Frame(function, location.equals("Unknown Source") ? "" : location, 0);
    }

    /** {@code File.java:12}. */
    public String location() {
        return (file.isEmpty() ? "Unknown Source" : file) + (line > 0 ? ":" + line : "");
    }

    @Override
    public String toString() {
        return function + "(" + location() + ")";
    }

    /** {@code site.toString()}, or a word for none. */
    static String text(@Nullable Frame site) {
        return site == null ? "(no go statement)" : site.toString();
    }
}
