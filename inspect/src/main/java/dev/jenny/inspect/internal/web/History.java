package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.Json;
import dev.jenny.internal.event.Batch;
import dev.jenny.internal.event.Event;
import dev.jenny.internal.sched.WaitReason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What one goroutine did, as far as the flight recorder still has it.
 *
 * @param steps in the order of time
 */
record History(List<Step> steps) {
    private static final int SHOWN = 100;
    private static final int PER_P = 5000;

    /** One event of the goroutine; {@code other} is who woke or created it, 0 for none. */
    record Step(long t, String type, int p, long other, String reason) {}

    /** The history of goroutine {@code id}. */
    static History of(long id) {
        return of(id, Recording.snapshot());
    }

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
        return new History(all);
    }

    static String reason(int extra) {
        int i = Event.reason(extra);
        WaitReason[] all = WaitReason.values();
        return i >= 0 && i < all.length ? all[i].text() : Timeline.IN_JDK;
    }

    /** Writes the members {@code events} and {@code times}. */
    void write(Json j) {
        long run = 0;
        long ready = 0;
        long wait = 0;
        Step before = null;
        for (Step s : steps) {
            if (before != null) {
                long d = s.t - before.t;
                switch (before.type) {
                    case "start" -> run += d;
                    case "park" -> wait += d;
                    case "end" -> {}
                    default -> ready += d;
                }
            }
            before = s;
        }
        j.array("events");
        for (Step s : steps.subList(Math.max(0, steps.size() - SHOWN), steps.size())) {
            j.array().value(s.t).value(s.type).value(s.p).value(s.other).value(s.reason).end();
        }
        j.end();
        if (!steps.isEmpty()) {
            j.object("times").field("runNs", run).field("readyNs", ready).field("waitNs", wait);
            j.end();
        }
    }
}
