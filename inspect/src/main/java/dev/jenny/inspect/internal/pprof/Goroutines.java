package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.jfr.JfrClock;
import dev.jenny.internal.sched.Probe;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedThread;
import org.jspecify.annotations.Nullable;

/**
 * Which goroutine a recorded thread was, and which labels it had at the time of a sample. It begins
 * when it is made, before the recording, and ends when it is closed, after it.
 *
 * <p>Labels are told by those who change them. Numbers are looked for several times while something
 * is recorded: a goroutine that lives for less than the time between two looks may stay unknown.
 * With very many goroutines it looks only at the beginning and the end.
 *
 * <p>For one thread.
 */
final class Goroutines implements AutoCloseable {
    private static final long MANY = 20_000;

    /** Beyond so many no more are remembered. */
    private static final int MAX = 200_000;

    /** So many changes of labels are remembered; one takes about 50 bytes. */
    private static final int MAX_CHANGES = 1 << 20;

    private static final long LOOK_MILLIS = 250;

    private final boolean ids;
    private final Map<Long, Long> idByThread = new HashMap<>();
    private final LabelHistory history = new LabelHistory(MAX_CHANGES);
    private final JfrClock clock = new JfrClock();

    /** {@code ids}: whether samples are to be told apart by goroutine. */
    Goroutines(boolean ids) {
        this.ids = ids;
    }

    @Override
    public void close() {
        history.close();
    }

    private void look() {
        if (ids) {
            Probe.goroutines(g -> {
                if (idByThread.size() < MAX) {
                    idByThread.put(g.thread().threadId(), g.id());
                }
            });
        }
    }

    /** Whether a look is cheap. */
    static boolean areFew() {
        return Probe.scheduler().goroutines() < MANY;
    }

    /** Waits for {@code nanos} and looks now and then. */
    void watch(long nanos) throws InterruptedException {
        long end = System.nanoTime() + nanos;
        look();
        for (long left = nanos; left > 0; left = end - System.nanoTime()) {
            Thread.sleep(Math.min(LOOK_MILLIS, left / 1_000_000 + 1));
            history.fetch();
            if (areFew()) {
                look();
            }
        }
        look();
    }

    /** The recording has ended: fetches what has happened until then. */
    void ended() {
        history.fetch();
    }

    /** Takes note of {@code e} if it tells the time; before any labels are asked for. */
    void accept(RecordedEvent e) {
        clock.accept(e);
    }

    /** The labels of a sample of {@code thread} at {@code time}. */
    Map<String, String> labels(@Nullable RecordedThread thread, Instant time) {
        if (thread == null) {
            return Map.of();
        }
        if (!thread.isVirtual()) {
            String name = thread.getJavaName();
            return name == null ? Map.of() : Map.of("thread", name);
        }
        long id = thread.getJavaThreadId();
        Map<String, String> known = clock.isSet() ? history.at(id, clock.nanoTime(time)) : Map.of();
        Long number = idByThread.get(id);
        if (number == null) {
            return known;
        }
        Map<String, String> labels = new HashMap<>(known);
        labels.put("goroutine", Long.toString(number));
        return labels;
    }

    /** Says in {@code profile} what is missing. */
    void comment(Profile profile) {
        if (idByThread.size() == MAX) {
            profile.comment("too many goroutines: the numbers of some are not known");
        }
        if (history.unknown() > 0) {
            profile.comment(unknown(history.unknown()));
        }
    }

    /** What is to be said if the labels of so many samples are not known. */
    static String unknown(long samples) {
        return "labels changed too often to remember: "
                + samples
                + " samples are without those that they may have had";
    }
}
