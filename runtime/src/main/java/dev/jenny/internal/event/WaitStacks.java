package dev.jenny.internal.event;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.IntSupplier;

/**
 * Where the goroutines of one spawn site wait for one reason, without a walk of the stack at each
 * wait.
 *
 * <p>Most often that is one place. So the stack is walked at the 1st, 2nd, 4th, 8th … wait, and
 * taken to be the same in between. Once two different ones have been seen, stacks are kept by the
 * object that is waited for (a goroutine seldom waits for one object in two places), again walked
 * at growing intervals; objects that the small table has no place for get the last stack that was
 * seen, and one walk in {@value #WALK_EVERY}.
 *
 * <p>All fields are plain and racy: a wrong guess is a wrong line in a trace, now and then.
 */
final class WaitStacks {
    private static final int TABLE = 64;
    private static final int WALK_EVERY = 32;
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    private int waits;
    private int last;
    private boolean many;
    private final long[] byObject = new long[TABLE]; // identity hash | stack; 0 is free

    /**
     * @param on what is waited for
     * @param walk walks the stack
     */
    int stack(Object on, IntSupplier walk) {
        int n = ++waits;
        if (!many) {
            if ((n & (n - 1)) != 0) {
                return last;
            }
            int here = walk.getAsInt();
            if (last != Stacks.NONE && here != last) {
                many = true;
            }
            last = here;
            return here;
        }
        int hash = System.identityHashCode(on);
        int i = (hash ^ (hash >>> 6)) & (TABLE - 1);
        long known = (long) CELL.getOpaque(byObject, i);
        boolean hit = (int) (known >>> 32) == hash && known != 0;
        if (hit && (n & 1023) != 0) {
            return (int) known;
        }
        if (!hit && known != 0 && n % WALK_EVERY != 0) {
            return last;
        }
        int here = walk.getAsInt();
        CELL.setOpaque(byObject, i, ((long) hash << 32) | here);
        last = here;
        return here;
    }
}
