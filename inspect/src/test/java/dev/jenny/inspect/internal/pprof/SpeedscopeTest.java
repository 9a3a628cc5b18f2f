package dev.jenny.inspect.internal.pprof;

import static dev.jenny.inspect.internal.web.MiniJson.number;
import static dev.jenny.inspect.internal.web.MiniJson.object;
import static dev.jenny.inspect.internal.web.MiniJson.objects;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.pprof.Profile.ValueType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Against speedscope's file-format-schema.json: which members there must be, of which types. That
 * speedscope itself opens the files is checked by verify/browser.
 */
class SpeedscopeTest {
    private static final Frame MAIN = new Frame("app.Main.main", "Main.java", 3);
    private static final Frame WORK = new Frame("app.Main.work", "Main.java", 9);
    private static final Frame NATIVE = new Frame("app.Lib.call", "", 0);

    private static Profile block() {
        List<ValueType> types = List.of(ValueType.count("contentions"), ValueType.nanos("delay"));
        Profile p = new Profile("block", types, types.getFirst(), 1);
        p.add(List.of(WORK, MAIN), Map.of("wait", "chan send"), 2, 300);
        p.add(List.of(WORK, MAIN), Map.of("wait", "select"), 1, 4_000_000_000L);
        p.add(List.of(NATIVE, WORK, MAIN), Map.of(), 5, 0);
        p.add(List.of(MAIN), Map.of(), 1, -7);
        return p;
    }

    private static Map<String, Object> written(Profile profile) {
        return object(Json.string(j -> Speedscope.write(profile, "Shop.java", j)));
    }

    @Test
    void theFileHasWhatTheSchemaAsksFor() {
        Map<String, Object> file = written(block());
        assertThat(file)
                .containsEntry("$schema", "https://www.speedscope.app/file-format-schema.json")
                .containsEntry("name", "block of Shop.java")
                .containsEntry("exporter", "jenny")
                .containsEntry("activeProfileIndex", 1.0)
                .containsOnlyKeys(
                        "$schema", "name", "exporter", "activeProfileIndex", "shared", "profiles");
        List<Map<String, Object>> frames = objects(((Map<?, ?>) file.get("shared")).get("frames"));
        assertThat(frames)
                .containsExactlyInAnyOrder(
                        Map.of("name", "app.Main.main", "file", "Main.java", "line", 3.0),
                        Map.of("name", "app.Main.work", "file", "Main.java", "line", 9.0),
                        Map.of("name", "app.Lib.call"));
        for (Map<String, Object> profile : objects(file.get("profiles"))) {
            assertThat(profile)
                    .containsOnlyKeys(
                            "type", "name", "unit", "startValue", "endValue", "samples", "weights")
                    .containsEntry("type", "sampled");
            List<?> samples = (List<?>) profile.get("samples");
            List<?> weights = (List<?>) profile.get("weights");
            assertThat(samples).hasSameSizeAs(weights);
            assertThat(weights.stream().mapToLong(w -> number(w)).sum())
                    .isEqualTo(number(profile.get("endValue")));
            assertThat(samples)
                    .allSatisfy(s ->
                            assertThat((List<?>) s)
                                    .allSatisfy(f ->
                                            assertThat(number(f))
                                                    .isBetween(0L, frames.size() - 1L)));
        }
    }

    @Test
    void stacksBeginOutsideAndEachTypeOfValueIsAProfile() {
        Map<String, Object> file = written(block());
        List<Map<String, Object>> frames = objects(((Map<?, ?>) file.get("shared")).get("frames"));
        List<Map<String, Object>> profiles = objects(file.get("profiles"));
        assertThat(profiles).extracting("name").containsExactly("contentions", "delay");
        assertThat(profiles).extracting("unit").containsExactly("none", "nanoseconds");
        Map<String, Object> delay = profiles.get(1);
        assertThat((List<?>) delay.get("weights")).isEqualTo(List.of(4e9, 300.0));
        for (Object sample : (List<?>) delay.get("samples")) {
            assertThat(
                            ((List<?>) sample)
                                    .stream().map(f -> frames.get((int) number(f)).get("name")))
                    .isEqualTo(List.of("app.Main.main", "app.Main.work"));
        }
        assertThat((List<?>) profiles.get(0).get("samples")).hasSize(4);
    }

    @Test
    void anEmptyProfile() {
        ValueType type = ValueType.bytes("inuse_space");
        Map<String, Object> file = written(new Profile("heap", List.of(type), type, 1));
        Map<String, Object> only = objects(file.get("profiles")).getFirst();
        assertThat(only).containsEntry("unit", "bytes").containsEntry("endValue", 0.0);
        assertThat((List<?>) only.get("samples")).isEmpty();
    }
}
