package dev.jenny.inspect.internal.trace;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.GcInfo;
import dev.jenny.inspect.internal.metrics.JvmMetrics;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.management.ListenerNotFoundException;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.NotificationListener;
import javax.management.openmbean.CompositeData;

/**
 * The pauses of the garbage collector since this object was made, to the millisecond that the JVM
 * tells them to; the last {@value #MOST} of them.
 */
public final class GcPauses implements AutoCloseable, NotificationListener {
    static final int MOST = 10_000;

    /** One pause, on the scale of {@link System#nanoTime}. */
    public record Pause(long begin, long end, String name) {}

    private final List<NotificationEmitter> beans = new ArrayList<>();
    private final ArrayDeque<Pause> seen = new ArrayDeque<>(); // guarded by itself
    private final long jvmStart = JvmMetrics.collectionsSince();

    /** From now on. */
    public GcPauses() {
        for (GarbageCollectorMXBean b : ManagementFactory.getGarbageCollectorMXBeans()) {
            // those of concurrent collectors tell whole cycles, in which the program runs
            if (b instanceof NotificationEmitter e && !b.getName().endsWith("Cycles")) {
                e.addNotificationListener(this, null, null);
                beans.add(e);
            }
        }
    }

    @Override
    public void handleNotification(Notification n, Object handback) {
        if (!n.getType().equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION)
                || !(n.getUserData() instanceof CompositeData data)) {
            return;
        }
        var info = GarbageCollectionNotificationInfo.from(data);
        GcInfo gc = info.getGcInfo();
        Pause p =
                new Pause(
                        jvmStart + TimeUnit.MILLISECONDS.toNanos(gc.getStartTime()),
                        jvmStart + TimeUnit.MILLISECONDS.toNanos(gc.getEndTime()),
                        info.getGcName() + ", " + info.getGcCause());
        synchronized (seen) {
            if (seen.size() == MOST) {
                seen.remove();
            }
            seen.add(p);
        }
    }

    /** What has come and has not been taken. */
    public List<Pause> seen() {
        synchronized (seen) {
            return List.copyOf(seen);
        }
    }

    /** Takes what has come since the last call. */
    List<Pause> take() {
        synchronized (seen) {
            List<Pause> all = List.copyOf(seen);
            seen.clear();
            return all;
        }
    }

    @Override
    public void close() {
        for (NotificationEmitter b : beans) {
            try {
                b.removeNotificationListener(this);
            } catch (ListenerNotFoundException e) {
                // then there is nothing to remove
            }
        }
    }
}
