package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.model.Creator.Creation;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.model.Times;
import dev.jenny.internal.event.Batch;
import dev.jenny.internal.event.Event;
import dev.jenny.internal.event.Stacks;
import dev.jenny.internal.sched.WaitReason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one goroutine did, as far as the flight recorder still has it.
 *
 * @param steps in the order of time
 * @param until when the recorder was read, on the clock of {@link Moments}
 */
record History(List<Step> steps, long until) {
    private static final int SHOWN = 100;
    private static final int PER_P = 5000;

    /** One event of the goroutine; {@code other} is who woke or created it, 0 for none. */
    record Step(long t, String type, int p, long other, String reason) {}

    /** For how long it ran, was runnable, and waited since its first step; in nanoseconds. */
    record Split(long running, long runnable, long waiting) {
        long all() {
            return running + runnable + waiting;
        }
    }

    /** The history of goroutine {@code id}, of {@link Recording#past}. */
    static History of(long id, List<Batch> batches) {
        List<Step> all = new ArrayList<>();
        for (Batch b : batches) {
            ArrayDeque<Step> own = new ArrayDeque<>();
            long current = 0;
            for (int i = 0; i < b.size(); i++) {
                int type = b.type(i);
                if (type == Event.START) {
                    current = b.id(i);
                }
                if (type >= Event.CREATE && type <= Event.READY && b.id(i) == id) {
                    long other = type == Event.READY || type == Event.CREATE ? current : 0;
                    String reason = type == Event.BLOCK ? reason(b.extra(i)) : "";
                    own.addLast(
                            new Step(
                                    Moments.of(b.time(i)),
                                    Timeline.TYPES.get(Timeline.code(type)),
                                    b.p(),
                                    other,
                                    reason));
                    if (own.size() > PER_P) {
                        own.removeFirst();
                    }
                }
                if (type == Event.BLOCK || type == Event.YIELD || type == Event.END) {
                    current = 0;
                }
            }
            all.addAll(own);
        }
        all.sort(Comparator.comparingLong(Step::t));
        return new History(all, Moments.now());
    }

    /** How the goroutines {@code ids} were created, those of which that is in {@code batches}. */
    static Map<Long, Creation> creations(Set<Long> ids, List<Batch> batches) {
        Map<Long, Creation> found = new HashMap<>();
        for (Batch b : batches) {
            long current = 0;
            for (int i = 0; i < b.size(); i++) {
                switch (b.type(i)) {
                    case Event.START -> current = b.id(i);
                    case Event.BLOCK, Event.YIELD, Event.END -> current = 0;
                    case Event.CREATE -> {
                        if (ids.contains(b.id(i))) {
                            List<StackTraceElement> stack = Stacks.frames(b.aux(i));
                            Frame site = stack.isEmpty() ? null : Frame.of(stack.getFirst());
                            found.put(b.id(i), new Creation(site, current));
                        }
                    }
                    default -> {}
                }
            }
        }
        return found;
    }

    static String reason(int extra) {
        int i = Event.reason(extra);
        WaitReason[] all = WaitReason.values();
        return i >= 0 && i < all.length ? all[i].text() : Timeline.IN_JDK;
    }

    /** The three states that a goroutine which has not ended goes through. */
    enum State {
        RUN,
        READY,
        WAIT
    }

    private interface Spans {
        void span(State state, long nanos, boolean over);
    }

    /** Calls {@code spans} for each time in which it was in one state. */
    private void spans(Spans spans) {
        @Nullable State state = null;
        long since = 0;
        for (Step s : steps) {
            @Nullable State next =
                    switch (s.type) {
                        case "start" -> State.RUN;
                        case "park" -> State.WAIT;
                        case "end" -> null;
                        default -> State.READY;
                    };
            if (state != null && next != state) {
                spans.span(state, s.t - since, true);
            }
            if (next != state) {
                since = s.t;
            }
            state = next;
        }
        if (state != null) {
            spans.span(state, Math.max(0, until - since), false);
        }
    }

    Split split() {
        Map<State, Long> sums = new EnumMap<>(State.class);
        spans((state, nanos, over) -> sums.merge(state, nanos, Long::sum));
        return new Split(
                sums.getOrDefault(State.RUN, 0L),
                sums.getOrDefault(State.READY, 0L),
                sums.getOrDefault(State.WAIT, 0L));
    }

    /**
     * How long it was in {@code state} at a time: counts by the least time of their class. The
     * classes are 1, 3, 10, 30, 100 … nanoseconds; a time that is not over is not counted.
     */
    SortedMap<Long, Integer> histogram(State state) {
        SortedMap<Long, Integer> counts = new TreeMap<>();
        spans((s, nanos, over) -> {
            if (s == state && over) {
                counts.merge(atLeast(nanos), 1, Integer::sum);
            }
        });
        return counts;
    }

    private static long atLeast(long nanos) {
        long decade = 1;
        while (nanos / 10 >= decade) {
            decade *= 10;
        }
        return nanos >= 3 * decade ? 3 * decade : Math.min(decade, nanos);
    }

    /** The times in a line; {@code ""} if nothing is recorded. */
    String text() {
        if (steps.isEmpty()) {
            return "";
        }
        Split t = split();
        return "recorded, the last "
                + Times.text(t.all())
                + ": running "
                + share(t.running, t)
                + ", runnable "
                + share(t.runnable, t)
                + ", waiting "
                + share(t.waiting, t)
                + "\n";
    }

    private static String share(long part, Split t) {
        return String.format(Locale.ROOT, "%.1f %%", 100.0 * part / Math.max(1, t.all()));
    }

    /** Writes the members {@code events} and {@code times}. */
    void write(Json j) {
        j.array("events");
        for (Step s : steps.subList(Math.max(0, steps.size() - SHOWN), steps.size())) {
            j.array().value(s.t).value(s.type).value(s.p).value(s.other).value(s.reason).end();
        }
        j.end();
        if (!steps.isEmpty()) {
            Split t = split();
            j.object("times").field("runNs", t.running).field("readyNs", t.runnable);
            j.field("waitNs", t.waiting);
            histogram(j, "runs", State.RUN);
            histogram(j, "readies", State.READY);
            histogram(j, "waits", State.WAIT);
            j.end();
        }
    }

    private void histogram(Json j, String name, State state) {
        j.array(name);
        histogram(state).forEach((atLeast, count) -> j.array().value(atLeast).value(count).end());
        j.end();
    }
}
