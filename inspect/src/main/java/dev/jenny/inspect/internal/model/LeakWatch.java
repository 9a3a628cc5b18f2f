package dev.jenny.inspect.internal.model;

import dev.jenny.inspect.internal.Failures;
import dev.jenny.inspect.internal.Threads;
import dev.jenny.internal.sched.G;
import dev.jenny.internal.sched.Loose;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.GView;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The mode {@code jenny.leaks=reclaim} (a system property, or the variable {@code JENNY_LEAKS}):
 * goroutines that have been parked for a while are never held firmly, so that every garbage
 * collection of the program's own frees those that are leaked, and this class reports them.
 *
 * <p>It walks the goroutines every 5 s, or more rarely, so that it takes no more than 2 % of one
 * CPU. Dumps no longer show goroutines that nothing can wake, once they have been collected.
 */
public final class LeakWatch {
    private static final long PASS_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long PARKED_FOR = TimeUnit.SECONDS.toNanos(1);
    private static final long SETTLE_MILLIS = 200;
    private static final int SHARE = 50;

    private static final AtomicReference<@Nullable LeakWatch> CURRENT = new AtomicReference<>();

    private final ReferenceQueue<G> queue = new ReferenceQueue<>();
    private final Consumer<LeakReport> listener;
    private final long passNanos;
    private final Thread thread = Threads.daemon("jenny-leaks", this::loop);
    private LeakNote.Book book = new LeakNote.Book();

    private LeakWatch(Consumer<LeakReport> listener, long passNanos) {
        this.listener = listener;
        this.passNanos = passNanos;
    }

    /** True if the program was started with {@code jenny.leaks=reclaim} or {@code JENNY_LEAKS}. */
    public static boolean isAskedFor() {
        String value = System.getProperty("jenny.leaks", System.getenv("JENNY_LEAKS"));
        if (value == null || value.isBlank()) {
            return false;
        }
        if (!value.strip().equals("reclaim")) {
            System.err.println(
                    "jenny: jenny.leaks '" + value + "' ignored; the only mode is 'reclaim'");
            return false;
        }
        return true;
    }

    /**
     * Begins to watch, once.
     *
     * @param listener gets what was leaked, after each collection that found something; on the
     *     watch's own thread
     * @throws IllegalStateException if leaks cannot be proven in this JVM; the message says why
     */
    public static void start(Consumer<LeakReport> listener) {
        start(listener, PASS_NANOS);
    }

    static void start(Consumer<LeakReport> listener, long passNanos) {
        String whyNot = LeakFinder.whyNot();
        if (whyNot != null) {
            throw new IllegalStateException(whyNot);
        }
        LeakWatch w = new LeakWatch(listener, passNanos);
        if (CURRENT.compareAndSet(null, w)) {
            w.thread.start();
        }
    }

    /** Ends the watch, if there is one. All goroutines are held firmly again. */
    public static void stop() {
        LeakWatch w = CURRENT.get();
        if (w != null) {
            w.thread.interrupt();
        }
        boolean interrupted = false;
        while (CURRENT.get() == w && w != null) {
            try {
                w.thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void loop() {
        try {
            for (; ; ) {
                try {
                    round();
                } catch (RuntimeException | Error e) {
                    // what has been made loose must be watched: one that was leaked would vanish
                    // uncounted
                    Failures.tell("watching for leaks, which goes on", e);
                    Thread.sleep(TimeUnit.NANOSECONDS.toMillis(passNanos) + 1);
                }
            }
        } catch (InterruptedException e) {
            LeakFinder.exclusively(() -> Probe.tightenAll(true));
            CURRENT.set(null);
        }
    }

    private void round() throws InterruptedException {
        long before = Probe.now();
        pass();
        long wait = Math.max(passNanos, (Probe.now() - before) * SHARE);
        for (long end = Probe.now() + wait, left; (left = end - Probe.now()) > 0; ) {
            Reference<? extends G> first =
                    queue.remove(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
            if (first != null) {
                collected(first);
            }
        }
    }

    private void pass() {
        book = book.next();
        LeakFinder.exclusively(() -> Probe.loosen(this::choose, queue));
    }

    /** A note is made when a goroutine has been parked for a while, and stands while it is. */
    private @Nullable Object choose(GView g, @Nullable Object before) {
        if (before instanceof LeakNote n && n.describes(g)) {
            book.keep(n);
            return before;
        }
        boolean parked = g.since() == 0 || g.waited() >= Math.min(PARKED_FOR, passNanos);
        return parked ? book.note(g) : null;
    }

    /** The collector clears many at a time: waits for the rest. */
    private void collected(Reference<? extends G> first) throws InterruptedException {
        long now = Probe.now();
        List<LeakNote> leaked = new ArrayList<>();
        long checked = 0;
        for (Reference<? extends G> r = first; r != null; r = queue.remove(SETTLE_MILLIS)) {
            checked++;
            if (r instanceof Loose l && Probe.reap(l) && l.note() instanceof LeakNote n) {
                leaked.add(n);
            }
        }
        if (!leaked.isEmpty()) {
            List<Leak> leaks = LeakNote.Book.leaks(leaked, now);
            List<GoroutineInfo> each = LeakNote.Book.goroutines(leaked, now);
            LeakReport report = new LeakReport(leaks, each, leaked.size(), checked, 0, 0, 0);
            LeakHistory.add(report);
            listener.accept(report);
        }
    }
}
