package dev.jenny.inspect.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON as it is told, without building a tree. Commas and closing brackets are its business;
 * names and values in the wrong place are {@link IllegalStateException}s.
 *
 * {@snippet :
 * String s = Json.string(j -> j.object().field("id", 7).array("waits").value("select").end().end());
 * // {"id":7,"waits":["select"]}
 * }
 *
 * <p>All of the output is ASCII-safe inside HTML and JavaScript: {@code <}, {@code >}, {@code &},
 * U+2028 and U+2029 are escaped. A surrogate without its other half, which no encoding of Unicode
 * can carry, becomes U+FFFD. NaN and the infinities, which JSON does not have, become {@code null}.
 * An {@link IOException} of the target comes out as {@link UncheckedIOException}. For one thread.
 */
public final class Json {
    /** A piece of code that writes. */
    @FunctionalInterface
    public interface Body {
        /** Writes one value to {@code json}. */
        void write(Json json);
    }

    private static final String HEX = "0123456789abcdef";

    private static final byte ARRAY = 1;
    private static final byte OBJECT = 2;
    private static final byte OBJECT_AFTER_NAME = 3;

    private final Appendable out;
    private byte[] nesting = new byte[16];
    private int depth;
    private boolean first = true; // nothing yet at this level
    private boolean complete; // the outermost value has been written

    private Json(Appendable out) {
        this.out = out;
    }

    /** A writer to {@code out}, which it never flushes or closes. */
    public static Json to(Appendable out) {
        return new Json(out);
    }

    /** What {@code body} writes, as a string. */
    public static String string(Body body) {
        StringBuilder text = new StringBuilder();
        Json json = new Json(text);
        body.write(json);
        json.check();
        return text.toString();
    }

    /** Begins an object; {@link #end} ends it. */
    public Json object() {
        return open('{', OBJECT);
    }

    /** Begins an array; {@link #end} ends it. */
    public Json array() {
        return open('[', ARRAY);
    }

    /** Begins an object as the member {@code name}. */
    public Json object(String name) {
        return name(name).object();
    }

    /** Begins an array as the member {@code name}. */
    public Json array(String name) {
        return name(name).array();
    }

    /** Ends the innermost object or array. */
    public Json end() {
        if (depth == 0 || nesting[depth - 1] == OBJECT_AFTER_NAME) {
            throw new IllegalStateException("nothing to end here");
        }
        append(nesting[--depth] == ARRAY ? ']' : '}');
        written();
        return this;
    }

    /** The name of the next member. */
    public Json name(String name) {
        if (depth == 0 || nesting[depth - 1] != OBJECT) {
            throw new IllegalStateException("a name belongs into an object: " + name);
        }
        if (!first) {
            append(',');
        }
        quote(name);
        append(':');
        nesting[depth - 1] = OBJECT_AFTER_NAME;
        return this;
    }

    /** A string, or {@code null}. */
    public Json value(@Nullable CharSequence value) {
        begin();
        if (value == null) {
            append("null");
        } else {
            quote(value);
        }
        written();
        return this;
    }

    /** A whole number. Beyond 2<sup>53</sup>, JavaScript reads it rounded. */
    public Json value(long value) {
        begin();
        append(Long.toString(value));
        written();
        return this;
    }

    /** A number; {@code null} for NaN and the infinities. */
    public Json value(double value) {
        begin();
        if (!Double.isFinite(value)) {
            append("null");
        } else if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            append(Long.toString((long) value));
        } else {
            append(Double.toString(value));
        }
        written();
        return this;
    }

    /** {@code true} or {@code false}. */
    public Json value(boolean value) {
        begin();
        append(value ? "true" : "false");
        written();
        return this;
    }

    /** {@code null}. */
    public Json nul() {
        return value((CharSequence) null);
    }

    /** The member {@code name} with a string, or {@code null}. */
    public Json field(String name, @Nullable CharSequence value) {
        return name(name).value(value);
    }

    /** The member {@code name} with a whole number. */
    public Json field(String name, long value) {
        return name(name).value(value);
    }

    /** The member {@code name} with a number. */
    public Json field(String name, double value) {
        return name(name).value(value);
    }

    /** The member {@code name} with a boolean. */
    public Json field(String name, boolean value) {
        return name(name).value(value);
    }

    /** The member {@code name} with an object of strings. */
    public Json field(String name, Map<String, String> values) {
        object(name);
        values.forEach(this::field);
        return end();
    }

    /** Throws if the text is not a complete JSON value yet. */
    public void check() {
        if (!complete) {
            throw new IllegalStateException("incomplete: " + depth + " levels are open");
        }
    }

    private Json open(char bracket, byte kind) {
        begin();
        append(bracket);
        if (depth == nesting.length) {
            nesting = Arrays.copyOf(nesting, depth * 2);
        }
        nesting[depth++] = kind;
        first = true;
        return this;
    }

    private void begin() {
        if (depth == 0) {
            if (complete) {
                throw new IllegalStateException("the value is complete");
            }
        } else if (nesting[depth - 1] == OBJECT) {
            throw new IllegalStateException("a member needs a name first");
        } else if (nesting[depth - 1] == ARRAY && !first) {
            append(',');
        }
    }

    private void written() {
        first = false;
        if (depth == 0) {
            complete = true;
        } else if (nesting[depth - 1] == OBJECT_AFTER_NAME) {
            nesting[depth - 1] = OBJECT;
        }
    }

    private void quote(CharSequence text) {
        append('"');
        int done = 0;
        int n = text.length();
        for (int i = 0; i < n; i++) {
            char c = text.charAt(i);
            if (c >= ' '
                    && c != '"'
                    && c != '\\'
                    && c != '<'
                    && c != '>'
                    && c != '&'
                    && c != 0x7f
                    && c != 0x2028
                    && c != 0x2029
                    && !Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c)
                    && i + 1 < n
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
                continue;
            }
            append(text, done, i);
            escape(c);
            done = i + 1;
        }
        append(text, done, n);
        append('"');
    }

    private void escape(char c) {
        switch (c) {
            case '"' -> append("\\\"");
            case '\\' -> append("\\\\");
            case '\n' -> append("\\n");
            case '\r' -> append("\\r");
            case '\t' -> append("\\t");
            default -> {
                int code = Character.isSurrogate(c) ? 0xFFFD : c;
                append("\\u");
                for (int shift = 12; shift >= 0; shift -= 4) {
                    append(HEX.charAt(code >> shift & 15));
                }
            }
        }
    }

    private void append(CharSequence text) {
        append(text, 0, text.length());
    }

    private void append(CharSequence text, int start, int end) {
        if (start == end) {
            return;
        }
        try {
            out.append(text, start, end);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void append(char c) {
        try {
            out.append(c);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
