package dev.jenny.inspect.internal.pause;

import dev.jenny.inspect.internal.jfr.JfrClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import jdk.jfr.EventSettings;
import jdk.jfr.consumer.RecordedEvent;
import org.jspecify.annotations.Nullable;

/**
 * Makes pauses out of events of the JDK's flight recorder. One pause is a safepoint: an event when
 * the JVM begins to stop the threads, one for each operation while they stand, and one when they go
 * on. Whether the collector was at work, and why, are events of its own, which name no safepoint:
 * theirs is the one that they lie in.
 *
 * <p>Events may come in any order, and some of them twice, but those of earlier safepoints not
 * after {@link #take} has told of later ones. For one thread.
 */
final class SafepointEvents {
    private static final String BEGIN = "jdk.SafepointBegin";
    private static final String OPERATION = "jdk.ExecuteVMOperation";
    private static final String END = "jdk.SafepointEnd";
    private static final String PHASE = "jdk.GCPhasePause";
    private static final String COLLECTION = "jdk.GarbageCollection";

    /** All of them. */
    static final List<String> NAMES = List.of(BEGIN, OPERATION, END, PHASE, COLLECTION);

    /** What a phase is called that is a whole collection. */
    private static final String WHOLE = "GC Pause";

    private static final int COLLECTIONS = 1000;

    private static final class Stop {
        @Nullable Instant begin;
        @Nullable Instant end;
        String operations = "";
    }

    private record Phase(Instant end, long collection, String name) {}

    private final JfrClock clock = new JfrClock();
    private final NavigableMap<Long, Stop> stops = new TreeMap<>(); // not told yet, by number
    private final NavigableMap<Instant, Phase> phases = new TreeMap<>();
    private long told; // the number of the last safepoint that was
    private long lastMark = Long.MIN_VALUE;

    private final Map<Long, String> collections =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Long, String> eldest) {
                    return size() > COLLECTIONS;
                }
            };

    /** Asks for the events, however short, and for marks of the clock. */
    static void enable(Function<String, EventSettings> byName, Duration markPeriod) {
        for (String name : NAMES) {
            byName.apply(name).withoutStackTrace().withThreshold(Duration.ZERO);
        }
        byName.apply(JfrClock.Mark.NAME).withPeriod(markPeriod);
    }

    void accept(RecordedEvent e) {
        if (clock.accept(e)) {
            lastMark = Math.max(lastMark, e.getLong("nanoTime"));
            return;
        }
        switch (e.getEventType().getName()) {
            case BEGIN -> of(e, (stop, x) -> stop.begin = x.getStartTime());
            case OPERATION -> {
                if (e.getBoolean("safepoint")) {
                    of(e, SafepointEvents::operation);
                }
            }
            case END -> of(e, (stop, x) -> stop.end = x.getEndTime());
            case PHASE ->
                    phases.put(
                            e.getStartTime(),
                            new Phase(e.getEndTime(), e.getInt("gcId"), e.getString("name")));
            case COLLECTION ->
                    collections.put(
                            (long) e.getInt("gcId"),
                            e.getString("name") + ", " + e.getString("cause"));
            default -> {} // of somebody else's recording
        }
    }

    private void of(RecordedEvent e, BiConsumer<Stop, RecordedEvent> what) {
        long number = e.getLong("safepointId");
        if (number > told) {
            what.accept(stops.computeIfAbsent(number, n -> new Stop()), e);
        }
    }

    private static void operation(Stop stop, RecordedEvent e) {
        String name = e.getString("operation");
        if (stop.operations.isEmpty()) {
            stop.operations = name;
        } else if (!stop.operations.contains(name)) {
            stop.operations += ", " + name;
        }
    }

    /** The time of the last mark: what ended before it has come. */
    long lastMark() {
        return lastMark;
    }

    /** The pauses that are over and have not been told. */
    List<Pause> take() {
        List<Pause> all = new ArrayList<>();
        if (!clock.isSet()) {
            return all;
        }
        Instant last = null;
        for (Iterator<Map.Entry<Long, Stop>> i = stops.entrySet().iterator(); i.hasNext(); ) {
            Map.Entry<Long, Stop> e = i.next();
            Instant begin = e.getValue().begin;
            Instant end = e.getValue().end;
            if (end == null) {
                continue;
            }
            i.remove();
            told = Math.max(told, e.getKey());
            if (begin != null) { // else it began before the recording
                all.add(pause(begin, end, e.getValue().operations));
            }
            last = end;
        }
        if (last != null) {
            phases.headMap(last).clear();
            clock.forget(clock.nanoTime(last));
        }
        all.sort(Comparator.comparingLong(Pause::begin));
        return all;
    }

    private Pause pause(Instant begin, Instant end, String operations) {
        Map.Entry<Instant, Phase> phase = phases.ceilingEntry(begin);
        boolean collects = phase != null && !phase.getValue().end.isAfter(end);
        return new Pause(
                clock.nanoTime(begin),
                clock.nanoTime(end),
                collects,
                collects && phase != null
                        ? name(phase.getValue())
                        : operations.isEmpty() ? "safepoint" : operations);
    }

    private String name(Phase phase) {
        String collection = collections.get(phase.collection);
        if (collection == null) {
            return phase.name; // it is not over yet
        }
        return phase.name.equals(WHOLE) ? collection : phase.name + ", " + collection;
    }
}
