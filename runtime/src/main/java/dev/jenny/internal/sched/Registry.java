package dev.jenny.internal.sched;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All live goroutines, for dumps and deadlock reports.
 *
 * <p>A goroutine has a slot in a growing table of chunks. Free slots are cached on the P, where
 * only the code that runs on that P's M touches them, so that creating and ending a goroutine takes
 * no lock; surplus and shortage go through a shared stack under a spin lock, a batch at a time. A
 * slot is written by its holder only; readers walk the table and see each goroutine that lives
 * throughout the walk exactly once.
 *
 * <p>The table keeps goroutines alive, so that dumps show those that nothing can ever wake. A
 * search for leaks loosens its grip: it puts a {@link Loose} into the cells of goroutines that are
 * parked, and what the collector then takes was leaked. Cells change from a G to a Loose and back
 * by CAS, and a goroutine that ends clears its cell without one: whatever the CAS wanted to put
 * there then fails or is overwritten. So a Loose that is still in its cell when its goroutine is
 * gone proves that the goroutine has not ended.
 */
final class Registry extends SpinLock {
    /** How many slots move between a P and the shared stack at a time. */
    static final int BATCH = 128;

    private static final int CHUNK = 1024;
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(Object[].class);

    /** A cell holds a G, or a {@link Loose} instead while its goroutine may be collected. */
    private volatile @Nullable Object[][] chunks = new @Nullable Object[0][];

    private int[] free = new int[1024]; // guarded by this lock
    private int freeCount;
    private int limit; // slots [0, limit) have been handed out at some time

    /** Enters {@code g}; {@code p} is the P that the caller runs on, or null. */
    void add(G g, @Nullable P p) {
        int slot;
        if (p == null) {
            lock();
            try {
                slot = takeShared();
            } finally {
                unlock();
            }
        } else {
            if (p.freeSlotCount == 0) {
                refill(p);
            }
            slot = p.freeSlots[--p.freeSlotCount];
        }
        g.slot = slot;
        CELL.setRelease(chunks[slot / CHUNK], slot % CHUNK, g);
    }

    /**
     * Takes {@code g} out.
     *
     * @return false if it was taken out as leaked already, and a finalizer has revived it since
     */
    boolean remove(G g, @Nullable P p) {
        int slot = g.slot;
        g.slot = -1;
        @Nullable Object[] chunk = chunks[slot / CHUNK];
        Object held = CELL.getAcquire(chunk, slot % CHUNK);
        if (held != g && !(held instanceof Loose l && l.refersTo(g))) {
            return false;
        }
        CELL.setRelease(chunk, slot % CHUNK, null);
        if (p == null) {
            lock();
            giveShared(slot);
            unlock();
        } else {
            if (p.freeSlotCount == p.freeSlots.length) {
                spill(p);
            }
            p.freeSlots[p.freeSlotCount++] = slot;
        }
        return true;
    }

    /** Calls {@code action} for each live goroutine. */
    void forEach(Consumer<G> action) {
        for (@Nullable Object[] chunk : chunks) {
            for (int i = 0; i < CHUNK; i++) {
                Object held = CELL.getAcquire(chunk, i);
                G g = held instanceof Loose l ? l.get() : (G) held;
                if (g != null) {
                    action.accept(g);
                }
            }
        }
    }

    /** What a search for leaks does with a goroutine. */
    @FunctionalInterface
    interface Chooser {
        /**
         * Chooses for {@code g}, which is held by {@code now}, or firmly if that is null.
         *
         * @param slot where it stands
         * @return null to hold it firmly, {@code now} to leave it as it is, or another Loose
         */
        @Nullable Loose choose(G g, int slot, @Nullable Loose now);
    }

    /** Loosens or tightens the grip on goroutines. */
    void loosen(Chooser chooser) {
        @Nullable Object[][] all = chunks;
        for (int c = 0; c < all.length; c++) {
            @Nullable Object[] chunk = all[c];
            for (int i = 0; i < CHUNK; i++) {
                Object held = CELL.getAcquire(chunk, i);
                Loose now = held instanceof Loose l ? l : null;
                G g = now != null ? now.get() : (G) held;
                if (g != null) {
                    Loose wanted = chooser.choose(g, c * CHUNK + i, now);
                    if (wanted != now) {
                        CELL.compareAndSet(chunk, i, held, wanted == null ? g : wanted);
                    }
                }
            }
        }
    }

    /** How many slots there are. */
    int capacity() {
        return chunks.length * CHUNK;
    }

    /** What holds the goroutine in {@code slot}, if that is not firm; null if it is, or none is. */
    @Nullable Loose loose(int slot) {
        return CELL.getAcquire(chunks[slot / CHUNK], slot % CHUNK) instanceof Loose l ? l : null;
    }

    /** Holds the goroutine of {@code l} firmly again; false if it is gone, or has ended. */
    boolean tighten(Loose l) {
        G g = l.get();
        int slot = l.slot;
        return g != null && CELL.compareAndSet(chunks[slot / CHUNK], slot % CHUNK, l, g);
    }

    /**
     * Frees the slot of a goroutine that the collector has taken; false if it has not, or ended.
     */
    boolean reap(Loose l) {
        int slot = l.slot;
        if (!l.refersTo(null) || !CELL.compareAndSet(chunks[slot / CHUNK], slot % CHUNK, l, null)) {
            return false;
        }
        lock();
        giveShared(slot);
        unlock();
        return true;
    }

    private void refill(P p) {
        lockPinned();
        try {
            for (int i = 0; i < BATCH; i++) {
                int slot = takeShared(); // may throw: the count must not be ahead
                p.freeSlots[p.freeSlotCount++] = slot;
            }
        } finally {
            unlock();
        }
    }

    private void spill(P p) {
        lockPinned();
        for (int i = 0; i < BATCH; i++) {
            giveShared(p.freeSlots[--p.freeSlotCount]);
        }
        unlock();
    }

    private int takeShared() {
        if (freeCount > 0) {
            return free[--freeCount];
        }
        int slot = limit;
        if (slot / CHUNK >= chunks.length) {
            @Nullable Object[][] old = chunks;
            @Nullable Object[][] grown =
                    Arrays.copyOf(old, old.length + Math.max(1, old.length / 2));
            for (int i = old.length; i < grown.length; i++) {
                grown[i] = new @Nullable Object[CHUNK];
            }
            chunks = grown;
        }
        limit++;
        return slot;
    }

    private void giveShared(int slot) {
        if (freeCount == free.length) {
            try {
                free = Arrays.copyOf(free, freeCount * 2);
            } catch (OutOfMemoryError e) {
                return; // the slot is not used again: a goroutine must be able to end
            }
        }
        free[freeCount++] = slot;
    }
}
