package dev.jenny.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Just enough JSON: the runners' lines, the results file, the recorded ratios. Objects are maps,
 * numbers are doubles.
 */
final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    @SuppressWarnings("unchecked")
    static Map<String, @Nullable Object> object(String text) {
        Json json = new Json(text);
        Object value = json.value();
        json.blank();
        if (!(value instanceof Map) || json.at != text.length()) {
            throw json.wrong();
        }
        return (Map<String, @Nullable Object>) value;
    }

    private @Nullable Object value() {
        blank();
        return switch (peek()) {
            case '{' -> map();
            case '[' -> list();
            case '"' -> string();
            default -> word();
        };
    }

    private Map<String, @Nullable Object> map() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        at++;
        blank();
        while (peek() != '}') {
            blank();
            String key = string();
            blank();
            expect(':');
            map.put(key, value());
            blank();
            if (peek() != '}') {
                expect(',');
            }
        }
        at++;
        return map;
    }

    private List<@Nullable Object> list() {
        List<@Nullable Object> list = new ArrayList<>();
        at++;
        blank();
        while (peek() != ']') {
            list.add(value());
            blank();
            if (peek() != ']') {
                expect(',');
            }
        }
        at++;
        return list;
    }

    private @Nullable Object word() {
        int start = at;
        while (at < text.length() && ",]} \n\r\t".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String word = text.substring(start, at);
        return switch (word) {
            case "true" -> true;
            case "false" -> false;
            case "null" -> null;
            default -> number(word);
        };
    }

    private Double number(String word) {
        try {
            return Double.valueOf(word);
        } catch (NumberFormatException e) {
            throw wrong();
        }
    }

    private String string() {
        expect('"');
        StringBuilder s = new StringBuilder();
        for (; ; ) {
            char c = peek();
            at++;
            if (c == '"') {
                return s.toString();
            }
            if (c == '\\') {
                char escaped = peek();
                at++;
                switch (escaped) {
                    case 'n' -> c = '\n';
                    case 't' -> c = '\t';
                    case 'r' -> c = '\r';
                    case 'u' -> {
                        c = (char) Integer.parseInt(text.substring(at, at + 4), 16);
                        at += 4;
                    }
                    default -> c = escaped;
                }
            }
            s.append(c);
        }
    }

    private char peek() {
        if (at >= text.length()) {
            throw wrong();
        }
        return text.charAt(at);
    }

    private void expect(char c) {
        if (peek() != c) {
            throw wrong();
        }
        at++;
    }

    private void blank() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private BenchError wrong() {
        return new BenchError("not JSON, at character " + at + ": " + text);
    }

    /** Objects and lists with a line for each of their parts, down to {@code depth} levels. */
    static String print(@Nullable Object value, int depth) {
        StringBuilder out = new StringBuilder();
        print(out, value, depth, "\n");
        return out.append('\n').toString();
    }

    private static void print(StringBuilder out, @Nullable Object value, int depth, String line) {
        String inner = depth > 0 ? line + "  " : "";
        String end = depth > 0 ? line : "";
        switch (value) {
            case Map<?, ?> map -> {
                out.append('{');
                String comma = "";
                for (Map.Entry<?, ?> e : map.entrySet()) {
                    out.append(comma).append(inner);
                    quote(out, String.valueOf(e.getKey()));
                    out.append(": ");
                    print(out, e.getValue(), depth - 1, inner);
                    comma = depth > 0 ? "," : ", ";
                }
                out.append(map.isEmpty() ? "" : end).append('}');
            }
            case List<?> list -> {
                out.append('[');
                String comma = "";
                for (Object e : list) {
                    out.append(comma).append(inner);
                    print(out, e, depth - 1, inner);
                    comma = depth > 0 ? "," : ", ";
                }
                out.append(list.isEmpty() ? "" : end).append(']');
            }
            case Double d when d == Math.rint(d) && Math.abs(d) < 1e15 -> out.append(d.longValue());
            case Double d -> out.append(Math.abs(d) < 1e-9 ? "0" : Format.significant(d, 4));
            case Number n -> out.append(n);
            case Boolean b -> out.append(b);
            case null -> out.append("null");
            default -> quote(out, value.toString());
        }
    }

    private static void quote(StringBuilder out, String s) {
        out.append('"');
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                default -> {
                    if (c < ' ') {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
