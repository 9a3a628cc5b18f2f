package dev.jenny.inspect.internal.metrics;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.GcInfo;
import dev.jenny.inspect.Metric.Histogram;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.lang.management.RuntimeMXBean;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/** What the JVM counts, from its management beans. */
public final class JvmMetrics {
    /** Bounds of the buckets for pauses: 2^i milliseconds. The beans do not know shorter ones. */
    private static final int PAUSE_BUCKETS = 18;

    private static final AtomicLongArray PAUSES = new AtomicLongArray(PAUSE_BUCKETS);
    private static final AtomicLong PAUSE_MILLIS = new AtomicLong();
    private static final AtomicLong FORCED = new AtomicLong();
    private static final AtomicLong FREED = new AtomicLong();
    private static final AtomicLong AUTOMATIC = new AtomicLong();
    private static final AtomicLong USER_CPU = new AtomicLong();
    private static final Optional<Supplier<Double>> GC_CPU = JvmCounters.gcCpu();
    private static final long CLOCK_SET = 1_000; // milliseconds
    private static final String G1_CONCURRENT = "G1 Concurrent GC";

    static {
        for (GarbageCollectorMXBean gc : ManagementFactory.getGarbageCollectorMXBeans()) {
            if (gc instanceof NotificationEmitter emitter) {
                emitter.addNotificationListener((n, handback) -> collected(n), null, null);
            }
        }
    }

    private JvmMetrics() {}

    /**
     * The value of {@link System#nanoTime} from which the times of collections are counted, in
     * whole milliseconds. That is {@code getStartTime} of the JVM's bean; but its distance from now
     * is wrong by as much as the clock has been set since, and then {@code getUptime} is better,
     * which begins up to 0.1 s earlier.
     */
    public static long collectionsSince() {
        RuntimeMXBean jvm = ManagementFactory.getRuntimeMXBean();
        long age = System.currentTimeMillis() - jvm.getStartTime();
        long uptime = jvm.getUptime();
        long millis = Math.abs(age - uptime) > CLOCK_SET ? uptime : age;
        return System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private static void collected(Notification n) {
        if (!n.getType()
                .equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION)) {
            return;
        }
        var info = GarbageCollectionNotificationInfo.from((CompositeData) n.getUserData());
        String name = info.getGcName();
        if (info.getGcCause().equals("System.gc()") && tellsCycles(name)) {
            FORCED.getAndIncrement();
        }
        if (tellsPauses(name)) {
            paused(info.getGcInfo().getDuration());
        }
    }

    /** The beans of concurrent work give the time of a whole cycle, in which the program ran. */
    public static boolean tellsPauses(String name) {
        return name.equals(G1_CONCURRENT)
                || (!name.contains("Concurrent") && !name.contains("Cycles"));
    }

    /**
     * ZGC has a bean for each way of counting; G1's concurrent one tells the two pauses of each.
     */
    private static boolean tellsCycles(String name) {
        return !name.contains("Pauses") && !name.equals(G1_CONCURRENT);
    }

    static void paused(long millis) {
        int bits = Long.SIZE - Long.numberOfLeadingZeros(millis);
        PAUSES.getAndIncrement(Math.min(bits, PAUSE_BUCKETS - 1));
        PAUSE_MILLIS.getAndAdd(millis);
    }

    /** Pauses. */
    public static Histogram gcPauses() {
        double[] bounds = new double[PAUSE_BUCKETS + 1];
        long[] counts = new long[PAUSE_BUCKETS];
        for (int i = 0; i < PAUSE_BUCKETS; i++) {
            bounds[i] = i == 0 ? 0 : (1L << (i - 1)) / 1e3;
            counts[i] = PAUSES.get(i);
        }
        bounds[PAUSE_BUCKETS] = Double.POSITIVE_INFINITY;
        return new Histogram(bounds, counts, PAUSE_MILLIS.get() / 1e3);
    }

    /** Collections. */
    public static long gcCycles() {
        long n = 0;
        for (GarbageCollectorMXBean gc : ManagementFactory.getGarbageCollectorMXBeans()) {
            if (tellsCycles(gc.getName())) {
                n += Math.max(0, gc.getCollectionCount());
            }
        }
        return n;
    }

    /** Collections that were asked for. */
    public static long gcForced() {
        return FORCED.get();
    }

    /** All others. */
    public static long gcAutomatic() {
        // A collection is counted a moment before it is known to have been asked for.
        return AUTOMATIC.accumulateAndGet(gcCycles() - gcForced(), Math::max);
    }

    /** Platform threads. */
    public static long threads() {
        return ManagementFactory.getThreadMXBean().getThreadCount();
    }

    /** CPU time of the process, in seconds. */
    public static double cpuTime() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean os
                ? Math.max(0, os.getProcessCpuTime()) / 1e9
                : 0;
    }

    /** CPU time of the collector's threads, in seconds; nothing if the JVM does not tell it. */
    public static Optional<Supplier<Double>> gcCpuTime() {
        return GC_CPU;
    }

    /** {@link #cpuTime} without the collector, which is counted at the end of each collection. */
    public static double userCpuTime() {
        long now = (long) (1e9 * (cpuTime() - GC_CPU.map(Supplier::get).orElse(0.0)));
        return USER_CPU.accumulateAndGet(now, Math::max) / 1e9;
    }

    /** How often the JVM has stopped all threads; nothing if it does not tell. */
    public static Optional<Supplier<Long>> stops() {
        return JvmCounters.stops().map(n -> n::getAsLong);
    }

    /** How long it took until all had stopped, in seconds; nothing if the JVM does not tell. */
    public static Optional<Supplier<Double>> stopping() {
        return JvmCounters.stopping();
    }

    /** How long they stood other than for a collection, in seconds; nothing likewise. */
    public static Optional<Supplier<Double>> otherPauses() {
        return JvmCounters.otherPauses();
    }

    /** Seconds since the JVM started. */
    static double uptime() {
        return ManagementFactory.getRuntimeMXBean().getUptime() / 1e3;
    }

    /** Bytes allocated by all threads. */
    public static long allocated() {
        return ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean t
                ? Math.max(0, t.getTotalThreadAllocatedBytes())
                : 0;
    }

    /**
     * Bytes of objects that are not in the heap any more. The JVM counts what is used in larger
     * pieces than what is allocated; the sum does not go back for that.
     */
    public static long freed() {
        long used = heapUsed();
        return FREED.accumulateAndGet(allocated() - used, Math::max);
    }

    /** Bytes in use after the last collection; of all before the first. */
    public static long heapLive() {
        GcInfo last = null;
        for (GarbageCollectorMXBean bean : ManagementFactory.getGarbageCollectorMXBeans()) {
            // A pool's own figure is of the last collection of that pool, which may be long ago.
            if (bean instanceof com.sun.management.GarbageCollectorMXBean gc
                    && tellsCycles(bean.getName())) {
                GcInfo info = gc.getLastGcInfo();
                if (info != null && (last == null || info.getEndTime() >= last.getEndTime())) {
                    last = info;
                }
            }
        }
        if (last == null) {
            return heapUsed();
        }
        long live = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            MemoryUsage usage = last.getMemoryUsageAfterGc().get(pool.getName());
            if (pool.getType() == MemoryType.HEAP && usage != null) {
                live += usage.getUsed();
            }
        }
        return live;
    }

    private static MemoryUsage heap() {
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    }

    /** Bytes in use. */
    public static long heapUsed() {
        return heap().getUsed();
    }

    /** Bytes taken from the system. */
    public static long heapCommitted() {
        return heap().getCommitted();
    }

    /** Bytes taken from the system and not used. */
    public static long heapFree() {
        MemoryUsage heap = heap();
        return Math.max(0, heap.getCommitted() - heap.getUsed());
    }

    /** The limit. */
    public static long heapMax() {
        return heap().getMax();
    }

    /** Memory of direct and of mapped buffers. */
    public static long buffers() {
        long n = 0;
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            n += Math.max(0, pool.getMemoryUsed());
        }
        return n;
    }

    /** All of these. */
    public static long memory() {
        return heapCommitted() + nonHeap() + buffers();
    }

    /** How long collections stopped the program, in nanoseconds. */
    static long gcPauseNanos() {
        return TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS.get());
    }

    /** Classes and code. */
    public static long nonHeap() {
        return ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage().getUsed();
    }
}
