package dev.jenny.cli.tools;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.cli.Commands;
import dev.jenny.inspect.Inspect;
import dev.jenny.inspect.InspectOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands print the JSON that docs/inspect-api.md shows, field by field. */
class JsonDocsTest {
    private static final long PID = ProcessHandle.current().pid();
    private static final String GROUPS =
            """
            {"matched":2,"groups":[{"count":2,"state":"waiting","reason":"chan send","kind":"chan",
             "site":"App.main(App.java:9)","stack":["App.work(App.java:20)"]}]}
            """;

    @TempDir Path temp;

    /** The examples in the section of {@code command}. */
    private static List<JsonValue> examples(String command) throws IOException {
        String docs = Files.readString(Path.of("..", "docs", "inspect-api.md"));
        String heading = "\n### `" + command + "`\n";
        assertThat(docs).contains(heading);
        String section = docs.substring(docs.indexOf(heading) + heading.length());
        int end = section.indexOf("\n##");
        List<JsonValue> found = new ArrayList<>();
        String[] parts = section.substring(0, end).split("```", -1);
        for (int i = 1; i < parts.length; i += 2) {
            assertThat(parts[i]).startsWith("json\n");
            found.add(JsonParser.parse(parts[i].substring("json\n".length())));
        }
        assertThat(found).isNotEmpty();
        return found;
    }

    /** The names of all fields of {@code v}, as {@code groups[].site}. */
    private static Set<String> fields(JsonValue v) {
        Set<String> names = new TreeSet<>();
        collect("", v.raw(), names);
        return names;
    }

    private static void collect(String at, Object raw, Set<String> names) {
        if (raw instanceof Map<?, ?> object) {
            object.forEach((name, value) -> {
                String field = (at.isEmpty() ? "" : at + ".") + name;
                names.add(field);
                collect(field, value, names);
            });
        } else if (raw instanceof List<?> list) {
            list.forEach(element -> collect(at + "[]", element, names));
        }
    }

    private static void assertAsDocumented(JsonValue printed, JsonValue example) {
        assertThat(fields(printed)).isEqualTo(fields(example)).isNotEmpty();
    }

    private static JsonValue parse(Commands.Result result) {
        assertThat(result.err()).isEmpty();
        return JsonParser.parse(result.out());
    }

    @Test
    void of_commands_that_ask_a_program() throws Exception {
        Path before = Files.writeString(temp.resolve("before.json"), GROUPS.replace("2,", "1,"));
        String file = temp.resolve("file").toString();
        try (FakeServer server = new FakeServer(temp)) {
            server.answer("/api/v1/state", "{\"goroutines\":12,\"gomaxprocs\":2}")
                    .answer("/api/v1/goroutines", GROUPS)
                    .answer("/debug/pprof/heap", "profile")
                    .answer("/debug/pprof/trace", "events");
            assertAsDocumented(
                    parse(server.run("ps", "--json")), examples("jenny ps --json").getFirst());
            assertAsDocumented(
                    parse(server.run("attach", "" + PID, "--json")),
                    examples("jenny attach --json").getLast());
            assertAsDocumented(
                    parse(server.run("trace", "--json", "-o", file)),
                    examples("jenny trace --json").getFirst());
            assertAsDocumented(
                    parse(server.run("pprof", "heap", "--json", "-o", file)),
                    examples("jenny pprof --json").getFirst());
            assertAsDocumented(
                    parse(server.run("stack", "--diff=" + before, "--json")),
                    examples("jenny stack --diff --json").getFirst());
        }
    }

    /** Among the processes is the one that has started this one. */
    @Test
    void of_the_list_of_processes() throws Exception {
        assertAsDocumented(
                parse(Commands.run("attach", "--json")),
                examples("jenny attach --json").getFirst());
    }

    @Test
    void of_top() throws Exception {
        try (Inspect inspect = Inspect.start(InspectOptions.defaults().quiet())) {
            assertThat(inspect.port()).isPositive();
            assertThat(fields(parse(Commands.run("top", "" + PID, "--json"))))
                    .containsAll(fields(examples("jenny top --json").getFirst()));
        }
    }

    @Test
    void of_version_and_doctor() throws Exception {
        assertAsDocumented(
                parse(Commands.run("version", "--json")),
                examples("jenny version --json").getFirst());
        JsonValue doctor = parse(Commands.run("doctor", "--json"));
        Set<String> documented = fields(examples("jenny doctor --json").getFirst());
        if (doctor.get("findings").list().isEmpty()) {
            documented.removeIf(f -> f.startsWith("findings[]"));
        }
        assertThat(fields(doctor)).isEqualTo(documented);
    }
}
