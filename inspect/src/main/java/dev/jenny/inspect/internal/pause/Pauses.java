package dev.jenny.inspect.internal.pause;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The pauses of the past, for whoever shows what lies in the scheduler's rings. While somebody
 * keeps them, the collector's are those that the beans tell, which costs nothing; while somebody
 * watches, all are known exactly. Any thread may call.
 */
public final class Pauses {
    /** So far may the beans' times be from the true ones, their clock being in milliseconds. */
    private static final long ROUGH = TimeUnit.MILLISECONDS.toNanos(5);

    private static final int SPANS = 100;

    /** A time of which all pauses are known exactly. */
    record Span(long from, long to) {
        boolean has(long t) {
            return t >= from && t <= to;
        }
    }

    /** Has the collector's pauses kept until it is closed. */
    public static final class Keeper implements AutoCloseable {
        private final AtomicBoolean open = new AtomicBoolean(true);

        private Keeper() {}

        @Override
        public void close() {
            if (open.compareAndSet(true, false)) {
                release();
            }
        }
    }

    private static int keepers; // guarded by the class, and so are the others
    private static @Nullable BeanPauses beans;
    private static @Nullable PauseStream stream;
    private static final ArrayDeque<Pause> EXACT = new ArrayDeque<>();
    private static final ArrayDeque<Span> SPANS_KNOWN = new ArrayDeque<>();
    private static boolean spanOpen; // the last of these goes on

    private Pauses() {}

    /** Keeps the collector's pauses from now on. */
    public static synchronized Keeper keep() {
        Keeper keeper = new Keeper();
        if (keepers == 0) {
            beans = new BeanPauses();
        }
        keepers++; // last: there may be no memory for the others
        return keeper;
    }

    private static synchronized void release() {
        BeanPauses b = beans;
        if (--keepers == 0 && b != null) {
            b.close();
            beans = null;
        }
    }

    /** Somebody watches: keeps all pauses, exactly, up to two seconds after they were. */
    public static synchronized void watch() {
        if (stream == null) {
            spanOpen = false;
            stream = PauseStream.start(Pauses::told);
        }
    }

    /** Nobody does. */
    public static void unwatch() {
        PauseStream s;
        synchronized (Pauses.class) {
            s = stream;
            stream = null;
        }
        if (s != null) {
            s.close(); // without the lock, which its thread takes to tell
        }
    }

    static synchronized void told(PauseStream by, List<Pause> pauses, long to) {
        if (stream != by) {
            return; // one that is closed may still be telling
        }
        for (Pause p : pauses) {
            if (EXACT.size() == BeanPauses.MOST) {
                EXACT.removeFirst();
            }
            EXACT.addLast(p);
        }
        long from = pauses.isEmpty() ? to : Math.min(to, pauses.getFirst().begin());
        if (spanOpen) {
            from = SPANS_KNOWN.removeLast().from;
        } else if (SPANS_KNOWN.size() == SPANS) {
            SPANS_KNOWN.removeFirst();
        }
        spanOpen = true;
        SPANS_KNOWN.addLast(new Span(from, to));
    }

    /** The last pauses, in order. */
    public static synchronized List<Pause> seen() {
        BeanPauses b = beans;
        return merge(List.copyOf(EXACT), SPANS_KNOWN, b == null ? List.of() : b.seen());
    }

    /** Pauses for other things than collections that began after {@code t}, in order. */
    public static synchronized List<Pause> others(long t) {
        return EXACT.stream().filter(p -> !p.collects() && p.begin() - t > 0).toList();
    }

    /** Those of {@code exact}, and of {@code rough} what lies outside of {@code spans}. */
    static List<Pause> merge(List<Pause> exact, Iterable<Span> spans, List<Pause> rough) {
        List<Pause> all = new ArrayList<>(exact);
        for (Pause r : rough) {
            if (!isKnown(r, spans) && exact.stream().noneMatch(e -> isSame(e, r))) {
                all.add(r);
            }
        }
        all.sort(Comparator.comparingLong(Pause::begin));
        return all;
    }

    /**
     * Removes from {@code exact} what has been told: one for each of {@code rough}, the closest.
     */
    static void removeTold(List<Pause> exact, Collection<Pause> rough) {
        for (Pause r : rough) {
            exact.stream()
                    .filter(e -> isSame(e, r))
                    .min(Comparator.comparingLong(e -> Math.abs(e.begin() - r.begin())))
                    .ifPresent(exact::remove);
        }
    }

    private static boolean isKnown(Pause r, Iterable<Span> spans) {
        for (Span s : spans) {
            if (s.has(r.begin()) && s.has(r.end())) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSame(Pause exact, Pause rough) {
        return exact.collects()
                && exact.begin() - rough.end() < ROUGH
                && rough.begin() - exact.end() < ROUGH;
    }
}
