package dev.jenny.inspect.internal.pprof;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * How many bytes of the live heap a sampled object stands for, and how many none does, because they
 * were allocated before sampling began.
 *
 * <p>The recorder keeps at most {@link #QUEUE} objects. Between two collections the new ones find
 * those places that the survivors of earlier collections have left, so each stands for its share of
 * what was allocated between the two. One that was allocated after the last collection stands for
 * nothing: the live heap is what that collection left. If more places are wanted than there are,
 * the objects that were pushed out are missing from the sum; so what they all stand for has bounds,
 * too: no more than was allocated since the beginning, and what was there before cannot be more
 * than the heap has ever been since.
 *
 * <p>For one thread at a time.
 */
final class LiveHeap {
    /** How many objects the recorder keeps, unless told otherwise. */
    private static final int QUEUE = 256;

    /** More collections than these are merged, two into one. */
    private static final int MAX_CYCLES = 1024;

    /**
     * What was allocated until a collection, since the one before.
     *
     * @param end when the last of the collections ended
     * @param count how many collections
     * @param bytes what was allocated
     * @param picked how many objects the recorder had to choose from, at most a queue's for each
     */
    private record Cycle(Instant end, long count, long bytes, long picked) {
        Cycle merge(Cycle later) {
            return new Cycle(
                    later.end, count + later.count, bytes + later.bytes, picked + later.picked);
        }

        /** What one object stands for if {@code older} ones have kept their places. */
        double share(int older) {
            long room = Math.max(1, QUEUE - older) * count;
            return (double) bytes / Math.max(1, Math.min(picked, room));
        }
    }

    private List<Cycle> cycles = new ArrayList<>();
    private long collected; // bytes allocated until the last collection
    private long bytes; // allocated since
    private long picked; // objects since
    private long mostBefore;

    /** Begins with so many bytes in use, live or not. */
    LiveHeap(long used) {
        mostBefore = used;
    }

    /** Memory was allocated, from which the recorder could choose an object. */
    void allocated(long size) {
        bytes += size;
        picked++;
    }

    /** A collection has ended, and has left {@code used} bytes. */
    void collected(Instant end, long used) {
        mostBefore = Math.min(mostBefore, used);
        cycles.add(new Cycle(end, 1, bytes, Math.min(picked, QUEUE)));
        collected += bytes;
        bytes = 0;
        picked = 0;
        if (cycles.size() > MAX_CYCLES) {
            List<Cycle> merged = new ArrayList<>();
            for (int i = 0; i + 1 < cycles.size(); i += 2) {
                merged.add(cycles.get(i).merge(cycles.get(i + 1)));
            }
            if (cycles.size() % 2 == 1) {
                merged.add(cycles.getLast());
            }
            cycles = merged;
        }
    }

    /** Whether there was a collection since the beginning. */
    boolean hasCollected() {
        return !cycles.isEmpty();
    }

    /** How many collections, or groups of them, it remembers. */
    int size() {
        return cycles.size();
    }

    /**
     * What each of the sampled objects stands for, 0 for one that the last collection has not seen.
     *
     * @param times when they were allocated, in that order
     */
    double[] shares(List<Instant> times) {
        double[] shares = new double[times.size()];
        int cycle = 0;
        int older = 0; // objects of earlier cycles
        for (int i = 0; i < shares.length; i++) {
            while (cycle < cycles.size() && cycles.get(cycle).end.isBefore(times.get(i))) {
                cycle++;
                older = i;
            }
            shares[i] = cycle == cycles.size() ? 0 : cycles.get(cycle).share(older);
        }
        return shares;
    }

    /**
     * How much of {@code live} bytes was there before the beginning.
     *
     * @param sampled what all objects stand for
     */
    long before(long live, double sampled) {
        long least = Math.max(0, live - collected);
        return Math.max(least, Math.min(Math.round(live - sampled), mostBefore));
    }
}
