package dev.jenny.inspect.internal.metrics;

import dev.jenny.GoRuntime;
import dev.jenny.inspect.Metric.Histogram;
import dev.jenny.internal.event.Counters;
import dev.jenny.internal.event.Events;
import dev.jenny.internal.event.LockWaits;
import dev.jenny.internal.event.TimeHistogram;
import dev.jenny.internal.sched.Probe;
import java.util.function.ToLongFunction;

/** What the scheduler counts. In fallback mode there are no Ps, and most of it is 0. */
public final class SchedMetrics {
    private static final Cpu CPU = new Cpu();

    private SchedMetrics() {}

    /** Live goroutines. */
    public static long goroutines() {
        return GoRuntime.numGoroutine();
    }

    /** In run queues. */
    public static long runnable() {
        long n = Probe.scheduler().globalQueue();
        for (Probe.PView p : Probe.ps()) {
            n += p.queued() + (p.next() == 0 ? 0 : 1);
        }
        return n;
    }

    /** On the M of a P that counts. */
    public static long running() {
        return Probe.ps().stream()
                .filter(p -> p.current() != 0 && !p.status().equals("stalled"))
                .count();
    }

    /** On the M of a P that was held up. */
    public static long notInGo() {
        return Probe.ps().stream()
                .filter(p -> p.current() != 0 && p.status().equals("stalled"))
                .count();
    }

    /** All others. */
    public static long waiting() {
        return Math.max(0, goroutines() - runnable() - running() - notInGo());
    }

    /** Started. */
    public static long created() {
        return Probe.scheduler().created();
    }

    /** GOMAXPROCS. */
    public static long gomaxprocs() {
        return Probe.scheduler().gomaxprocs();
    }

    /** Length of the global queue. */
    public static long globalQueue() {
        return Probe.scheduler().globalQueue();
    }

    /** Ps that sleep. */
    public static long idleProcs() {
        return Probe.scheduler().idlePs();
    }

    /** Ps that search. */
    public static long spinningProcs() {
        return Probe.scheduler().spinningPs();
    }

    /** Held up by computing. */
    public static long burnt() {
        return Probe.scheduler().burnt();
    }

    /** Held up by blocking. */
    public static long blocked() {
        return Probe.scheduler().blocked();
    }

    /** Running timers. */
    public static long timers() {
        return Probe.scheduler().timers();
    }

    /** Steals. */
    public static long steals() {
        return sum(Counters::steals);
    }

    /** Yields. */
    public static long yields() {
        return sum(Counters::yields);
    }

    /** Sleeps of Ps. */
    public static long idles() {
        return sum(Counters::idles);
    }

    /** Switches to a goroutine that the one before has woken, in the same time slice. */
    public static long handoffs() {
        return HandOffs.all();
    }

    /** Wake-ups of Ms. */
    public static long wakeups() {
        return Counters.wakeups();
    }

    private static long sum(ToLongFunction<Counters> value) {
        long n = 0;
        for (Counters c : Events.counters()) {
            n += value.applyAsLong(c);
        }
        return n;
    }

    /** From runnable to running. */
    public static Histogram latencies() {
        long[] counts = new long[TimeHistogram.BUCKETS];
        double sum = 0;
        for (Counters c : Events.counters()) {
            c.latency().addTo(counts);
            sum += c.latency().sum();
        }
        double[] bounds = new double[TimeHistogram.BUCKETS + 1];
        for (int i = 0; i < TimeHistogram.BUCKETS; i++) {
            bounds[i] = TimeHistogram.lowerBound(i) / 1e9;
        }
        bounds[TimeHistogram.BUCKETS] = Double.POSITIVE_INFINITY;
        return new Histogram(bounds, counts, sum / 1e9);
    }

    /** Waits for mutexes, in seconds. */
    public static double mutexWait() {
        return LockWaits.nanos() / 1e9;
    }

    /**
     * Allowed CPU time, in seconds. Between two readings GOMAXPROCS is taken to have been what it
     * is at the second.
     */
    public static double cpuTotal() {
        synchronized (CPU) {
            double now = JvmMetrics.uptime();
            CPU.total += gomaxprocs() * Math.max(0, now - CPU.at);
            CPU.at = now;
            return CPU.total;
        }
    }

    /** Allowed and not used. Does not go back when more is used than is allowed. */
    public static double cpuIdle() {
        synchronized (CPU) {
            CPU.idle = Math.max(CPU.idle, cpuTotal() - JvmMetrics.cpuTime());
            return CPU.idle;
        }
    }

    private static final class Cpu {
        double at; // guarded by this, and so are the others
        double total;
        double idle;
    }
}
