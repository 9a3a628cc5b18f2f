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
 */
final class Registry extends SpinLock {
    /** How many slots move between a P and the shared stack at a time. */
    static final int BATCH = 32;

    private static final int CHUNK = 1024;
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(G[].class);

    private volatile @Nullable G[][] chunks = new @Nullable G[0][];
    private int[] free = new int[1024]; // guarded by this lock
    private int freeCount;
    private int limit; // slots [0, limit) have been handed out at some time

    /** Enters {@code g}; {@code p} is the P that the caller runs on, or null. */
    void add(G g, @Nullable P p) {
        int slot;
        if (p == null) {
            lock();
            slot = takeShared();
            unlock();
        } else {
            if (p.freeSlotCount == 0) {
                refill(p);
            }
            slot = p.freeSlots[--p.freeSlotCount];
        }
        g.slot = slot;
        CELL.setRelease(chunks[slot / CHUNK], slot % CHUNK, g);
    }

    /** Takes {@code g} out. */
    void remove(G g, @Nullable P p) {
        int slot = g.slot;
        g.slot = -1;
        CELL.setRelease(chunks[slot / CHUNK], slot % CHUNK, null);
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
    }

    /** Calls {@code action} for each live goroutine. */
    void forEach(Consumer<G> action) {
        for (G[] chunk : chunks) {
            for (int i = 0; i < CHUNK; i++) {
                G g = (G) CELL.getAcquire(chunk, i);
                if (g != null) {
                    action.accept(g);
                }
            }
        }
    }

    private void refill(P p) {
        lockPinned();
        for (int i = 0; i < BATCH; i++) {
            p.freeSlots[p.freeSlotCount++] = takeShared();
        }
        unlock();
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
        int slot = limit++;
        if (slot / CHUNK >= chunks.length) {
            @Nullable G[][] old = chunks;
            @Nullable G[][] grown = Arrays.copyOf(old, old.length + Math.max(1, old.length / 2));
            for (int i = old.length; i < grown.length; i++) {
                grown[i] = new @Nullable G[CHUNK];
            }
            chunks = grown;
        }
        return slot;
    }

    private void giveShared(int slot) {
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, freeCount * 2);
        }
        free[freeCount++] = slot;
    }
}
