package dev.jenny.inspect.internal.analyze;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the goroutines of each spawn site did, in sum. Numbered from 0, which is not known. */
final class Sites {
    static final int UNKNOWN = 0;
    private static final String NOT_KNOWN = "(place not known)";

    /** What goroutines wait for. */
    record Wait(String reason, String place) {}

    /** How often and how long. */
    static final class Spent {
        long count;
        long nanos;
    }

    /** The sums of one site. */
    static final class Site {
        final int number;
        final String name;
        long seen;
        long live;
        long ranNanos;
        long slices;
        long readyNanos;
        long longestReady;
        long waitNanos;
        final Map<Wait, Spent> waits = new HashMap<>();

        Site(int number, String name) {
            this.number = number;
            this.name = name;
        }
    }

    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<Site> all = new ArrayList<>();

    Sites() {
        number(NOT_KNOWN);
    }

    /** The number of a site in words. */
    int number(String name) {
        return numbers.computeIfAbsent(
                name,
                k -> {
                    all.add(new Site(all.size(), k));
                    return all.size() - 1;
                });
    }

    Site get(int number) {
        return all.get(number);
    }

    String name(int number) {
        return all.get(number).name;
    }

    List<Site> all() {
        return all;
    }

    void waited(G g, String reason, String place, long nanos) {
        Site s = all.get(g.site);
        s.waitNanos += nanos;
        Spent spent = s.waits.computeIfAbsent(new Wait(reason, place), k -> new Spent());
        spent.count++;
        spent.nanos += nanos;
    }
}
