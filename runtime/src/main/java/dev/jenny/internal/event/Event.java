package dev.jenny.internal.event;

/**
 * The layout of an event: two longs.
 *
 * <pre>
 * word 0:  time, low 48 bits of {@link System#nanoTime} | extra, 11 bits | type, 5 bits
 * word 1:  goroutine, or what the type says, 40 bits    | aux, 24 bits
 * </pre>
 *
 * A time is good for 78 hours: {@link Batch} completes it from the time at which it was read, and
 * {@link Cursor} leaves out what is older.
 */
public final class Event {
    /** The second half of the event before it: aux and 40 bits as that event's type says. */
    public static final int MORE = 0;

    /** A goroutine was started: its number; aux is its spawn site's stack. */
    public static final int CREATE = 1;

    /** A goroutine begins to run: its number; aux is its slice; extra is of {@link #start}. */
    public static final int START = 2;

    /** The running goroutine parked: its number; aux is the stack; extra is {@link #reason}. */
    public static final int BLOCK = 3;

    /** The running goroutine yielded: its number. */
    public static final int YIELD = 4;

    /** The running goroutine ended: its number. */
    public static final int END = 5;

    /** A parked goroutine became runnable: its number; aux is the slice that it will run. */
    public static final int READY = 6;

    /** The P found nothing to do and sleeps. */
    public static final int IDLE = 7;

    /** The P was woken, or came back into use. */
    public static final int BUSY = 8;

    /** The P took goroutines from another: its number; aux is how many. */
    public static final int STEAL = 9;

    /** One goroutine holds the P up, and another P goes on: P; aux is of {@link #stall}. */
    public static final int STALL = 10;

    /** The goroutine that held the P up has come back; aux is 1 if the P is in use again. */
    public static final int REJOIN = 11;

    /** GOMAXPROCS is now the number. */
    public static final int PROCS = 12;

    /** A timer fired. */
    public static final int TIMER = 13;

    /** A user task began: its number; aux is the name; MORE has the parent's number. */
    public static final int TASK_BEGIN = 14;

    /** A user task ended: its number. */
    public static final int TASK_END = 15;

    /** A user region began: its task's number; aux is the name. */
    public static final int REGION_BEGIN = 16;

    /** A user region ended: its task's number; aux is the name. */
    public static final int REGION_END = 17;

    /** A user's log: its task's number; aux is the category; MORE's aux is the message. */
    public static final int LOG = 18;

    /** The labels of the running goroutine: its number; aux is that of its {@link LabelSet}. */
    public static final int LABELS = 19;

    /** Where a goroutine blocks that a STALL has told of: P; aux is the stack. */
    public static final int STALL_AT = 20;

    /**
     * A goroutine has sent: the channel's number; aux is the channel's length; MORE has how many
     * values have passed through it, and as aux its capacity.
     */
    public static final int CHAN_SEND = 21;

    /** A goroutine has received a value; as CHAN_SEND. */
    public static final int CHAN_RECV = 22;

    /** A goroutine has closed a channel; as CHAN_SEND. */
    public static final int CHAN_CLOSE = 23;

    /** How many types there are. */
    public static final int TYPES = 24;

    /** The number of the last {@link LabelSet} that a START has room for. */
    static final int MAX_LABELS = (1 << 10) - 2;

    /** In place of that number: a LABELS comes next. */
    public static final int LABELS_FOLLOW = MAX_LABELS + 1;

    static final int EXTRA_SHIFT = 5;
    static final int EXTRA_BITS = 11;
    static final int TIME_SHIFT = EXTRA_SHIFT + EXTRA_BITS;
    static final long TIME_MASK = (1L << (64 - TIME_SHIFT)) - 1;

    /** If nothing happens for so long, what was before is not kept: 39 hours. */
    static final long GAP = TIME_MASK / 2;

    static final int AUX_BITS = 24;
    static final int AUX_MASK = (1 << AUX_BITS) - 1;

    private Event() {}

    static long word0(int type, int extra, long now) {
        return (now << TIME_SHIFT) | ((long) extra << EXTRA_SHIFT) | type;
    }

    static long word1(long id, int aux) {
        return id << AUX_BITS | (aux & AUX_MASK);
    }

    /**
     * A START's extra.
     *
     * @param first whether the goroutine has not run before
     * @param labels the number of its {@link LabelSet}; 0 if it has none
     */
    public static int start(boolean first, int labels) {
        return (first ? 1 : 0) | Math.min(labels, LABELS_FOLLOW) << 1;
    }

    /** The extra of a START like that with {@code extra}, but not its goroutine's first. */
    static int notFirst(int extra) {
        return extra & ~1;
    }

    /** Whether a START with this extra is its goroutine's first. */
    public static boolean isFirst(int extra) {
        return (extra & 1) != 0;
    }

    /** The number of the {@link LabelSet} in a START's extra, or {@link #LABELS_FOLLOW}. */
    public static int labels(int extra) {
        return extra >>> 1;
    }

    /** A STALL's aux: whether the goroutine burns CPU, and for how long it has held the P up. */
    public static int stall(boolean burns, long nanos) {
        long micros = Math.max(0, Math.min(nanos / 1000, AUX_MASK >> 1));
        return (int) micros << 1 | (burns ? 1 : 0);
    }

    /** Whether the goroutine of a STALL with this aux burns CPU; if not, it blocks its thread. */
    public static boolean burns(int aux) {
        return (aux & 1) != 0;
    }

    /** How long the goroutine of a STALL had held up its P by then; 8 s at most. */
    public static long heldNanos(int aux) {
        return (aux >>> 1) * 1000L;
    }

    /** The length or capacity of a channel as aux: a few have more, and seem to have so much. */
    public static int size(int n) {
        return Math.min(n, AUX_MASK);
    }

    /** The number of the {@code WaitReason} in a BLOCK's extra; -1 if JDK code parked. */
    public static int reason(int extra) {
        return extra - 1;
    }
}
