package dev.jenny.internal.event;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

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

    private final long[] words;
    private final int mask;

    @SuppressWarnings("FieldMayBeFinal") // through HEAD
    private long head;

    /** The time of the last event, for what happens in the same scheduling step. Writer only. */
    private long last = System.nanoTime();

    Ring(int p, int session, int capacity) {
        this.p = p;
        this.session = session;
        this.words = new long[capacity];
        this.mask = capacity - 1;
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
        last = time;
        long h = head;
        int i = (int) h & mask;
        VarHandle.storeStoreFence();
        words[i] = Event.word0(type, extra, time);
        words[i + 1] = Event.word1(id, aux);
        HEAD.setRelease(this, h + 2);
    }

    /** Records an event of two halves. Writer only. */
    public void now(int type, long id, int aux, long id2, int aux2) {
        long time = System.nanoTime();
        last = time;
        long h = head;
        VarHandle.storeStoreFence();
        int i = (int) h & mask;
        words[i] = Event.word0(type, 0, time);
        words[i + 1] = Event.word1(id, aux);
        i = (int) (h + 2) & mask;
        words[i] = Event.word0(Event.MORE, 0, time);
        words[i + 1] = Event.word1(id2, aux2);
        HEAD.setRelease(this, h + 4);
    }

    /** How many words were ever written. */
    long head() {
        return (long) HEAD.getAcquire(this);
    }

    int capacity() {
        return words.length;
    }

    /**
     * Copies words {@code [from, to)} into {@code into} and returns the first word that is certain
     * not to have been overwritten meanwhile; {@code to} if none is.
     */
    long read(long from, long to, long[] into) {
        for (long i = from; i < to; i++) {
            into[(int) (i - from)] = (long) WORD.getOpaque(words, (int) i & mask);
        }
        VarHandle.loadLoadFence();
        long safe = head() + IN_FLIGHT - words.length;
        return Math.min(to, Math.max(from, safe));
    }
}
