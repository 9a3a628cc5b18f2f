package dev.jenny.sync;

import dev.jenny.internal.sched.Local;
import dev.jenny.internal.sched.Runtimes;
import dev.jenny.internal.sched.SpinLock;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Objects that are kept for use again instead of being made anew, Go's {@code sync.Pool}.
 *
 * <p>It suits things that are expensive to make and needed for a short time by many goroutines,
 * such as big buffers. It does not suit connections and the like: what lies in the pool may be
 * dropped at any garbage collection, without notice. An object that is not used between two
 * collections is gone after the second.
 *
 * {@snippet :
 * import dev.jenny.sync.Pool;
 *
 * class Encoder {
 *     private static final Pool<byte[]> BUFFERS = new Pool<>(() -> new byte[1 << 16]);
 *
 *     void encode(String s) {
 *         byte[] buffer = BUFFERS.get();
 *         try {
 *             fill(buffer, s);
 *         } finally {
 *             BUFFERS.put(buffer);
 *         }
 *     }
 *
 *     private void fill(byte[] buffer, String s) {}
 * }
 * }
 *
 * <p>Callers must not assume any relation between what they {@link #put} and what they {@link
 * #get}, and must not use an object that they have put back.
 *
 * <p><b>Memory.</b> A {@code put} of an object happens before the {@code get} that returns it.
 *
 * <p>The algorithm is that of Go's sync/pool.go: each P has a private place for one object, and a
 * list that its goroutines use from one end and thieves from the other. A collection makes what is
 * there the victims, and drops the victims that are still there from the one before. What differs:
 * in Java nothing pins a thread to its P, so each list has a spin lock and the private place is
 * taken atomically; and before the supplier is asked, the private places of other Ps are looked at
 * too.
 *
 * @param <T> the type of the objects
 */
public final class Pool<T> {
    private static final int PADDED_SLOT = 16; // references: 64 to 128 bytes apart
    private static final int MAX_SHARDS = 256;

    private final @Nullable Supplier<? extends T> supplier;
    private final Stores<T> stores = new Stores<>();

    /** A pool without a supplier: {@link #get} returns null when the pool is empty. */
    public Pool() {
        this.supplier = null;
        GcWatch.watch(stores);
    }

    /**
     * A pool that makes an object when {@link #get} finds none.
     *
     * @param supplier makes an object; it is called by the goroutine that needs one
     * @throws NullPointerException if {@code supplier} is null
     */
    public Pool(Supplier<? extends T> supplier) {
        this.supplier = Objects.requireNonNull(supplier, "supplier");
        GcWatch.watch(stores);
    }

    /**
     * Takes an object out of the pool: one that was put on this P if there is one, else any, else a
     * new one from the supplier. Never waits.
     *
     * @return the object; null only if the pool has no supplier or its supplier returned null
     */
    @SuppressWarnings("NullAway") // documented: null only for those who leave the supplier out
    public T get() {
        int index = Local.index();
        T x = stores.primary.get(index);
        if (x == null) {
            x = stores.victim.get(index);
        }
        if (x == null) {
            x = stores.primary.getOthers(index);
        }
        if (x == null) {
            x = stores.victim.getOthers(index);
        }
        if (x == null && supplier != null) {
            x = supplier.get();
        }
        return x;
    }

    /**
     * Gives an object to the pool. Never waits.
     *
     * @param x the object, which the caller must not use any more; null is ignored
     */
    public void put(@Nullable T x) {
        if (x != null) {
            stores.primary.put(Local.index(), x);
        }
    }

    /** Who is told of garbage collections, by one thread only. */
    interface Collected {
        void collected();
    }

    /** What a pool holds; apart from the pool, so that being watched does not keep a pool alive. */
    static final class Stores<T> implements Collected {
        private volatile Store<T> primary = new Store<>();
        private volatile Store<T> victim = new Store<>();

        @Override
        public void collected() {
            Store<T> old = victim;
            old.clear();
            victim = primary;
            primary = old; // a put that still has the old primary in hand puts among the victims
        }
    }

    /** One generation of objects. */
    private static final class Store<T> {
        private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(Object[].class);

        private final int mask;
        private final @Nullable Object[] own;
        private final Shared<T>[] shared;

        /** False: surely nothing in any shared list. Spares an empty pool the search. */
        private volatile boolean mayHaveShared;

        @SuppressWarnings({"unchecked", "rawtypes"})
        Store() {
            int cpus = Runtime.getRuntime().availableProcessors();
            int shards = Math.min(MAX_SHARDS, Integer.highestOneBit(2 * cpus - 1));
            mask = shards - 1;
            own = new @Nullable Object[shards * PADDED_SLOT];
            shared = new Shared[shards];
            for (int i = 0; i < shards; i++) {
                shared[i] = new Shared<>();
            }
        }

        void put(int index, T x) {
            int i = index & mask;
            int slot = i * PADDED_SLOT;
            if (own[slot] == null && CELL.compareAndSet(own, slot, null, x)) {
                return;
            }
            Shared<T> list = shared[i];
            list.lock();
            try {
                list.objects.addFirst(x);
            } catch (OutOfMemoryError e) {
                return; // a pool may drop what it is given
            } finally {
                list.unlock();
            }
            if (!mayHaveShared) {
                mayHaveShared = true;
            }
        }

        /** From this P's place, this P's list, then the others' lists. */
        @Nullable T get(int index) {
            int i = index & mask;
            T x = takeOwn(i);
            if (x == null && mayHaveShared) {
                x = shared[i].poll(true);
                for (int k = 1; x == null && k <= mask; k++) {
                    x = shared[(i + k) & mask].poll(false);
                }
            }
            return x;
        }

        /** From the private places of other Ps. */
        @Nullable T getOthers(int index) {
            T x = null;
            for (int k = 1; x == null && k <= mask; k++) {
                x = takeOwn((index + k) & mask);
            }
            return x;
        }

        @SuppressWarnings("unchecked")
        private @Nullable T takeOwn(int i) {
            int slot = i * PADDED_SLOT;
            return own[slot] == null ? null : (T) CELL.getAndSet(own, slot, null);
        }

        void clear() {
            for (int i = 0; i <= mask; i++) {
                takeOwn(i);
                shared[i].clear();
            }
            mayHaveShared = false;
            // a put that came between may have been hidden by that
            for (Shared<T> list : shared) {
                if (!list.isEmpty()) {
                    mayHaveShared = true;
                }
            }
        }
    }

    private static final class Shared<T> extends SpinLock {
        ArrayDeque<T> objects = new ArrayDeque<>(4);
        // keeps the locks of neighbours, which are made one after the other, on different cache
        // lines
        @SuppressWarnings("unused")
        private long p1, p2, p3, p4, p5, p6, p7, p8;

        @Nullable T poll(boolean newest) {
            lock();
            T x = newest ? objects.pollFirst() : objects.pollLast();
            unlock();
            return x;
        }

        boolean isEmpty() {
            lock();
            boolean empty = objects.isEmpty();
            unlock();
            return empty;
        }

        void clear() {
            ArrayDeque<T> fresh = null;
            try {
                fresh = new ArrayDeque<>(4); // the array may have grown
            } catch (OutOfMemoryError e) {
                // then it keeps its array
            }
            lock();
            if (fresh != null) {
                objects = fresh;
            } else {
                objects.clear();
            }
            unlock();
        }
    }

    /** Tells all pools of each garbage collection, by an object that every collection reclaims. */
    static final class GcWatch {
        private static final Cleaner CLEANER =
                Cleaner.create(body -> Runtimes.helper(body, "jenny-pools"));
        private static final ConcurrentLinkedQueue<WeakReference<Collected>> POOLS =
                new ConcurrentLinkedQueue<>();
        private static final AtomicInteger SEQUENCE = new AtomicInteger();

        static {
            plantSentinel();
        }

        private GcWatch() {}

        static void watch(Collected pool) {
            POOLS.add(new WeakReference<>(pool));
        }

        /** Goes up by two with each collection that the pools are told of; odd meanwhile. */
        static int sequence() {
            return SEQUENCE.get();
        }

        private static void plantSentinel() {
            for (; ; ) {
                try {
                    CLEANER.register(new Object(), GcWatch::collected);
                    return;
                } catch (OutOfMemoryError e) {
                    Thread.onSpinWait(); // the collector has taken its time already
                }
            }
        }

        private static void collected() {
            SEQUENCE.incrementAndGet();
            try {
                for (Iterator<WeakReference<Collected>> i = POOLS.iterator(); i.hasNext(); ) {
                    Collected pool = i.next().get();
                    if (pool == null) {
                        i.remove();
                    } else {
                        tell(pool);
                    }
                }
            } finally {
                plantSentinel(); // first: who sees the number may ask for the next collection
                SEQUENCE.incrementAndGet();
            }
        }

        private static void tell(Collected pool) {
            try {
                pool.collected();
            } catch (OutOfMemoryError e) {
                // it is told again after the next collection
            }
        }
    }
}
