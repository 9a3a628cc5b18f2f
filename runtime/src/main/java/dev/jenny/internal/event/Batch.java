package dev.jenny.internal.event;

/**
 * Successive events of one P, in the order in which they happened.
 *
 * <p>Events of two batches are ordered by their times only roughly: a thread may have been held up
 * between reading the clock and recording. What is exact is the slice: the READY with number n of a
 * goroutine comes after the end of its slice n − 1 and before its START with number n.
 */
public final class Batch {
    /** The P of events that happened on threads without one. */
    public static final int OUTSIDE = -1;

    /** Threads may read the clock in one order and record in the other: not by more than this. */
    private static final long STEP_BACK = 60_000_000_000L;

    private final int p;
    private final long[] words;
    private final int from;
    private final int size;
    private final long dropped;
    private final boolean cut;
    private final long readAt;

    Batch(int p, long[] words, int from, int size, long dropped, boolean cut, long readAt) {
        this.p = p;
        this.words = words;
        this.from = from;
        this.size = size;
        this.dropped = dropped;
        this.cut = cut;
        this.readAt = readAt;
    }

    /** The events from number {@code i} on. */
    private Batch from(int i) {
        return i == 0 ? this : new Batch(p, words, from + 2 * i, size - i, 0, false, readAt);
    }

    /**
     * The events from {@code time} on. If a goroutine ran then, they begin with its START, at that
     * time and not as its first.
     */
    public Batch since(long time) {
        int first = 0;
        int running = -1;
        int labels = -1;
        for (; first < size && time(first) - time < 0; first++) {
            switch (type(first)) {
                case Event.START -> {
                    running = first;
                    labels = -1;
                }
                case Event.LABELS -> labels = first;
                case Event.BLOCK, Event.YIELD, Event.END, Event.IDLE -> running = -1;
                default -> {}
            }
        }
        if (running < 0) {
            return from(first);
        }
        int added = labels < 0 ? 1 : 2;
        long[] copy = new long[2 * (added + size - first)];
        copy[0] = Event.word0(Event.START, Event.notFirst(extra(running)), time);
        copy[1] = word(running, 1);
        if (labels >= 0) {
            copy[2] = Event.word0(Event.LABELS, 0, time);
            copy[3] = word(labels, 1);
        }
        System.arraycopy(words, from + 2 * first, copy, 2 * added, copy.length - 2 * added);
        return new Batch(p, copy, 0, copy.length / 2, 0, false, readAt);
    }

    /** Without the events at the beginning that are older than a time is good for. */
    Batch recent(long newest) {
        return from(tooOld(newest));
    }

    /**
     * How many events at the beginning are older than a time is good for: their time would be one
     * of the last 78 hours. Only from the gaps between events can it be told.
     *
     * @param newest when the last event happened, all bits of it
     */
    private int tooOld(long newest) {
        long age = readAt - newest;
        for (int i = size - 1; i >= 0; i--) {
            long until = i == size - 1 ? newest : word(i + 1, 0) >>> Event.TIME_SHIFT;
            long gap = (until - (word(i, 0) >>> Event.TIME_SHIFT)) & Event.TIME_MASK;
            if (gap > Event.TIME_MASK - STEP_BACK) {
                gap -= Event.TIME_MASK + 1;
            }
            age += gap;
            if (age > Event.TIME_MASK - STEP_BACK) {
                return i + 1;
            }
        }
        return 0;
    }

    /** The P's number, or {@link #OUTSIDE}. */
    public int p() {
        return p;
    }

    /** How many events there are. */
    public int size() {
        return size;
    }

    /** How many events of this P were overwritten, unread, directly before these. */
    public long dropped() {
        return dropped;
    }

    /** Whether there were events of this P before these, which have been overwritten since. */
    public boolean isCut() {
        return cut;
    }

    /** The type of event {@code i}, one of the constants of {@link Event}. */
    public int type(int i) {
        return (int) word(i, 0) & ((1 << Event.EXTRA_SHIFT) - 1);
    }

    /** When event {@code i} happened, on the scale of {@link System#nanoTime}. */
    public long time(int i) {
        return readAt - ((readAt - (word(i, 0) >>> Event.TIME_SHIFT)) & Event.TIME_MASK);
    }

    /** The small number that belongs to the type of event {@code i}. */
    public int extra(int i) {
        return (int) (word(i, 0) >>> Event.EXTRA_SHIFT) & ((1 << Event.EXTRA_BITS) - 1);
    }

    /** The goroutine of event {@code i}, or what its type has in that place. */
    public long id(int i) {
        return word(i, 1) >>> Event.AUX_BITS;
    }

    /** The second number of event {@code i}. */
    public int aux(int i) {
        return (int) word(i, 1) & Event.AUX_MASK;
    }

    private long word(int i, int half) {
        return words[from + 2 * i + half];
    }
}
