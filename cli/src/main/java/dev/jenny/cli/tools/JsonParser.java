package dev.jenny.cli.tools;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON, strictly as RFC 8259 has it. Written here because the commands share their class path
 * with the user's program, where a library of theirs must win.
 *
 * <p>Numbers become Long if they are written without fraction and exponent and fit, else Double. Of
 * two members with one name the last counts.
 */
final class JsonParser {
    /**
     * How deep arrays and objects may be nested: far above what a server says, far below the stack.
     */
    static final int MAX_DEPTH = 200;

    /** The text is not JSON. The message says what is wrong, and at which character. */
    static final class JsonException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        JsonException(String message) {
            super(message);
        }
    }

    private final String text;
    private int at;
    private int depth;

    private JsonParser(String text) {
        this.text = text;
    }

    static JsonValue parse(String text) {
        JsonParser parser = new JsonParser(text);
        Object value = parser.value();
        parser.space();
        if (parser.at < text.length()) {
            throw parser.wrong("more text after the value");
        }
        return new JsonValue(value);
    }

    private @Nullable Object value() {
        space();
        return switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Map<String, @Nullable Object> object() {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        enter();
        if (!ends('}')) {
            do {
                space();
                if (peek() != '"') {
                    throw wrong("a name in quotes expected");
                }
                String name = string();
                space();
                expect(':');
                members.put(name, value());
            } while (goesOn('}'));
        }
        depth--;
        return members;
    }

    private List<@Nullable Object> array() {
        List<@Nullable Object> elements = new ArrayList<>();
        enter();
        if (!ends(']')) {
            do {
                elements.add(value());
            } while (goesOn(']'));
        }
        depth--;
        return elements;
    }

    private void enter() {
        if (++depth > MAX_DEPTH) {
            throw wrong("nested deeper than " + MAX_DEPTH);
        }
        at++;
    }

    private boolean ends(char close) {
        space();
        if (peek() != close) {
            return false;
        }
        at++;
        return true;
    }

    private boolean goesOn(char close) {
        space();
        char c = peek();
        if (c != ',' && c != close) {
            throw wrong("',' or '" + close + "' expected");
        }
        at++;
        return c == ',';
    }

    private String string() {
        at++;
        int start = at;
        StringBuilder decoded = null; // only strings with escapes need one
        for (; ; at++) {
            char c = peek();
            if (c == '"') {
                String rest = text.substring(start, at++);
                return decoded == null ? rest : decoded.append(rest).toString();
            }
            if (c < ' ') {
                throw wrong("a control character in a string");
            }
            if (c == '\\') {
                if (decoded == null) {
                    decoded = new StringBuilder();
                }
                decoded.append(text, start, at);
                at++;
                decoded.append(escape());
                start = at + 1;
            }
        }
    }

    /** At the character after the backslash; leaves {@code at} on the last one of the escape. */
    private char escape() {
        char c = peek();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int code = 0;
                for (int i = 0; i < 4; i++) {
                    at++;
                    char digit = peek();
                    int value = digit < 128 ? Character.digit(digit, 16) : -1;
                    if (value < 0) {
                        throw wrong("four hexadecimal digits expected after \\u");
                    }
                    code = code * 16 + value;
                }
                yield (char) code;
            }
            default -> throw wrong("no such escape");
        };
    }

    private Number number() {
        int start = at;
        boolean whole = true;
        skip('-');
        if (!skip('0')) {
            digits();
        }
        if (skip('.')) {
            whole = false;
            digits();
        }
        if (skip('e') || skip('E')) {
            whole = false;
            if (!skip('+')) {
                skip('-');
            }
            digits();
        }
        String number = text.substring(start, at);
        if (whole) {
            try {
                return Long.valueOf(number);
            } catch (NumberFormatException e) {
                // too big for a long
            }
        }
        return Double.valueOf(number);
    }

    private void digits() {
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == start) {
            throw wrong("a value expected");
        }
    }

    private boolean skip(char c) {
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private @Nullable Object word(String word, @Nullable Object value) {
        if (!text.startsWith(word, at)) {
            throw wrong("a value expected");
        }
        at += word.length();
        return value;
    }

    private void expect(char c) {
        if (peek() != c) {
            throw wrong("'" + c + "' expected");
        }
        at++;
    }

    private char peek() {
        if (at >= text.length()) {
            throw wrong("the text ends too early");
        }
        return text.charAt(at);
    }

    private void space() {
        while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private JsonException wrong(String what) {
        return new JsonException("not JSON: " + what + " at character " + at);
    }
}
