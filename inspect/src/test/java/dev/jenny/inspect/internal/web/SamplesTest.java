package dev.jenny.inspect.internal.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.model.GoroutineGroup;
import dev.jenny.inspect.internal.model.Groups;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SamplesTest {
    private static Samples.Doc doc(long t, int size) {
        return new Samples.Doc(t, new byte[size]);
    }

    @Test
    void oldOnesGo() {
        Samples samples = new Samples(100, 1000);
        for (int t = 0; t <= 300; t += 10) {
            samples.add(doc(t, 1));
        }
        assertThat(samples.since(0)).extracting(Samples.Doc::t).startsWith(200L).endsWith(300L);
        assertThat(samples.bytes()).isEqualTo(samples.size());
    }

    @Test
    void bytesAreBounded() {
        Samples samples = new Samples(1_000_000, 1000);
        for (int t = 0; t < 100; t++) {
            samples.add(doc(t, 300));
            assertThat(samples.bytes()).isLessThanOrEqualTo(1000);
        }
        samples.add(doc(100, 5000)); // too big by itself: the newest stays all the same
        assertThat(samples.size()).isEqualTo(1);
    }

    @Test
    void aMomentIsTheOneBeforeIt() {
        Samples samples = new Samples(1000, 1000);
        assertThat(samples.at(5)).isNull();
        samples.add(doc(10, 1));
        samples.add(doc(20, 1));
        assertThat(samples.at(19).t()).isEqualTo(10);
        assertThat(samples.at(20).t()).isEqualTo(20);
        assertThat(samples.at(99).t()).isEqualTo(20);
        assertThat(samples.at(1).t()).isEqualTo(10);
    }

    private static Groups groups(long growing, long changing) {
        return new Groups(
                List.of(group("growing", growing), group("changing", changing)), 0, 0, 0, 0, 0);
    }

    private static GoroutineGroup group(String key, long count) {
        return new GoroutineGroup(
                key, count, "waiting", key, "chan", null, Map.of(), 0, 0, 0, List.of(), 0,
                List.of());
    }

    private static String suspects(Growth growth) {
        return Json.string(j -> {
            growth.write(j.object());
            j.end();
        });
    }

    @Test
    void onlyWhatOnlyGrowsIsSuspected() {
        Growth growth = new Growth();
        for (int i = 0; i < 8; i++) {
            assertThat(suspects(growth)).doesNotContain("changing");
            growth.add(i * 6_000_000_000L, groups(100 + 50L * i, i % 2 == 0 ? 500 : 100));
        }
        assertThat(suspects(growth)).contains("\"growing\"").contains("[100,150,200");
        growth.add(100_000_000_000L, groups(10, 500));
        assertThat(suspects(growth)).doesNotContain("growing\"");
    }
}
