package dev.jenny.inspect.internal.pause;

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
 * The collector's pauses since this object was made, as the JVM's beans tell them: at no cost, and
 * to the millisecond. The last {@value #MOST} of them.
 */
public final class BeanPauses implements AutoCloseable, NotificationListener {
    static final int MOST = 10_000;

    private final List<NotificationEmitter> beans = new ArrayList<>();
    private final ArrayDeque<Pause> seen = new ArrayDeque<>(); // guarded by itself
    private final long jvmStart = JvmMetrics.collectionsSince();

    /** From now on. */
    public BeanPauses() {
        for (GarbageCollectorMXBean b : ManagementFactory.getGarbageCollectorMXBeans()) {
            if (b instanceof NotificationEmitter e && JvmMetrics.tellsPauses(b.getName())) {
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
                        true,
                        info.getGcName() + ", " + info.getGcCause());
        synchronized (seen) {
            if (seen.size() == MOST) {
                seen.remove();
            }
            seen.add(p);
        }
    }

    /** What has come and has not been taken. */
    List<Pause> seen() {
        synchronized (seen) {
            return List.copyOf(seen);
        }
    }

    /** Takes what has come since the last call. */
    public List<Pause> take() {
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
