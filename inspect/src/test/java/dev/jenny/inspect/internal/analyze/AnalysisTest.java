package dev.jenny.inspect.internal.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.inspect.internal.analyze.Finding.Severity;
import dev.jenny.inspect.internal.pause.Pause;
import dev.jenny.inspect.internal.trace.Names;
import dev.jenny.inspect.internal.trace.Sink.State;
import dev.jenny.inspect.internal.trace.Sink.Stop;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the rules say of sequences of events that are made up. Times are in microseconds. */
class AnalysisTest {
    private static final long MS = 1000;

    private final Names names = new Names();
    private final Analysis analysis = new Analysis(names);
    private final int worker = names.stack("App.work(App.java:7)", "App.work(App.java:7)");
    private final int hog = names.stack("App.hog(App.java:9)", "App.hog(App.java:9)");
    private final int receive = names.stack("App.read(App.java:20)", "App.lambda(App.java:7)");

    AnalysisTest() {
        analysis.procs(0, 0, 2);
    }

    private void create(int p, long t, long g, int site) {
        analysis.create(p, t * 1000, g, site);
    }

    private void start(int p, long t, long g) {
        analysis.start(p, t * 1000, g);
    }

    private void ready(int p, long t, long g) {
        analysis.ready(p, t * 1000, g);
    }

    private void block(int p, long t, long g) {
        int why = names.reason("chan receive");
        analysis.stop(p, t * 1000, g, Stop.BLOCK, why, receive);
    }

    private void stop(int p, long t, long g, Stop how) {
        analysis.stop(p, t * 1000, g, how, -1, Names.NONE);
    }

    private static List<String> rules(Report r) {
        return r.findings().stream().map(Finding::rule).toList();
    }

    private static Finding only(Report r, String rule) {
        List<Finding> all = r.findings().stream().filter(f -> f.rule().equals(rule)).toList();
        assertThat(all).as("%s among %s", rule, r.findings()).hasSize(1);
        return all.getFirst();
    }

    @Test
    void hog_and_who_stood_runnable_behind_it() {
        create(0, 0, 2, hog);
        start(0, 1, 2);
        create(0, 2, 3, worker);
        create(1, 2, 4, hog);
        start(1, 3, 4);
        stop(0, 150 * MS, 2, Stop.END);
        start(0, 150 * MS, 3);
        stop(0, 151 * MS, 3, Stop.END);
        stop(1, 152 * MS, 4, Stop.END);
        Report r = analysis.finish();
        Finding f = only(r, "hog");
        assertThat(f.severity()).isEqualTo(Severity.HIGH);
        assertThat(f.site()).isEqualTo("App.hog(App.java:9)");
        assertThat(f.count()).isEqualTo(2);
        Finding stood = only(r, "runnable");
        assertThat(stood.goroutine()).isEqualTo(3);
        assertThat(stood.from()).isEqualTo(2_000);
        assertThat(stood.to()).isEqualTo(150_000_000);
        assertThat(stood.cause()).contains("more to do than 2 Ps can");
        assertThat(stood.evidence().getFirst()).contains("App.hog(App.java:9) ran 300ms");
        assertThat(rules(r)).containsExactlyInAnyOrder("hog", "runnable");
        assertThat(r.longest()).isEqualTo(149_998_000);
    }

    @Test
    void computing_for_long_while_nobody_waits_is_only_worth_knowing() {
        create(0, 0, 2, hog);
        start(0, 1, 2);
        stop(0, 900 * MS, 2, Stop.END);
        Report r = analysis.finish();
        assertThat(only(r, "hog").severity()).isEqualTo(Severity.LOW);
        assertThat(rules(r)).containsExactly("hog");
    }

    @Test
    void short_slices_and_short_waits_are_nothing() {
        create(0, 0, 2, worker);
        long t = 1;
        for (int i = 0; i < 2000; i++) {
            start(0, t, 2);
            block(0, t + 50, 2);
            ready(-1, t + 60, 2);
            t += 90;
        }
        assertThat(analysis.finish().findings()).isEmpty();
    }

    @Test
    void a_pause_explains_what_happens_in_it() {
        create(0, 0, 2, worker);
        start(0, 1, 2);
        create(0, 2, 3, worker);
        analysis.pause(new Pause(1 * MS * 1000, 61 * MS * 1000, true, "G1, System.gc()"));
        start(1, 61 * MS, 3);
        stop(1, 62 * MS, 3, Stop.END);
        stop(0, 62 * MS, 2, Stop.END);
        Report r = analysis.finish();
        Finding pause = only(r, "gc-pause");
        assertThat(pause.severity()).isEqualTo(Severity.HIGH);
        assertThat(pause.evidence()).contains("the longest was of G1, System.gc()");
        assertThat(only(r, "runnable").severity()).isEqualTo(Severity.LOW);
        assertThat(only(r, "runnable").cause()).contains("garbage collector");
        assertThat(rules(r)).containsExactly("gc-pause", "runnable");
        assertThat(r.paused()).isEqualTo(60_000_000);
    }

    @Test
    void a_pause_for_something_else_is_not_the_collectors() {
        create(0, 0, 2, worker);
        start(0, 1, 2);
        create(0, 2, 3, worker);
        analysis.pause(new Pause(1 * MS * 1000, 61 * MS * 1000, false, "ThreadDump"));
        start(1, 61 * MS, 3);
        stop(1, 62 * MS, 3, Stop.END);
        stop(0, 62 * MS, 2, Stop.END);
        Report r = analysis.finish();
        Finding pause = only(r, "jvm-pause");
        assertThat(pause.title()).isEqualTo("The JVM stopped the program for 60.0ms");
        assertThat(pause.evidence()).contains("the longest was of ThreadDump");
        assertThat(only(r, "runnable").cause()).startsWith("The JVM had stopped the program");
        assertThat(rules(r)).containsExactly("jvm-pause", "runnable");
        assertThat(r.paused()).isZero();
        assertThat(r.pausedOtherwise()).isEqualTo(60_000_000);
    }

    @Test
    void blocked_thread_with_its_place() {
        int open = names.stack("App.open(App.java:30)", "App.lambda(App.java:7)");
        create(0, 0, 2, worker);
        start(0, 1, 2);
        create(0, 2, 3, worker);
        analysis.blocked(0, 5_000_000, 15_000_000, open);
        start(1, 16 * MS, 3);
        stop(1, 17 * MS, 3, Stop.END);
        analysis.blockedEnd(0, 105_000_000);
        stop(0, 106 * MS, 2, Stop.END);
        Report r = analysis.finish();
        Finding f = only(r, "blocked-thread");
        assertThat(f.goroutine()).isEqualTo(2);
        assertThat(f.from()).isEqualTo(5_000_000);
        assertThat(f.to()).isEqualTo(105_000_000);
        assertThat(f.evidence()).contains("at App.open(App.java:30)");
        assertThat(r.ps().getFirst().held()).isEqualTo(100_000_000);
        assertThat(r.ps().getFirst().ran()).as("without it").isEqualTo(5_999_000);
    }

    /** The monitor notices 20 ms after the thread was blocked; another P goes on at once. */
    @Test
    void who_stands_behind_a_blocked_thread_before_it_is_noticed_counts() {
        create(0, 0, 2, worker);
        start(0, 0, 2);
        create(-1, 5 * MS, 3, worker);
        analysis.blocked(0, 0, 20_000_000, 0);
        start(1, 20 * MS, 3);
        block(1, 21 * MS, 3);
        analysis.blockedEnd(0, 40_000_000);
        stop(0, 41 * MS, 2, Stop.END);
        Finding f = only(analysis.finish(), "blocked-thread");
        assertThat(f.evidence()).contains("for 15.0ms of that time somebody was runnable");
        assertThat(f.severity()).isEqualTo(Severity.MEDIUM);
    }

    /** It runs for 20 ms, then blocks; somebody is runnable from 5 to 8 and from 25 on. */
    @Test
    void time_in_a_queue_is_told_apart_by_when_the_block_began() {
        create(0, 0, 2, hog);
        start(0, 0, 2);
        create(-1, 5 * MS, 3, worker);
        start(1, 8 * MS, 3);
        block(1, 9 * MS, 3);
        ready(-1, 25 * MS, 3);
        analysis.blocked(0, 20_000_000, 40_000_000, 0);
        start(1, 40 * MS, 3);
        block(1, 41 * MS, 3);
        analysis.blockedEnd(0, 60_000_000);
        stop(0, 61 * MS, 2, Stop.END);
        Report r = analysis.finish();
        assertThat(only(r, "hog").evidence())
                .contains("for 3.00ms of that time somebody was runnable");
        assertThat(only(r, "blocked-thread").evidence())
                .contains("for 15.0ms of that time somebody was runnable");
    }

    @Test
    void who_is_readied_after_its_stop_was_lost_is_runnable() {
        create(0, 0, 2, worker);
        create(0, 0, 3, worker);
        start(0, 1, 2);
        start(0, 10, 3); // 2 stopped, which was lost
        ready(-1, 20, 2);
        start(1, 20 + 40 * MS, 2);
        Finding f = only(analysis.finish(), "runnable");
        assertThat(f.goroutine()).isEqualTo(2);
        assertThat(f.from()).isEqualTo(20_000);
    }

    @Test
    void who_runs_is_not_made_runnable() {
        create(0, 0, 2, worker);
        start(0, 1, 2);
        ready(1, 2, 2);
        stop(0, 3, 2, Stop.END);
        Report r = analysis.finish();
        assertThat(r.findings()).isEmpty();
        assertThat(r.ps().getFirst().ran()).isEqualTo(2_000);
    }

    @Test
    void ps_that_run_nothing_though_somebody_is_runnable() {
        create(0, 0, 2, worker);
        start(0, 1, 2);
        create(0, 10, 3, worker);
        block(0, 20, 2);
        start(1, 4 * MS, 3);
        stop(1, 5 * MS, 3, Stop.END);
        Finding f = only(analysis.finish(), "idle-p");
        assertThat(f.from()).isEqualTo(10_000);
        assertThat(f.to()).isEqualTo(4_000_000);
        assertThat(f.severity()).isEqualTo(Severity.HIGH);
    }

    @Test
    void the_start_of_a_program_is_no_idle_p() {
        create(-1, 0, 1, worker);
        start(0, 100 * MS, 1);
        stop(0, 101 * MS, 1, Stop.END);
        Report r = analysis.finish();
        assertThat(rules(r)).containsExactly("runnable");
        assertThat(only(r, "runnable").severity()).isEqualTo(Severity.LOW);
        assertThat(only(r, "runnable").cause()).contains("starting up");
    }

    @Test
    void one_p_with_much_more_to_do() {
        for (int i = 2; i < 10; i++) {
            create(0, 0, i, worker);
        }
        long t = 1;
        for (int round = 0; round < 40; round++) {
            for (int g = 2; g < 10; g++) {
                start(0, t, g);
                t += 100;
                stop(0, t, g, Stop.PREEMPT);
            }
        }
        Finding f = only(analysis.finish(), "imbalance");
        assertThat(f.p()).isZero();
        assertThat(f.evidence()).contains("the other Ps 0.0 % on average");
    }

    @Test
    void two_ps_with_the_same_to_do_are_in_balance() {
        for (int i = 2; i < 10; i++) {
            create(i % 2, 0, i, worker);
        }
        long t = 1;
        for (int round = 0; round < 40; round++) {
            for (int g = 2; g < 10; g += 2) {
                start(0, t, g);
                start(1, t, g + 1);
                t += 100;
                stop(0, t, g, Stop.PREEMPT);
                stop(1, t, g + 1, Stop.PREEMPT);
            }
        }
        assertThat(rules(analysis.finish())).doesNotContain("imbalance");
    }

    private void yields(int n, long run) {
        create(0, 0, 2, worker);
        long t = 1;
        for (int i = 0; i < n; i++) {
            start(0, t, 2);
            t += run;
            stop(0, t, 2, Stop.YIELD);
        }
        start(0, t, 2);
        block(0, t + 1, 2);
    }

    @Test
    void yielding_again_and_again() {
        yields(1500, 2);
        Finding f = only(analysis.finish(), "yield-spin");
        assertThat(f.title()).isEqualTo("Goroutine 2 yielded 1500 times in a row, for 3.00ms");
    }

    @Test
    void computing_with_yields_in_between_is_polite() {
        yields(1500, 300);
        assertThat(rules(analysis.finish())).doesNotContain("yield-spin");
    }

    private void growing(int live, boolean ends) {
        long t = 0;
        for (int g = 2; g < live + 2; g++) {
            create(0, t, g, worker);
            start(0, t + 1, g);
            if (ends) {
                stop(0, t + 10, g, Stop.END);
            } else {
                block(0, t + 10, g);
            }
            t += MS;
        }
    }

    @Test
    void ever_more_goroutines() {
        growing(400, false);
        Report r = analysis.finish();
        Finding f = only(r, "growth");
        assertThat(f.title()).contains("400 live at the end, started at App.work(App.java:7)");
        assertThat(f.evidence())
                .contains("most of their time goes into: chan receive at App.read(App.java:20)");
        assertThat(r.left()).isEqualTo(400);
    }

    @Test
    @Timeout(60)
    void a_jump_in_time_is_no_reason_to_count_for_long() {
        GrowthRule rule = new GrowthRule(new Sites());
        for (long now : new long[] {0, 1L << 60, Long.MAX_VALUE - 1, Long.MAX_VALUE}) {
            rule.tick(now);
        }
        assertThat(rule.findings(analysis)).isEmpty();
    }

    @Test
    void goroutines_that_come_and_go_do_not_grow() {
        growing(400, true);
        Report r = analysis.finish();
        assertThat(rules(r)).doesNotContain("growth");
        assertThat(r.goroutines()).isEqualTo(400);
        assertThat(r.left()).isZero();
    }

    private void handOn(int p) {
        create(0, 0, 2, worker);
        start(0, 1, 2);
        create(0, 2, 3, worker);
        start(p, 3, 3);
        block(p, 4, 3);
        long t = 10;
        for (int i = 0; i < 1200; i++) {
            ready(0, t, 3);
            start(p, t + 5, 3);
            block(p, t + 7, 3);
            t += 10;
        }
        stop(0, t, 2, Stop.END);
    }

    @Test
    void wake_ups_that_go_to_another_p() {
        handOn(1);
        Finding f = only(analysis.finish(), "ping");
        assertThat(f.count()).isBetween(1200L, 1201L);
        assertThat(f.severity()).isEqualTo(Severity.MEDIUM);
    }

    @Test
    void wake_ups_on_the_same_p_are_none() {
        handOn(0);
        assertThat(rules(analysis.finish())).doesNotContain("ping");
    }

    @Test
    void lost_events_are_said() {
        create(0, 0, 2, worker);
        start(0, 1, 2);
        stop(0, 50, 2, Stop.LOST);
        analysis.dropped(0, 50_000, 77);
        Report r = analysis.finish();
        assertThat(only(r, "lost-events").title()).contains("77");
        assertThat(r.dropped()).isEqualTo(77);
        assertThat(r.gaps()).isEqualTo(1);
    }

    @Test
    void who_was_runnable_when_events_were_lost_is_not_said_to_have_stood_for_long() {
        create(0, 0, 2, worker);
        start(0, 1, 2);
        create(0, 2, 3, worker);
        create(0, 2, 4, worker);
        analysis.dropped(0, 10_000, 9);
        block(0, 40, 2);
        ready(-1, 900 * MS, 2);
        start(0, 900 * MS + 1, 2);
        start(1, 900 * MS + 1, 4);
        block(0, 900 * MS + 2, 2);
        Report r = analysis.finish();
        assertThat(rules(r)).containsExactly("lost-events");
        assertThat(r.longest()).isEqualTo(1000);
    }

    @Test
    void time_blocked_and_on_what_also_of_those_that_still_wait() {
        analysis.appear(-1, 0, 9, State.WAITING);
        create(0, 0, 2, worker);
        start(0, 1, 2);
        block(0, 2, 2);
        ready(-1, 1002, 2);
        start(0, 1003, 2);
        block(0, 1004, 2);
        ready(-1, 2004, 9);
        Report r = analysis.finish();
        Report.Site site =
                r.sites().stream()
                        .filter(s -> s.name().startsWith("App.work"))
                        .findFirst()
                        .orElseThrow();
        assertThat(site.waited()).isEqualTo(2_000_000);
        assertThat(site.waits())
                .containsExactly(
                        new Report.Wait("chan receive", "App.read(App.java:20)", 2, 2_000_000));
        assertThat(site.ran()).isEqualTo(2_000);
        assertThat(site.ready()).isEqualTo(2_000);
    }

    @Test
    void who_was_there_before_is_known_by_what_it_was_started_with() {
        analysis.appear(0, 0, 2, State.RUNNING);
        block(0, 30, 2);
        Report r = analysis.finish();
        assertThat(r.sites())
                .extracting(Report.Site::name)
                .containsExactly("App.lambda(App.java:7), started before the trace");
        assertThat(r.sites().getFirst().ran()).isEqualTo(30_000);
    }

    /** Whatever comes: after lost events anything may follow anything. */
    @Test
    void events_in_a_wrong_order_are_borne() {
        Random random = new Random(42);
        long t = 0;
        for (int i = 0; i < 20_000; i++) {
            int p = random.nextInt(4) - 1;
            long g = 1 + random.nextInt(6);
            t += random.nextInt(40) - 10;
            switch (random.nextInt(9)) {
                case 0 -> create(p, t, g, worker);
                case 1, 2 -> start(p, t, g);
                case 3 -> ready(p, t, g);
                case 4 -> block(p, t, g);
                case 5 -> stop(p, t, g, Stop.values()[random.nextInt(5)]);
                case 6 -> analysis.blocked(p, t * 1000 - 5000, t * 1000, receive);
                case 7 -> analysis.blockedEnd(p, t * 1000);
                default -> analysis.proc(p, t * 1000, random.nextBoolean());
            }
        }
        Report r = analysis.finish();
        for (Report.P p : r.ps()) {
            assertThat(p.ran() + p.held()).as("on P%s", p.id()).isBetween(0L, r.duration());
        }
        assertThat(r.left()).isBetween(0L, 6L);
    }

    @Test
    void an_empty_trace_has_no_findings() {
        Report r = analysis.finish();
        assertThat(r.findings()).isEmpty();
        assertThat(r.p99()).isZero();
    }

    @Test
    void quantiles_are_within_a_sixteenth() {
        Latency l = new Latency();
        for (int i = 1; i <= 100_000; i++) {
            l.add(i);
        }
        assertThat(l.quantile(.5)).isBetween(50_000L, 53_200L);
        assertThat(l.quantile(.99)).isBetween(99_000L, 100_000L);
        assertThat(l.max()).isEqualTo(100_000);
    }
}
