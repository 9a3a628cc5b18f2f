package dev.jenny.internal.event;

import java.util.ArrayList;
import java.util.List;

/**
 * Somebody's wish that operations on channels be recorded, from {@link #record} to {@link #close}.
 * It is followed while there is a recording ({@link Recorder}), and all recordings get the events.
 * Of several wishes that for the most is followed.
 *
 * <p>{@code -Djenny.traceChannels=N} is such a wish for as long as the program runs. Without any,
 * an operation costs nothing ({@link Events#channels}).
 */
public final class ChannelOps implements AutoCloseable {
    /** At the fewest, one in so many is recorded. */
    public static final int MAX = 1_000_000;

    private static final int ALWAYS =
            Math.clamp(Integer.getInteger("jenny.traceChannels", 0), 0, MAX);

    private static final List<ChannelOps> WISHES = new ArrayList<>(); // guarded by the class
    private static volatile int least = ALWAYS;

    private final int oneIn;

    private ChannelOps(int oneIn) {
        this.oneIn = oneIn;
    }

    /**
     * Wishes for one in {@code oneIn} operations, on average.
     *
     * @throws IllegalArgumentException if it is not 1 to {@link #MAX}
     */
    public static ChannelOps record(int oneIn) {
        if (oneIn < 1 || oneIn > MAX) {
            throw new IllegalArgumentException(
                    "one in " + oneIn + " operations on channels: must be 1 to " + MAX);
        }
        ChannelOps wish = new ChannelOps(oneIn);
        synchronized (ChannelOps.class) {
            WISHES.add(wish);
            choose();
        }
        boolean followed = false;
        try {
            Events.update();
            followed = true;
        } finally {
            if (!followed) {
                wish.close(); // nobody else can
            }
        }
        return wish;
    }

    @Override
    public void close() {
        synchronized (ChannelOps.class) {
            WISHES.remove(this);
            choose();
        }
        Events.update();
    }

    private static void choose() {
        int n = ALWAYS;
        for (ChannelOps wish : WISHES) {
            n = n == 0 ? wish.oneIn : Math.min(n, wish.oneIn);
        }
        least = n;
    }

    /** One in so many is wished for; 0 for none. */
    static int oneIn() {
        return least;
    }
}
