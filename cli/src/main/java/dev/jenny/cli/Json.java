package dev.jenny.cli;

import dev.jenny.cli.DoctorCommand.Finding;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The little JSON that doctor prints; not worth a library on the user's class path. */
final class Json {
    private Json() {}

    static String of(Map<String, @Nullable Object> facts, List<Finding> findings) {
        StringBuilder json = new StringBuilder("{");
        facts.forEach((key, value) ->
                json.append(quote(key)).append(": ").append(value(value)).append(", "));
        json.append("\"findings\": [")
                .append(
                        findings.stream()
                                .map(f ->
                                        "{\"level\": "
                                                + quote(f.missing() ? "missing" : "warning")
                                                + ", \"problem\": "
                                                + quote(f.problem())
                                                + ", \"fix\": "
                                                + quote(f.fix())
                                                + "}")
                                .collect(Collectors.joining(", ")))
                .append("]}");
        return json.toString();
    }

    private static String value(@Nullable Object value) {
        return value == null || value instanceof Number || value instanceof Boolean
                ? String.valueOf(value)
                : quote(value.toString());
    }

    private static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> quoted.append('\\').append(c);
                default -> {
                    if (c < ' ') {
                        quoted.append(String.format("\\u%04x", (int) c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }
}
