package dev.jenny.inspect.internal.issue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.inspect.internal.issue.Observation.Held;
import dev.jenny.inspect.internal.issue.Observation.Yielding;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.model.GoroutineGroup;
import dev.jenny.inspect.internal.model.Groups;
import dev.jenny.inspect.internal.model.Issue;
import dev.jenny.inspect.internal.model.Leak;
import dev.jenny.inspect.internal.model.ObjectDetail;
import dev.jenny.inspect.internal.model.ObjectInfo;
import dev.jenny.inspect.internal.model.WaitGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RulesTest {
    private static final long MS = 1_000_000;
    private static final long S = 1_000 * MS;
    private static final Frame SITE = new Frame("com.acme.Main.start", "Main.java", 12);
    private static final List<Frame> STACK =
            List.of(
                    new Frame("java.util.ArrayList.sort", "ArrayList.java", 1),
                    new Frame("com.acme.Worker.run", "Worker.java", 7));

    private static Observation quiet() {
        return seen(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
    }

    private static Observation seen(
            List<GoroutineGroup> groups,
            List<ObjectDetail> objects,
            List<WaitGraph.Cycle> cycles,
            List<Held> held,
            List<Yielding> yielding,
            List<Leak> leaks) {
        long n = groups.stream().mapToLong(GoroutineGroup::count).sum();
        return new Observation(
                0,
                new Groups(groups, n, n, 0, 0, 0),
                objects,
                cycles,
                held,
                yielding,
                leaks,
                List.of());
    }

    private static Observation held(Held h) {
        return seen(List.of(), List.of(), List.of(), List.of(h), List.of(), List.of());
    }

    private static Observation count(long n) {
        GoroutineGroup g =
                new GoroutineGroup(
                        "k",
                        n,
                        "waiting",
                        "chan send",
                        "chan",
                        SITE,
                        Map.of(),
                        5 * S,
                        S,
                        n * S,
                        List.of(7L),
                        1,
                        List.of(new GoroutineGroup.Place(STACK, Map.of(), 1)));
        return seen(List.of(g), List.of(), List.of(), List.of(), List.of(), List.of());
    }

    private static Observation object(ObjectDetail d) {
        return seen(List.of(), List.of(d), List.of(), List.of(), List.of(), List.of());
    }

    private static ObjectDetail chan(
            String kind, int len, int cap, boolean closed, int senders, long oldest, String op) {
        return new ObjectDetail(
                new ObjectInfo(kind, 5, kind + "#5"),
                len,
                cap,
                0,
                closed,
                0,
                senders,
                senders,
                List.of(),
                oldest,
                List.of(new ObjectDetail.Waiting(17, op)));
    }

    @Test
    void nothing_is_found_in_a_quiet_program() {
        for (Rule r : Rules.all(new Rules.LeakRule())) {
            for (int i = 0; i < 20; i++) {
                assertThat(r.look(quiet())).isEmpty();
            }
        }
    }

    @Test
    void hog_and_pinned() {
        Rule r = new Rules.HeldUpRule();
        Issue hog = r.look(held(new Held(17, SITE, 1, true, 250 * MS, false, 9, STACK))).getFirst();
        assertThat(hog.rule()).isEqualTo("hog");
        assertThat(hog.title())
                .isEqualTo(
                        "A goroutine computed for 250ms without a pause, at"
                                + " com.acme.Worker.run(Worker.java:7)");
        assertThat(hog.evidence())
                .containsEntry("at", "com.acme.Worker.run(Worker.java:7)")
                .containsEntry("held", "P 1 for 250ms")
                .containsEntry("behind it", "9 goroutines in run queues");
        assertThat(hog.goroutines()).containsExactly(17L);
        assertThat(hog.fix()).contains("gosched");
        assertThat(hog.link()).isEqualTo("#/goroutine?id=17");
        Issue over = r.look(held(new Held(17, SITE, 1, true, 900 * MS, true, 9, STACK))).getFirst();
        assertThat(over.key()).as("the same finding").isEqualTo(hog.key());
        Issue pinned =
                r.look(held(new Held(17, null, 0, false, 30 * MS, false, 0, List.of()))).getFirst();
        assertThat(pinned.rule()).isEqualTo("pinned");
        assertThat(pinned.title()).contains("blocked its thread for 30.0ms, at (no go statement)");
    }

    @Test
    void the_place_is_the_programs_own() {
        Rule r = new Rules.HeldUpRule();
        List<Frame> stack =
                List.of(
                        new Frame("jdk.internal.misc.Unsafe.park", "Unsafe.java", 1),
                        new Frame("dev.jenny.Go.gosched", "Go.java", 77),
                        new Frame("com.acme.Worker.run", "Worker.java", 7));
        Issue i = r.look(held(new Held(1, SITE, 1, false, 30 * MS, false, 1, stack))).getFirst();
        assertThat(i.title())
                .isEqualTo(
                        "A goroutine blocked its thread for 30.0ms, at"
                                + " com.acme.Worker.run(Worker.java:7)");
        assertThat(i.evidence())
                .containsEntry("goroutine", "1, main")
                .containsEntry("at", "com.acme.Worker.run(Worker.java:7)")
                .containsEntry("behind it", "1 goroutine in run queues");
    }

    @Test
    void growth_of_a_spawn_site() {
        Rule r = new Rules.GrowthRule();
        for (int i = 0; i < 9; i++) {
            assertThat(r.look(count(100 + 20 * i))).isEmpty();
        }
        Issue i = r.look(count(300)).getFirst();
        assertThat(i.rule()).isEqualTo("growth");
        assertThat(i.title()).endsWith("created at Main.java:12");
        assertThat(i.evidence()).containsEntry("most of them", "300 [chan send]");
        assertThat(i.link()).isEqualTo("#/goroutines?q=site%3A%22Main.java%3A12%22");
        assertThat(r.look(count(290))).as("it shrinks").isEmpty();
    }

    @Test
    void no_growth_where_there_is_none() {
        Rule steady = new Rules.GrowthRule();
        Rule small = new Rules.GrowthRule();
        Rule once = new Rules.GrowthRule();
        Rule wave = new Rules.GrowthRule();
        for (int i = 0; i < 40; i++) {
            assertThat(steady.look(count(1_000_000))).isEmpty();
            assertThat(small.look(count(i))).isEmpty();
            assertThat(once.look(count(i < 5 ? 100 : 5000))).isEmpty();
            assertThat(wave.look(count(1000 + 500 * (i % 5)))).isEmpty();
        }
    }

    @Test
    void a_full_channel() {
        Rule r = new Rules.SlowReceiverRule();
        Observation full = object(chan("chan", 16, 16, false, 3, S, "chan send"));
        assertThat(r.look(full)).isEmpty();
        assertThat(r.look(full)).isEmpty();
        Issue i = r.look(full).getFirst();
        assertThat(i.rule()).isEqualTo("slow-receiver");
        assertThat(i.title()).startsWith("chan#5 is full");
        assertThat(i.evidence()).containsEntry("blocked senders", "3");
        assertThat(i.link()).isEqualTo("#/channels?sel=o5");
        assertThat(r.look(object(chan("chan", 15, 16, false, 0, 0, "chan send")))).isEmpty();
        assertThat(r.look(full)).as("counted anew").isEmpty();
        Rule other = new Rules.SlowReceiverRule();
        for (int k = 0; k < 10; k++) {
            assertThat(other.look(object(chan("chan", 0, 0, false, 3, S, "chan send")))).isEmpty();
            assertThat(other.look(object(chan("sync.Semaphore", 2, 2, false, 0, S, "semacquire"))))
                    .isEmpty();
        }
    }

    @Test
    void a_lost_timer() {
        Rule r = new Rules.LostTimerRule();
        Issue i = r.look(object(chan("timer", 0, 0, true, 0, 2 * S, "chan receive"))).getFirst();
        assertThat(i.rule()).isEqualTo("lost-timer");
        assertThat(i.goroutines()).containsExactly(17L);
        assertThat(r.look(object(chan("timer", 0, 0, false, 0, 2 * S, "chan receive")))).isEmpty();
        assertThat(r.look(object(chan("timer", 0, 0, true, 0, MS, "chan receive")))).isEmpty();
        assertThat(r.look(object(chan("timer", 0, 0, true, 0, 2 * S, "select")))).isEmpty();
        assertThat(r.look(object(chan("chan", 0, 0, true, 0, 2 * S, "chan receive")))).isEmpty();
    }

    @Test
    void yield_spin() {
        Rule r = new Rules.YieldSpinRule();
        Observation o =
                seen(
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(
                                new Yielding(17, SITE, STACK.get(1)),
                                new Yielding(18, SITE, STACK.get(1))),
                        List.of());
        assertThat(r.look(o)).isEmpty();
        assertThat(r.look(o)).isEmpty();
        assertThat(r.look(o)).isEmpty();
        Issue i = r.look(o).getFirst();
        assertThat(i.rule()).isEqualTo("yield-spin");
        assertThat(i.goroutines()).containsExactly(17L, 18L);
        assertThat(i.link()).isEqualTo("#/goroutines?q=id%3A17+or+id%3A18");
        assertThat(r.look(quiet())).isEmpty();
        assertThat(r.look(o)).as("counted anew").isEmpty();
    }

    private static Observation leaked(long n) {
        Leak l = new Leak(n, "chan send", "chan", SITE, Map.of(), 9 * S, List.of(17L), STACK, 17);
        return seen(List.of(), List.of(), List.of(), List.of(), List.of(), List.of(l));
    }

    @Test
    void a_leak() {
        Issue i = new Rules.LeakRule().look(leaked(12)).getFirst();
        assertThat(i.severity()).isEqualTo(Issue.Severity.ERROR);
        assertThat(i.title())
                .isEqualTo("12 goroutines were leaked at com.acme.Worker.run(Worker.java:7)");
        assertThat(i.link()).isEqualTo("#/leaks");
    }

    @Test
    void leaks_that_are_found_one_after_the_other_add_up() {
        Rule r = new Rules.LeakRule();
        Issue one = r.look(leaked(1)).getFirst();
        assertThat(one.title()).startsWith("1 goroutine was leaked at ");
        assertThat(one.evidence())
                .containsEntry("leaked", "1 goroutine, proven by the garbage collector");
        Issue all = r.look(leaked(12)).getFirst();
        assertThat(all.key()).isEqualTo(one.key());
        assertThat(all.title()).startsWith("13 goroutines were leaked at ");
        assertThat(all.evidence()).containsEntry("of these found last", "12 goroutines");
    }

    @Test
    void a_lock_cycle() {
        WaitGraph.Cycle c =
                new WaitGraph.Cycle(
                        List.of("g2", "o1", "g1", "o2"),
                        List.of(2L, 1L),
                        "a\nb\n",
                        "",
                        true,
                        false);
        Issue i =
                new Rules.LockCycleRule()
                        .look(
                                seen(
                                        List.of(),
                                        List.of(),
                                        List.of(c),
                                        List.of(),
                                        List.of(),
                                        List.of()))
                        .getFirst();
        assertThat(i.key()).isEqualTo("lock-cycle|[1, 2]");
        assertThat(i.cause()).endsWith("None of them can ever go on.");
        assertThat(i.title()).isEqualTo("Partial deadlock: 2 goroutines wait for each other");
        assertThat(titleOf(List.of(1L), "a\nthread\n"))
                .isEqualTo("Partial deadlock: 1 goroutine and 1 thread wait for each other");
        assertThat(titleOf(List.of(1L, 2L), "a\nthread\nb\nthread\n"))
                .isEqualTo("Partial deadlock: 2 goroutines and 2 threads wait for each other");
        assertThat(titleOf(List.of(1L), "a\n")).isEqualTo("Deadlock: a goroutine waits for itself");
        assertThat(i.evidence()).containsEntry("step 2", "b");
    }

    private static String titleOf(List<Long> goroutines, String text) {
        WaitGraph.Cycle c = new WaitGraph.Cycle(List.of(), goroutines, text, "", true, false);
        return new Rules.LockCycleRule()
                .look(seen(List.of(), List.of(), List.of(c), List.of(), List.of(), List.of()))
                .getFirst()
                .title();
    }

    @Test
    void the_book_merges_sorts_and_forgets() {
        IssueBook book = new IssueBook();
        Issue warning =
                new Rules.HeldUpRule()
                        .look(held(new Held(1, SITE, 0, true, S, true, 0, STACK)))
                        .getFirst();
        Leak l = new Leak(1, "select", "select", SITE, Map.of(), S, List.of(2L), STACK, 2);
        Issue error =
                new Rules.LeakRule()
                        .look(
                                seen(
                                        List.of(),
                                        List.of(),
                                        List.of(),
                                        List.of(),
                                        List.of(),
                                        List.of(l)))
                        .getFirst();
        assertThat(book.enter(List.of(warning, error), S)).hasSize(2);
        assertThat(book.enter(List.of(warning), 2 * S)).isEmpty();
        assertThat(book.list()).extracting(Issue::rule).containsExactly("leak", "hog");
        assertThat(book.list().getLast().count()).isEqualTo(2);
        assertThat(book.list().getLast().firstNanos()).isEqualTo(S);
        assertThat(book.list().getLast().lastNanos()).isEqualTo(2 * S);
        book.enter(List.of(), 1000 * S);
        assertThat(book.list()).extracting(Issue::rule).containsExactly("leak");
        assertThat(book.list().getFirst().resolved()).as("it has happened").isFalse();
        book.enter(List.of(), 3000 * S);
        assertThat(book.list()).isEmpty();
    }

    @Test
    void the_book_says_what_is_resolved() {
        IssueBook book = new IssueBook();
        WaitGraph.Cycle c =
                new WaitGraph.Cycle(
                        List.of("g2", "g1"), List.of(2L, 1L), "a\nb\n", "", true, false);
        List<Issue> cycle =
                new Rules.LockCycleRule()
                        .look(
                                seen(
                                        List.of(),
                                        List.of(),
                                        List.of(c),
                                        List.of(),
                                        List.of(),
                                        List.of()));
        book.enter(cycle, S);
        book.enter(List.of(), 2 * S);
        assertThat(book.list().getFirst().resolved()).as("one look may be wrong").isFalse();
        book.enter(List.of(), 10 * S);
        assertThat(book.list().getFirst().resolved()).isTrue();
        assertThat(book.list().getFirst().lastNanos()).isEqualTo(S);
        book.enter(cycle, 11 * S);
        assertThat(book.list().getFirst().resolved()).as("it is there again").isFalse();
        book.enter(List.of(), 2000 * S);
        assertThat(book.list()).isEmpty();
    }

    @Test
    void a_book_that_is_full_of_warnings_takes_an_error() {
        IssueBook book = new IssueBook();
        List<Issue> warnings = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            warnings.add(issue("w" + i, Issue.Severity.WARNING));
        }
        book.enter(warnings, S);
        assertThat(book.enter(List.of(issue("one more", Issue.Severity.WARNING)), 2 * S)).isEmpty();
        assertThat(book.enter(List.of(issue("bad", Issue.Severity.ERROR)), 2 * S)).hasSize(1);
        assertThat(book.list()).hasSize(1_000);
        assertThat(book.list().getFirst().key()).isEqualTo("bad");
    }

    private static Issue issue(String key, Issue.Severity severity) {
        return new Issue(
                key, "growth", severity, "", "", "", Map.of(), List.of(), "", 0, 0, false, 0);
    }
}
