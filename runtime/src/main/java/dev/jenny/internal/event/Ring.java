package dev.jenny.internal.event;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The last events of one P.
 *
 * <p>Invariants: one thread writes at a time, the M that holds the P. {@code head} counts the words
 * ever written and only grows; slot {@code i & mask} holds word {@code i} of the last {@code
 * words.length}. The writer never waits: it overwrites what nobody has read.
 *
 * <p>Readers copy first and ask afterwards: what the writer may have reached meanwhile, one event
 * beyond {@code head}, is thrown away ({@link #read}). The writer's store fence keeps the stores of
 * an event behind the publication of the one before, so that no more than that can be torn.
 */
public final class Ring {
    /** How far beyond its head a writer may be: an event of two halves. */
    private static final int IN_FLIGHT = 4;

    /** Where all write whose recording is over. */
    private static final long[] RELEASED = new long[Events.LOST_WORDS];

    private static final VarHandle HEAD;
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

    static {
        try {
            HEAD = MethodHandles.lookup().findVarHandle(Ring.class, "head", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The P's number. */
    public final int p;

    /** Which recording this ring belongs to; see {@link Events#session}. */
    final int session;

    /** A few, once the recording is over: a P may keep its ring for long. */
    private long[] words;

    @SuppressWarnings("FieldMayBeFinal") // through HEAD
    private long head;

    /** The time of the last event, for what happens in the same scheduling step. */
    private long last = System.nanoTime();

    /** The first word after the last time that nothing happened for very long. */
    private long sinceGap;

    /** How many events until the next of those that are sampled. */
    private int untilTurn;

    Ring(int p, int session, int capacity) {
        this.p = p;
        this.session = session;
        this.words = new long[capacity];
    }

    /** True if the ring belongs to the current recording. */
    public boolean isCurrent() {
        return session == Events.session;
    }

    /** Records an event that happens now. Writer only. */
    public void now(int type, int extra, long id, int aux) {
        at(System.nanoTime(), type, extra, id, aux);
    }

    /** Records an event at the time of the one before it. Writer only. */
    public void same(int type, int extra, long id, int aux) {
        at(last, type, extra, id, aux);
    }

    /** Records an event at {@code time}, not earlier than the last. Writer only. */
    public void at(long time, int type, int extra, long id, int aux) {
        long[] words = this.words;
        long h = place(time);
        int i = (int) h & (words.length - 1);
        VarHandle.storeStoreFence();
        words[i] = Event.word0(type, extra, time);
        words[i + 1] = Event.word1(id, aux);
        HEAD.setRelease(this, h + 2);
    }

    /** Records an event of two halves. Writer only. */
    public void now(int type, long id, int aux, long id2, int aux2) {
        long time = System.nanoTime();
        long[] words = this.words;
        long h = place(time);
        VarHandle.storeStoreFence();
        int i = (int) h & (words.length - 1);
        words[i] = Event.word0(type, 0, time);
        words[i + 1] = Event.word1(id, aux);
        i = (int) (h + 2) & (words.length - 1);
        words[i] = Event.word0(Event.MORE, 0, time);
        words[i + 1] = Event.word1(id2, aux2);
        HEAD.setRelease(this, h + 4);
    }

    /**
     * Whether an event of which one in {@code oneIn} is recorded is one of those. At random: events
     * may come in turns. Writer only.
     */
    public boolean isTurn(int oneIn) {
        if (--untilTurn > 0 && untilTurn < 2 * oneIn) { // else fewer were asked for before
            return false;
        }
        untilTurn = oneIn == 1 ? 1 : ThreadLocalRandom.current().nextInt(1, 2 * oneIn);
        return true;
    }

    /** Where an event of {@code time} is to be written. */
    private long place(long time) {
        long h = head;
        if (time - last > Event.GAP) {
            sinceGap = h;
        }
        last = time;
        return h;
    }

    /** How many words were ever written. */
    long head() {
        return (long) HEAD.getAcquire(this);
    }

    /** Gives the memory back: the recording is over, and nobody reads what is still written. */
    void release() {
        words = RELEASED;
    }

    /** The first word whose time can be told from those after it. */
    long sinceGap() {
        return sinceGap;
    }

    /** When the last event happened, or a later one. */
    long last() {
        return last;
    }

    int capacity() {
        return words.length;
    }

    /**
     * Copies words {@code [from, to)} into {@code into} and returns the first word that is certain
     * not to have been overwritten meanwhile; {@code to} if none is.
     */
    long read(long from, long to, long[] into) {
        long[] words = this.words;
        int mask = words.length - 1;
        for (long i = from; i < to; i++) {
            into[(int) (i - from)] = (long) WORD.getOpaque(words, (int) i & mask);
        }
        VarHandle.loadLoadFence();
        long safe = head() + IN_FLIGHT - words.length;
        return Math.min(to, Math.max(from, safe));
    }
}
