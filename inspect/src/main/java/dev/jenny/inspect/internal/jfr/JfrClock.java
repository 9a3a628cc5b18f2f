package dev.jenny.inspect.internal.jfr;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.consumer.RecordedEvent;

/**
 * What {@link System#nanoTime} was at the time of an event of the JDK's flight recorder, which has
 * a clock of its own: often the CPU's counter, with a frequency that was measured at the JVM's
 * start and may be wrong by more than a goroutine's label lives in a minute. So now and then a
 * {@link Mark} is recorded that has both times, and between two of them the time is interpolated.
 *
 * <p>For one thread.
 */
public final class JfrClock {
    /** An event that bears the other clock's time. */
    @Name(Mark.NAME)
    @Label("Clock Mark")
    @Description("The time on System.nanoTime, for samples that are compared with it")
    @Category("Jenny")
    @StackTrace(false)
    @Enabled(false)
    public static final class Mark extends Event {
        /** The event's name. */
        public static final String NAME = "jenny.ClockMark";

        @Label("Nano Time")
        long nanoTime;
    }

    /** Between the readings of both clocks the thread may lose its CPU: then it tries again. */
    private static final long CLOSE_NANOS = 2_000;

    private static final int TRIES = 10;

    /**
     * Of marks that stand closer the first is taken. Each is a microsecond or two off, which
     * between two in a row would make the one clock seem to stand still, or to go backwards.
     */
    private static final Duration APART = Duration.ofMillis(100);

    /** So many marks are kept. */
    private static final int MAX = 10_000;

    static {
        FlightRecorder.addPeriodicEvent(Mark.class, JfrClock::mark);
    }

    private final NavigableMap<Instant, Long> marks = new TreeMap<>();

    /** Sets a mark now, if a recording wants them. Other than at a recording's period. */
    public static void mark() {
        Mark best = new Mark();
        long closest = Long.MAX_VALUE;
        for (int i = 0; i < TRIES && closest > CLOSE_NANOS; i++) {
            Mark m = new Mark();
            long before = System.nanoTime();
            m.begin();
            long after = System.nanoTime();
            if (after - before < closest) {
                closest = after - before;
                m.nanoTime = before + closest / 2;
                best = m;
            }
        }
        best.commit();
    }

    /** Takes note of {@code e}; false if it is no mark. */
    public boolean accept(RecordedEvent e) {
        if (!e.getEventType().getName().equals(Mark.NAME)) {
            return false;
        }
        mark(e.getStartTime(), e.getLong("nanoTime"));
        return true;
    }

    /** The two times of one mark, which may come in any order and more than once. */
    void mark(Instant t, long nanoTime) {
        if (!marks.subMap(t.minus(APART), t.plus(APART)).isEmpty()) {
            return;
        }
        marks.put(t, nanoTime);
        if (marks.size() > MAX) {
            marks.pollFirstEntry();
        }
    }

    /** Forgets the marks that no time after {@code t}, on {@link System#nanoTime}, needs. */
    public void forget(long t) {
        while (marks.size() > 2) {
            Map.Entry<Instant, Long> second = marks.higherEntry(marks.firstKey());
            Map.Entry<Instant, Long> third = marks.higherEntry(second.getKey());
            if (third.getValue() - t >= 0) {
                return;
            }
            marks.pollFirstEntry();
        }
    }

    /** Whether it has a mark yet. */
    public boolean isSet() {
        return !marks.isEmpty();
    }

    /** The time of an event, on {@link System#nanoTime}; there is a mark. */
    public long nanoTime(Instant t) {
        Map.Entry<Instant, Long> a = marks.floorEntry(t);
        Map.Entry<Instant, Long> b = marks.higherEntry(t);
        if (a == null) {
            a = marks.firstEntry();
            b = marks.higherEntry(a.getKey());
        } else if (b == null) {
            b = a;
            a = marks.lowerEntry(b.getKey());
        }
        if (a == null || b == null) {
            Map.Entry<Instant, Long> one = marks.firstEntry();
            return one.getValue() + nanos(one.getKey(), t);
        }
        double speed = (double) (b.getValue() - a.getValue()) / nanos(a.getKey(), b.getKey());
        return a.getValue() + Math.round(nanos(a.getKey(), t) * speed);
    }

    private static long nanos(Instant from, Instant to) {
        return Duration.between(from, to).toNanos();
    }
}
