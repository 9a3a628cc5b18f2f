package dev.jenny.inspect.internal.web;

import static dev.jenny.inspect.internal.web.MiniJson.number;
import static dev.jenny.inspect.internal.web.MiniJson.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.http.HttpError;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.internal.sched.Probe;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class LessonsTest {
    @AfterEach
    void off() {
        Lessons.allow(false);
    }

    static List<String> names() {
        return Lessons.names();
    }

    @Test
    void nothingRunsInAProgramThatIsNoDemo() {
        StringBuilder out = new StringBuilder();
        assertThatThrownBy(() -> Lessons.run("go", Json.to(out)))
                .isInstanceOf(HttpError.class)
                .hasMessageContaining("jenny demo");
        assertThat(out).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("names")
    void aLessonTellsWhatItsGoroutinesDid(String name) throws Exception {
        Lessons.enable();
        StringBuilder out = new StringBuilder();
        Lessons.run(name, Json.to(out));
        Map<String, Object> run = object(out.toString());
        assertThat(run.get("failure")).isEqualTo("");
        assertThat(run.get("names").toString()).contains("main");
        List<?> rows = (List<?>) run.get("rows");
        assertThat(rows.toString()).contains("create", "start");
        if (!List.of("go", "steal", "handoff").contains(name)) {
            assertThat(rows.toString()).contains("park");
        }
        if (name.equals("deadlock")) {
            assertThat(run.get("proof").toString()).contains("sync.Mutex");
        } else {
            assertThat(rows.toString()).contains("end");
        }
    }

    @Test
    void theLeakIsProven() throws Exception {
        assumeTrue(Model.leaksUnsupported() == null);
        Lessons.enable();
        StringBuilder out = new StringBuilder();
        Lessons.run("leak", Json.to(out));
        Map<String, Object> run = object(out.toString());
        assertThat(run.get("proof").toString().lines())
                .filteredOn(l -> l.startsWith("goroutine"))
                .hasSize(2)
                .allMatch(l -> l.endsWith("): chan send (leaked)"));
    }

    @Test
    void theSpinnerYieldsAndTheOthersWait() throws Exception {
        assumeTrue(Probe.custom());
        Lessons.enable();
        StringBuilder out = new StringBuilder();
        Lessons.run("spin", Json.to(out));
        Map<String, Object> run = object(out.toString());
        Map<?, ?> names = (Map<?, ?>) run.get("names");
        assertThat((List<?>) run.get("rows"))
                .map(row -> (List<?>) row)
                .filteredOn(row -> row.get(1).equals("yield"))
                .isNotEmpty()
                .allMatch(row -> "spinner".equals(names.get("" + number(row.get(3)))));
    }

    @ParameterizedTest
    @MethodSource("names")
    void eachLessonHasItsTextAndARecordedRun(String name) throws Exception {
        String file = "/dev/jenny/inspect/web/learn/" + name + ".json";
        try (var in = Lessons.class.getResourceAsStream(file)) {
            Map<String, Object> lesson =
                    object(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            assertThat(lesson).containsKeys("source", "intro", "explain", "lines", "points", "end");
            Map<?, ?> run = (Map<?, ?>) lesson.get("run");
            assertThat((List<?>) run.get("rows")).hasSizeGreaterThan(5);
        }
    }
}
