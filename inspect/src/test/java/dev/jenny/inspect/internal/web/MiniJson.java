package dev.jenny.inspect.internal.web;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON into maps, lists, strings, doubles and booleans; anything odd fails. */
public final class MiniJson {
    private final String text;
    private int at;

    private MiniJson(String text) {
        this.text = text;
    }

    public static Map<String, Object> object(String text) {
        MiniJson j = new MiniJson(text);
        @SuppressWarnings("unchecked")
        Map<String, Object> map = (Map<String, Object>) j.value();
        if (j.at != text.length()) {
            throw new AssertionError("after the end: " + text.substring(j.at));
        }
        return map;
    }

    @SuppressWarnings("unchecked")
    public static List<Map<String, Object>> objects(Object list) {
        return (List<Map<String, Object>>) list;
    }

    public static long number(Object o) {
        return (long) (double) (Double) o;
    }

    private Object value() {
        char c = text.charAt(at);
        switch (c) {
            case '{':
                Map<String, Object> map = new LinkedHashMap<>();
                for (at++; text.charAt(at) != '}'; ) {
                    String name = string();
                    expect(':');
                    if (map.put(name, value()) != null) {
                        throw new AssertionError("twice: " + name);
                    }
                    comma('}');
                }
                at++;
                return map;
            case '[':
                List<Object> list = new ArrayList<>();
                for (at++; text.charAt(at) != ']'; ) {
                    list.add(value());
                    comma(']');
                }
                at++;
                return list;
            case '"':
                return string();
            default:
                int from = at;
                while (at < text.length() && ",]}".indexOf(text.charAt(at)) < 0) {
                    at++;
                }
                String word = text.substring(from, at);
                return switch (word) {
                    case "true" -> true;
                    case "false" -> false;
                    case "null" -> "null";
                    default -> Double.valueOf(word);
                };
        }
    }

    private void comma(char end) {
        if (text.charAt(at) != end) {
            expect(',');
        }
    }

    private void expect(char c) {
        if (text.charAt(at) != c) {
            throw new AssertionError("no " + c + " at " + text.substring(at));
        }
        at++;
    }

    private String string() {
        StringBuilder b = new StringBuilder();
        expect('"');
        for (char c; (c = text.charAt(at++)) != '"'; ) {
            if (c == '\\') {
                c = text.charAt(at++);
                switch (c) {
                    case 'n' -> c = '\n';
                    case 't' -> c = '\t';
                    case 'u' -> {
                        c = (char) Integer.parseInt(text.substring(at, at + 4), 16);
                        at += 4;
                    }
                    default -> {}
                }
            }
            b.append(c);
        }
        return b.toString();
    }
}
