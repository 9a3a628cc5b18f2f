package dev.jenny.cli.tools;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value that {@link JsonParser} read. The getters forgive: what is absent, or of another type, is
 * null, empty or the given default, so that a command of one version can read what a server of
 * another version says.
 *
 * @param raw a Map, List, String, Long, Double, Boolean, or null
 */
record JsonValue(@Nullable Object raw) {
    private static final JsonValue NULL = new JsonValue(null);

    /** The member of an object, at any depth: {@code get("a", "b")} is {@code .a.b}. */
    JsonValue get(String... path) {
        Object at = raw;
        for (String name : path) {
            at = at instanceof Map<?, ?> map ? map.get(name) : null;
        }
        return at == null ? NULL : new JsonValue(at);
    }

    /** The elements of an array; empty for everything else. */
    List<JsonValue> list() {
        return raw instanceof List<?> list
                ? list.stream().<JsonValue>map(JsonValue::new).toList()
                : List.of();
    }

    boolean isNull() {
        return raw == null;
    }

    boolean isTrue() {
        return Boolean.TRUE.equals(raw);
    }

    String string(String otherwise) {
        return raw == null || raw instanceof Map || raw instanceof List
                ? otherwise
                : raw.toString();
    }

    long number(long otherwise) {
        return raw instanceof Number n ? n.longValue() : otherwise;
    }

    double real(double otherwise) {
        return raw instanceof Number n ? n.doubleValue() : otherwise;
    }
}
