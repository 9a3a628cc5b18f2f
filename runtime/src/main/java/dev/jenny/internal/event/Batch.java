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

    private final int p;
    private final long[] words;
    private final int from;
    private final int size;
    private final long dropped;
    private final long readAt;

    Batch(int p, long[] words, int from, int size, long dropped, long readAt) {
        this.p = p;
        this.words = words;
        this.from = from;
        this.size = size;
        this.dropped = dropped;
        this.readAt = readAt;
    }

    /** The events from number {@code i} on. */
    public Batch from(int i) {
        return new Batch(p, words, from + 2 * i, size - i, i == 0 ? dropped : 0, readAt);
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
