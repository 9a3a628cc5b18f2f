package dev.jenny.internal.event;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A reader's place in the rings of a recording. Each call of {@link #read} gives what is new.
 *
 * <p>Reading stops nobody. A reader that is slower than the writers loses the oldest events, and
 * {@link #dropped} counts them. For one thread at a time.
 */
public final class Cursor {
    private final Map<Ring, long[]> places = new HashMap<>();
    private final boolean fromStart;
    private long sharedPlace;
    private boolean sharedSeen;
    private long dropped;

    /**
     * @param fromStart whether to begin with the oldest event that is still there
     */
    Cursor(boolean fromStart) {
        this.fromStart = fromStart;
        if (!fromStart) {
            for (Ring r : Events.rings()) {
                places.put(r, new long[] {r.head()});
            }
            sharedPlace = Events.shared().head();
            sharedSeen = true;
        }
    }

    /**
     * The events since the last call, one batch for each P that had any. If there is no memory for
     * the events of a P, they come with a later call.
     */
    public List<Batch> read() {
        List<Ring> rings = Events.rings();
        List<Batch> batches = new ArrayList<>(rings.size() + 1);
        places.keySet().removeIf(r -> !r.isCurrent());
        try {
            readShared(batches);
            for (Ring r : rings) {
                readRing(r, batches);
            }
        } catch (OutOfMemoryError e) {
            // no place has been moved without its events being in the list
        }
        return batches;
    }

    /** How many events were overwritten before this cursor came to them. */
    public long dropped() {
        return dropped;
    }

    private void readRing(Ring r, List<Batch> batches) {
        boolean known = places.containsKey(r);
        long[] place = places.computeIfAbsent(r, x -> new long[1]);
        long to = r.head();
        long from = Math.max(Math.max(place[0], to - r.capacity()), r.sinceGap());
        if (from >= to) {
            return;
        }
        long[] words = new long[(int) (to - from)];
        long first = r.read(from, to, words);
        // A ring that began before a cursor from the start did lose nothing that this one missed.
        long lost = known || !fromStart ? (first - place[0]) / 2 : 0;
        boolean cut = !known && first > 0;
        int n = (int) (to - first) / 2;
        long now = System.nanoTime();
        Batch all = new Batch(r.p, words, (int) (first - from), n, lost, cut, now);
        add(known ? all : all.recent(r.last()), batches);
        dropped += lost;
        place[0] = to;
    }

    private void readShared(List<Batch> batches) {
        SharedRing s = Events.shared();
        long to = s.head();
        long from = Math.max(Math.max(sharedPlace, to - s.capacity()), s.sinceGap());
        if (from >= to) {
            return;
        }
        long lost = sharedSeen || !fromStart ? from - sharedPlace : 0;
        long[] words = new long[2 * (int) (to - from)];
        int n = 0;
        long i = from;
        for (; i < to; i++) {
            if (s.read(i, words, 2 * n)) {
                n++;
            } else if (s.isPending(i)) {
                break; // its writer will have done by the next call
            } else {
                lost++;
            }
        }
        boolean cut = !sharedSeen && from > 0;
        Batch all = new Batch(Batch.OUTSIDE, words, 0, n, lost, cut, System.nanoTime());
        add(sharedSeen ? all : all.recent(s.last()), batches);
        sharedSeen = true;
        sharedPlace = i;
        dropped += lost;
    }

    private static void add(Batch b, List<Batch> batches) {
        if (b.size() > 0 || b.dropped() > 0) {
            batches.add(b);
        }
    }
}
