package dev.jenny.testing;

import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.Task;
import dev.jenny.inspect.internal.model.GoroutineInfo;
import dev.jenny.inspect.internal.model.Leak;
import dev.jenny.inspect.internal.model.LeakReport;
import dev.jenny.inspect.internal.model.Listing;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.model.ObjectInfo;
import dev.jenny.inspect.internal.model.Query;
import dev.jenny.inspect.internal.model.WaitGraph;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Runtimes;
import dev.jenny.internal.sched.Timers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * One run of one test, or of a class for what is outside of its tests, and what belongs to it: the
 * goroutines with its name in the label {@link GoroutineExtension#LABEL}, their panics and their
 * leaks.
 *
 * <p>Invariants: a name has one open scope at most; whoever puts it into {@link #OPEN} owns it. A
 * panic is added by the goroutine that panics, before that counts as ended: when no goroutine is
 * left, all panics are there. Nothing here leads to a goroutine, or no leak would be found.
 */
final class TestScope {
    /** What it is of. */
    enum Kind {
        TEST,
        CLASS;

        /** Its name in reports. */
        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** An exception that has left a goroutine, with Go's report of it. */
    record Panic(Throwable exception, String report) {}

    /** What the goroutines do at a moment: the same twice means that none has moved. */
    record Picture(List<Wait> waits, boolean asleep) {
        /** What a goroutine is doing. */
        record Wait(long goroutine, String status, @Nullable ObjectInfo on) {}
    }

    /** Waits that end by themselves, or by what is not in this JVM. */
    private static final Set<String> NOT_ASLEEP = Set.of("sleep", "IO wait");

    private static final int MAX_LISTED = 1_000;

    private static final ConcurrentHashMap<String, TestScope> OPEN = new ConcurrentHashMap<>();

    private final Kind kind;
    private final String name;
    private final Settings settings;
    private final Query mine;
    private final Query mustEnd;
    private final Queue<Panic> panics = new ConcurrentLinkedQueue<>();
    private final Queue<LeakReport> leaks = new ConcurrentLinkedQueue<>();
    private volatile boolean dumped;
    private volatile boolean partlyDumped;

    private TestScope(Kind kind, String name, Settings settings) {
        this.kind = kind;
        this.name = name;
        this.settings = settings;
        this.mine = Query.label(GoroutineExtension.LABEL, name);
        List<String> prefixes = new ArrayList<>(settings.allowed());
        prefixes.add(TestMain.class.getName() + "."); // the test's own goroutine: its work is done
        this.mustEnd = mine.without(prefixes);
    }

    /**
     * A new scope, called {@code name} unless a test of that name is running, or has left
     * goroutines: this one does not answer for them.
     */
    static TestScope open(Kind kind, String name, Settings settings) {
        Runtimes.watchPanics(TestScope::panicked);
        for (int i = 1; ; i++) {
            TestScope s = new TestScope(kind, i == 1 ? name : name + "~" + i, settings);
            if (OPEN.putIfAbsent(s.name, s) == null) {
                if (s.goroutines(false).matched() == 0) {
                    return s;
                }
                s.close();
            }
        }
    }

    /** The test is over: what its goroutines do from now on is nobody's. */
    void close() {
        OPEN.remove(name, this);
    }

    private static boolean panicked(Goroutine g, Throwable e) {
        String test = Go.labels().get(GoroutineExtension.LABEL);
        TestScope s = test == null ? null : OPEN.get(test);
        if (s == null || s.settings.panics() == Strictness.IGNORE) {
            return false;
        }
        s.panics.add(new Panic(e, Runtimes.panicReport(e)));
        return true;
    }

    Kind kind() {
        return kind;
    }

    String name() {
        return name;
    }

    Settings settings() {
        return settings;
    }

    /** The test has failed with a dump of its goroutines; or a dynamic one, which is a part. */
    void dumped(boolean all) {
        partlyDumped = true;
        dumped |= all;
    }

    /** Whether there is no need to wait for the goroutines, what they do having been told. */
    boolean isDumped() {
        return dumped;
    }

    /** Whether some of the goroutines have been listed already. */
    boolean isPartlyDumped() {
        return partlyDumped;
    }

    /** Whether a panic has failed the test. */
    boolean isPanicked() {
        return settings.panics() == Strictness.FAIL && !panics.isEmpty();
    }

    /** The panics so far, each handed out once. */
    List<Panic> takePanics() {
        List<Panic> taken = new ArrayList<>();
        for (Panic p = panics.poll(); p != null; p = panics.poll()) {
            taken.add(p);
        }
        return taken;
    }

    /** Runs {@code task} so that the goroutines it starts are the test's. */
    void run(Task task) throws Exception {
        Go.withLabels(GoroutineExtension.LABEL, name, task);
    }

    /** The test's goroutines. */
    Listing goroutines(boolean stacks) {
        return Model.goroutines(mine, Model.Order.ID, MAX_LISTED, stacks);
    }

    /** Those of the test's goroutines that must end with it. */
    Listing mustEnd(boolean stacks) {
        return Model.goroutines(mustEnd, Model.Order.ID, MAX_LISTED, stacks);
    }

    /** What the test's goroutines, in {@code l}, do. */
    static Picture picture(Listing l) {
        List<Picture.Wait> waits = new ArrayList<>();
        boolean asleep = true;
        for (GoroutineInfo g : l.goroutines()) {
            waits.add(new Picture.Wait(g.id(), g.status(), g.object()));
            asleep &= !g.reason().isEmpty() && !NOT_ASLEEP.contains(g.reason());
        }
        return new Picture(waits, asleep);
    }

    /**
     * Searches for leaked goroutines among the test's, and remembers them; they are gone then.
     *
     * @return why it cannot be done; null if it was
     */
    @Nullable String searchLeaks() {
        try {
            LeakReport r = Model.leaks(GoroutineExtension.LABEL, name);
            if (r.total() > 0) {
                leaks.add(r);
            }
            return null;
        } catch (IllegalStateException e) {
            return e.getMessage();
        }
    }

    /** All leaks found so far, each handed out once; null if there are none. */
    @Nullable LeakReport takeLeaks() {
        List<Leak> all = new ArrayList<>();
        long total = 0;
        long checked = 0;
        int heldUp = 0;
        for (LeakReport r = leaks.poll(); r != null; r = leaks.poll()) {
            all.addAll(r.leaks());
            total += r.total();
            checked += r.checked();
            heldUp = Math.max(heldUp, r.psHeldUp());
        }
        return total == 0 ? null : new LeakReport(all, List.of(), total, checked, 0, 0, heldUp);
    }

    /**
     * Whether one of the test's goroutines may go on because its time is up. Our own waits with a
     * time limit have a timer, and whose it is nobody knows.
     */
    boolean mayTimeOut() {
        if (Timers.count() > 0) {
            return true;
        }
        boolean[] timed = new boolean[1];
        Probe.goroutines(g ->
                timed[0] |=
                        name.equals(g.labels().get(GoroutineExtension.LABEL))
                                && g.thread().getState() == Thread.State.TIMED_WAITING);
        return timed[0];
    }

    /** Circles of locks in which a goroutine of the test is. */
    List<WaitGraph.Cycle> cycles() {
        Set<Long> ids = new HashSet<>();
        goroutines(false).goroutines().forEach(g -> ids.add(g.id()));
        return Model.cycles().stream()
                .filter(c -> c.goroutines().stream().anyMatch(ids::contains))
                .toList();
    }
}
