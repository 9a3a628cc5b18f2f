package dev.jenny.sync;

import dev.jenny.internal.sched.Debug;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Which threads hold an {@link RWMutex} for reading, for the tools; kept only with {@code
 * JENNYDEBUG=rwreaders=1}, since it takes each read lock and unlock an allocation and a second
 * compare-and-set. Without it {@link #ON} is a constant, and compiled code has no trace of this
 * class.
 *
 * <p>A thread enters itself after it has got the lock, and takes itself out before it gives the
 * lock up. So whoever is listed holds the lock, as long as threads unlock only what they have
 * locked themselves. The first unlock by a thread that is not listed ends that: nobody can tell
 * whose lock it gave up, and from then on nothing is known. The same goes for more than {@value
 * #LIMIT} readers at once.
 *
 * <p>Ids are listed, not threads, so that a leaked goroutine is not kept. The array is never
 * changed, and is replaced by compare-and-set.
 */
final class ReadHolders {
    /** Whether readers are listed at all. */
    static final boolean ON = Debug.rwReaders();

    private static final int LIMIT = 1024;
    private static final long[] NONE = {};

    /** In place of a list once nothing is known. */
    private static final long[] UNKNOWN = {};

    private final AtomicReference<long[]> ids = new AtomicReference<>(NONE);

    /** The calling thread has got the lock. */
    void locked() {
        long me = Thread.currentThread().threadId();
        for (; ; ) {
            long[] now = ids.get();
            if (now == UNKNOWN) {
                return;
            }
            long[] next = UNKNOWN;
            if (now.length < LIMIT) {
                next = Arrays.copyOf(now, now.length + 1);
                next[now.length] = me;
            }
            if (ids.compareAndSet(now, next)) {
                return;
            }
        }
    }

    /** The calling thread is about to give up a read lock. */
    void unlocks() {
        long me = Thread.currentThread().threadId();
        for (; ; ) {
            long[] now = ids.get();
            if (now == UNKNOWN) {
                return;
            }
            int at = 0;
            while (at < now.length && now[at] != me) {
                at++;
            }
            long[] next = UNKNOWN;
            if (at < now.length) {
                next = Arrays.copyOf(now, now.length - 1);
                if (at < next.length) {
                    next[at] = now[now.length - 1];
                }
            }
            if (ids.compareAndSet(now, next)) {
                return;
            }
        }
    }

    /** The ids of the threads that hold the lock, each once; empty if that is not known. */
    List<Long> known() {
        return Arrays.stream(ids.get()).distinct().boxed().toList();
    }
}
