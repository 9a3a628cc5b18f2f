package dev.jenny.inspect.internal.analyze;

import dev.jenny.inspect.internal.analyze.Finding.Severity;
import dev.jenny.inspect.internal.model.Times;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Spawn sites whose goroutines become ever more. */
final class GrowthRule extends Rule {
    private static final int SAMPLES = 64; // even; at the end there are half as many at least
    private static final long LEAST = 100;
    private static final double FACTOR = 1.3;
    private static final long FIRST = 1_000_000;

    private final Sites sites;
    private final Map<Integer, long[]> history = new HashMap<>();
    private long step = FIRST;
    private long next = Long.MIN_VALUE;
    private int taken;

    GrowthRule(Sites sites) {
        this.sites = sites;
    }

    @Override
    void tick(long now) {
        if (next == Long.MIN_VALUE) {
            next = now + step;
        }
        while (now >= next && next < Long.MAX_VALUE) {
            sample();
            later();
        }
    }

    private void later() {
        next = next > Long.MAX_VALUE - step ? Long.MAX_VALUE : next + step;
    }

    private void sample() {
        if (taken == SAMPLES) {
            for (long[] h : history.values()) {
                for (int i = 0; i < SAMPLES / 2; i++) {
                    h[i] = h[2 * i + 1];
                }
            }
            taken /= 2;
            later(); // of the samples that are left every second one is missing
            step *= 2;
        }
        for (Sites.Site s : sites.all()) {
            if (s.live > 0 || history.containsKey(s.number)) {
                history.computeIfAbsent(s.number, k -> new long[SAMPLES])[taken] = s.live;
            }
        }
        taken++;
    }

    /** Never clearly less than before, and in each quarter of the time clearly more. */
    private boolean grows(long[] h) {
        long last = h[taken - 1];
        if (last < LEAST || last < h[taken / 2] * FACTOR) {
            return false;
        }
        long most = 0;
        for (int i = 0; i < taken; i++) {
            if (h[i] < most * .95) {
                return false;
            }
            most = Math.max(most, h[i]);
        }
        long before = 0;
        for (int quarter = 1; quarter <= 4; quarter++) {
            long n = h[quarter * taken / 4 - 1];
            if (n < before + last / 20) {
                return false;
            }
            before = n;
        }
        return true;
    }

    @Override
    List<Finding> findings(Analysis a) {
        List<Finding> found = new ArrayList<>();
        if (taken < SAMPLES / 4) {
            return found;
        }
        history.forEach((number, h) -> {
            if (grows(h)) {
                found.add(finding(a, sites.get(number), h));
            }
        });
        return found;
    }

    private Finding finding(Analysis a, Sites.Site s, long[] h) {
        List<String> evidence = new ArrayList<>();
        evidence.add(
                "there were %d, %d, %d and %d of them after each quarter of the time"
                        .formatted(
                                h[taken / 4 - 1], h[taken / 2 - 1], h[3 * taken / 4 - 1], s.live));
        s.waits.entrySet().stream()
                .max(Comparator.comparingLong(e -> e.getValue().nanos))
                .ifPresent(e ->
                        evidence.add(
                                "most of their time goes into: "
                                        + e.getKey().reason()
                                        + (e.getKey().place().isEmpty()
                                                ? ""
                                                : " at " + e.getKey().place())));
        return new Finding(
                "growth",
                Severity.HIGH,
                "More and more goroutines: " + s.live + " live at the end, started at " + s.name,
                0,
                s.name,
                -1,
                a.origin(),
                a.origin() + a.duration(),
                s.live,
                s.waitNanos,
                "In "
                        + Times.text(a.duration())
                        + " "
                        + Words.count(s.seen - s.live, "goroutine")
                        + " of this site ended, and "
                        + s.live
                        + " are left. Either they wait for something that is too slow or never comes,"
                        + " or nothing bounds how many are started.",
                "Look at what they wait for. Bound them with ErrGroup.setLimit or a Semaphore, give"
                        + " them a Context to end with, and run 'jenny leaks' to see whether some can"
                        + " never go on.",
                evidence);
    }
}
