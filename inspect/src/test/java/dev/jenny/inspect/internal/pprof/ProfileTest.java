package dev.jenny.inspect.internal.pprof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.inspect.internal.model.Await;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.model.Query;
import dev.jenny.inspect.internal.pprof.Profile.ValueType;
import dev.jenny.inspect.internal.pprof.Profiles.Detail;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ProfileTest {
    private static final Frame INNER = new Frame("com.example.Shop.lock", "Shop.java", 17);
    private static final Frame OUTER = new Frame("com.example.Shop.main", "Shop.java", 5);

    private static Profile block() {
        Profile p =
                new Profile(
                        "block",
                        List.of(ValueType.count("contentions"), ValueType.nanos("delay")),
                        ValueType.count("contentions"),
                        1);
        p.during(Instant.ofEpochSecond(1_700_000_000, 5), Duration.ofMillis(1500));
        p.add(List.of(INNER, OUTER), Map.of("reason", "chan receive", "svc", "é\"x"), 2, 3_000_000);
        p.add(List.of(INNER, OUTER), Map.of("svc", "é\"x", "reason", "chan receive"), 1, 1_000_000);
        p.add(List.of(OUTER), Map.of(), 1, 9_000_000_000L);
        return p;
    }

    private static String text(Profile p) throws Exception {
        StringBuilder b = new StringBuilder();
        ProfileText.write(p, b);
        return b.toString();
    }

    @Test
    void addsUpWhatIsAlike() {
        List<Profile.Sample> samples = block().samples();
        assertThat(samples).hasSize(2);
        assertThat(samples.get(0).value(0)).isEqualTo(1);
        assertThat(samples.get(0).value(1)).isEqualTo(9_000_000_000L);
        assertThat(samples.get(1).value(0)).isEqualTo(3);
        assertThat(samples.get(1).value(1)).isEqualTo(4_000_000);
        assertThatThrownBy(() -> block().add(List.of(), Map.of(), 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theDifferenceOfTwo() {
        Profile before = block();
        Profile after = block();
        after.add(List.of(INNER), Map.of(), 1, 10);
        after.add(List.of(OUTER), Map.of(), -1, -5);
        after.during(before.time().plusSeconds(2), Duration.ZERO);
        Profile delta = after.minus(before);
        assertThat(delta.duration()).isEqualTo(Duration.ofSeconds(2));
        assertThat(delta.samples()).hasSize(2);
        assertThat(delta.total(0)).isZero();
        assertThat(delta.total(1)).isEqualTo(5);
    }

    @Test
    void textOfContentionsAsGoWritesIt() throws Exception {
        assertThat(text(block()))
                .isEqualTo(
                        """
                        --- contention:
                        cycles/second=1000000000
                        9000000000 1 @ 0x1
                        #\t0x1\tcom.example.Shop.main\tShop.java:5

                        4000000 3 @ 0x2 0x1
                        # labels: {"reason":"chan receive","svc":"é\\"x"}
                        #\t0x2\tcom.example.Shop.lock\tShop.java:17
                        #\t0x1\tcom.example.Shop.main\tShop.java:5

                        """);
    }

    @Test
    void textOfCountsAsGoWritesIt() throws Exception {
        Profile p =
                new Profile(
                        "goroutine",
                        List.of(ValueType.count("goroutine")),
                        ValueType.count("goroutine"),
                        1);
        p.add(List.of(OUTER), Map.of(), 7);
        assertThat(text(p))
                .isEqualTo(
                        """
                        goroutine profile: total 7
                        7 @ 0x1
                        #\t0x1\tcom.example.Shop.main\tShop.java:5

                        """);
    }

    @Test
    void writesGzip() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ProfileWriter.write(block(), "program", out);
        assertThat(out.toByteArray()).startsWith(0x1f, 0x8b);
    }

    @Test
    @Tag("tools")
    void goReadsIt() throws Exception {
        GoPprof.assumeInstalled();
        assertThat(GoPprof.read(block(), "-raw"))
                .contains("PeriodType: contentions count")
                .contains("Period: 1")
                .contains("Time: 2023-11-14")
                .contains("Duration: 1.5")
                .contains("contentions/count delay/nanoseconds")
                .contains("reason:[chan receive] svc:[é\"x]")
                .contains("com.example.Shop.lock com/example/Shop.java:17")
                .contains("[FN][FL][LN][IN]");
        assertThat(GoPprof.read(block(), "-top"))
                .contains("File: program")
                .contains("Type: delay")
                .containsPattern("9s +100% .* com.example.Shop.main");
        assertThat(GoPprof.read(block(), "-traces")).contains("com.example.Shop.lock");
    }

    @Test
    @Tag("tools")
    void goReadsNumbersNegativesAndTheEmptyProfile() throws Exception {
        GoPprof.assumeInstalled();
        Profile heap =
                new Profile(
                        "heap",
                        List.of(ValueType.count("objects"), ValueType.bytes("space")),
                        ValueType.bytes("space"),
                        524288);
        assertThat(GoPprof.read(heap, "-raw")).contains("objects/count space/bytes");
        heap.showFirst("objects").comment("a remark");
        heap.add(List.of(INNER), Map.of(), Map.of("bytes", 4096L), -3, 12288);
        heap.add(List.of(), Map.of("k", ""), 1, 1);
        assertThat(GoPprof.read(heap, "-raw"))
                .contains("objects/count[dflt]")
                .containsPattern("-3 +12288: 1")
                .contains("bytes:[4096]");
        assertThat(GoPprof.read(heap, "-comments")).contains("a remark");
    }

    private static void here(Chan<Integer> ch) throws InterruptedException {
        ch.recv();
    }

    private static void there(Chan<Integer> ch) throws InterruptedException {
        ch.recv();
    }

    private static Goroutine start(boolean here, Chan<Integer> ch) {
        return Go.go(() -> {
            if (here) {
                here(ch);
            } else {
                there(ch);
            }
        });
    }

    /** The stack of a group was that of its first goroutine, which ended between two looks. */
    @Test
    void groupsDoNotSeemToMoveWhenTheirFirstGoroutineEnds() throws Exception {
        Chan<Integer> first = Chan.make();
        Chan<Integer> rest = Chan.make();
        List<Goroutine> all = new ArrayList<>(List.of(Await.parked(start(true, first))));
        for (int i = 0; i < 100; i++) {
            all.add(Await.parked(start(false, rest)));
        }
        Query own = Query.parse("site~ProfileTest.start");
        Profile before = Profiles.goroutines(own, Detail.SITES);
        first.close();
        all.getFirst().join();
        Profile delta = Profiles.goroutines(own, Detail.SITES).minus(before);
        assertThat(delta.samples()).hasSize(1);
        assertThat(delta.samples().getFirst().value(0)).isEqualTo(-1);
        rest.close();
        for (Goroutine g : all) {
            g.join();
        }
    }

    @Test
    void ofManyGoroutinesAlikeAProfileTellsWhereTheyStand() throws Exception {
        Chan<Integer> ch = Chan.make();
        List<Goroutine> all = new ArrayList<>();
        for (int i = 0; i < 1_500; i++) {
            all.add(start(i % 2 == 0, ch));
        }
        all.forEach(Await::parked);
        Profile p = Profiles.goroutines(Query.parse("site~ProfileTest.start"), Detail.GROUPS);
        assertThat(p.samples()).hasSize(2);
        assertThat(p.samples()).allMatch(s -> s.value(0) > 0);
        assertThat(p.samples().stream().mapToLong(s -> s.value(0)).sum()).isEqualTo(1_500);
        ch.close();
        for (Goroutine g : all) {
            g.join();
        }
    }
}
