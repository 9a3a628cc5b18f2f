package dev.jenny.internal.event;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A listener to the labels of goroutines: it is told when a goroutine gets others, and when one
 * starts or ends that has any. While there is a listener {@link Events#labels} is true.
 *
 * <p>What has happened waits here until it is fetched, but no more than a limit; what finds no room
 * is lost, and {@link #lostSince} tells from when on. All methods may be called by any thread; who
 * tells never waits.
 */
public final class LabelChanges implements AutoCloseable {
    /**
     * Other labels.
     *
     * @param time the {@link System#nanoTime} of the change
     * @param thread the {@link Thread#threadId()} of the goroutine
     * @param from its labels before, empty if it has just started
     * @param to its labels from then on, empty if it has ended
     */
    public record Change(
            long time, long thread, Map<String, String> from, Map<String, String> to) {}

    /** What {@link #lostSince} says if nothing was lost. */
    public static final long NEVER = Long.MAX_VALUE;

    private static volatile LabelChanges[] listeners = {};

    private final ConcurrentLinkedQueue<Change> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger room;
    private final AtomicLong lost = new AtomicLong(NEVER);

    private LabelChanges(int limit) {
        room = new AtomicInteger(limit);
    }

    /** Listens from now on, until {@link #close}; {@code limit} changes find room. */
    public static LabelChanges listen(int limit) {
        LabelChanges listener = new LabelChanges(limit);
        synchronized (LabelChanges.class) {
            List<LabelChanges> all = new ArrayList<>(List.of(listeners));
            all.add(listener);
            set(all);
        }
        return listener;
    }

    @Override
    public void close() {
        synchronized (LabelChanges.class) {
            List<LabelChanges> all = new ArrayList<>(List.of(listeners));
            all.remove(this);
            set(all);
        }
    }

    private static void set(List<LabelChanges> all) {
        listeners = all.toArray(LabelChanges[]::new);
        Events.labels = !all.isEmpty();
    }

    /** The labels of a goroutine's thread change, now. */
    public static void tell(long thread, Map<String, String> from, Map<String, String> to) {
        long now = System.nanoTime();
        for (LabelChanges listener : listeners) {
            try {
                listener.add(new Change(now, thread, from, to));
            } catch (OutOfMemoryError e) {
                listener.lose(now);
            }
        }
    }

    private void add(Change change) {
        if (room.getAndDecrement() > 0) {
            queue.add(change);
        } else {
            room.getAndIncrement();
            lose(change.time);
        }
    }

    private void lose(long time) {
        if (time < lost.get()) {
            lost.getAndAccumulate(time, Math::min);
        }
    }

    /**
     * Hands what has been told so far to {@code action}, of each thread in order, and makes room.
     */
    public void fetch(Consumer<Change> action) {
        long now = System.nanoTime(); // else it might not come to an end
        for (Change c; (c = queue.poll()) != null; ) {
            room.getAndIncrement();
            action.accept(c);
            if (c.time > now) {
                return;
            }
        }
    }

    /** Since when changes were lost, or {@link #NEVER}; forgets it. */
    public long lostSince() {
        return lost.getAndSet(NEVER);
    }
}
