package dev.jenny.inspect;

import dev.jenny.inspect.Metric.Histogram;
import dev.jenny.inspect.Metric.Kind;
import dev.jenny.inspect.internal.issue.Issues;
import dev.jenny.inspect.internal.metrics.Drops;
import dev.jenny.inspect.internal.metrics.JmxBean;
import dev.jenny.inspect.internal.metrics.JvmMetrics;
import dev.jenny.inspect.internal.metrics.SchedMetrics;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The runtime's metrics, by the names of Go's {@code runtime/metrics}; what Go does not have begins
 * with {@code /jenny}.
 *
 * {@snippet :
 * for (Metric m : Metrics.all()) {
 *     System.out.println(m.name() + " " + m.value());
 * }
 * }
 *
 * <p>Reading costs microseconds for each, however many goroutines there are, and stops none; two
 * metrics are not of the same instant. All methods may be called by any thread.
 */
public final class Metrics {
    private static final List<Metric> ALL = new Builder().build();

    private Metrics() {}

    /** All metrics, by name. */
    public static List<Metric> all() {
        return ALL;
    }

    /** The metric {@code name}, such as {@code /sched/latencies:seconds}. */
    public static Optional<Metric> find(String name) {
        return ALL.stream().filter(m -> m.name().equals(name)).findFirst();
    }

    /**
     * Shows the metrics in JMX, as {@value JennyMXBean#NAME}. Once is enough; {@link
     * Inspect#start()} does it, too.
     */
    public static void registerMXBean() {
        JmxBean.register();
    }

    private static final class Builder {
        private final List<Metric> all = new ArrayList<>();

        private void gauge(
                String name, Supplier<? extends Number> value, String description, String advice) {
            all.add(Metric.number(name, Kind.GAUGE, description, advice, value));
        }

        private void counter(
                String name, Supplier<? extends Number> value, String description, String advice) {
            all.add(Metric.number(name, Kind.COUNTER, description, advice, value));
        }

        /** Of what not every JVM tells. */
        private void counter(
                String name,
                Optional<? extends Supplier<? extends Number>> value,
                String description,
                String advice) {
            value.ifPresent(v -> counter(name, v, description, advice));
        }

        private void histogram(
                String name, Supplier<Histogram> value, String description, String advice) {
            all.add(Metric.histogram(name, description, advice, value));
        }

        List<Metric> build() {
            goroutines();
            trouble();
            scheduler();
            processor();
            memory();
            all.sort(Comparator.comparing(Metric::name));
            return List.copyOf(all);
        }

        private void goroutines() {
            gauge(
                    "/sched/goroutines:goroutines",
                    SchedMetrics::goroutines,
                    "Live goroutines.",
                    "If it grows without end, goroutines leak: the biggest groups of"
                            + " /debug/pprof/goroutine?debug=1 say where they wait.");
            gauge(
                    "/sched/goroutines/runnable:goroutines",
                    SchedMetrics::runnable,
                    "Goroutines in run queues; approximate.",
                    "More than a few per P for long means too little CPU: see"
                            + " /debug/pprof/profile, or raise GOMAXPROCS if the machine has CPUs"
                            + " left.");
            gauge(
                    "/sched/goroutines/running:goroutines",
                    SchedMetrics::running,
                    "Goroutines that are on a thread; approximate.",
                    "At GOMAXPROCS all the time: the program is bound by CPU; see"
                            + " /debug/pprof/profile.");
            gauge(
                    "/sched/goroutines/waiting:goroutines",
                    SchedMetrics::waiting,
                    "Goroutines that wait for something; approximate.",
                    "Waiting costs memory only; if it grows without end, look for a leak with"
                            + " /debug/pprof/goroutineleak.");
            gauge(
                    "/sched/goroutines/not-in-go:goroutines",
                    SchedMetrics::notInGo,
                    "Goroutines that hold their thread in native code, file I/O or a CPU loop, so"
                            + " that another thread was brought in; approximate.",
                    "See /debug/pprof/pinned and the hog reports: move what blocks to a platform"
                            + " thread, or split what computes.");
            counter(
                    "/sched/goroutines-created:goroutines",
                    SchedMetrics::created,
                    "Goroutines that were started.",
                    "A high rate is cheap, but each costs some 100 ns and its stack's memory; batch"
                            + " work that is smaller than that.");
        }

        private void trouble() {
            counter(
                    "/jenny/deadlocks:events",
                    Issues::deadlocks,
                    "Partial deadlocks that were found: goroutines that wait for each other.",
                    "They will not go on: `jenny issues` and `jenny why ID` say who waits for whom;"
                            + " take locks in the same order everywhere.");
            counter(
                    "/jenny/leaks:goroutines",
                    Issues::leaked,
                    "Goroutines that were found to have leaked, by searches that somebody asked for"
                            + " and by jenny.leaks=reclaim.",
                    "`jenny issues` says where they were blocked and who created them; make the"
                            + " other side always finish, or select on Context.done().");
            counter(
                    "/jenny/drops/events:events",
                    Drops::events,
                    "Events of threads without a P that came too fast for the dashboard's recording.",
                    "The Trace page has holes there; set -Djenny.traceMegabytes higher, or wake"
                            + " goroutines from goroutines instead of from other threads.");
            counter(
                    "/jenny/drops/samples:samples",
                    Drops::samples,
                    "Samples that the machine had no time to take for the dashboard.",
                    "The machine is short of CPU: lower GOMAXPROCS, or give the container more.");
            counter(
                    "/jenny/drops/clients:samples",
                    Drops::clients,
                    "Samples that clients of the event stream missed because they were too slow; at"
                            + " most, since one that comes back gets the last ones after all.",
                    "Close dashboards that nobody looks at, or read /api/v1/state now and then"
                            + " instead of listening.");
        }

        private void scheduler() {
            gauge(
                    "/sched/gomaxprocs:threads",
                    SchedMetrics::gomaxprocs,
                    "How many goroutines may run at once.",
                    "More than the CPUs that the container may use only adds switches.");
            gauge(
                    "/sched/threads/total:threads",
                    JvmMetrics::threads,
                    "Live platform threads, the JVM's own included.",
                    "If it grows, something starts platform threads: see"
                            + " /debug/pprof/threadcreate?debug=1.");
            histogram(
                    "/sched/latencies:seconds",
                    SchedMetrics::latencies,
                    "How long goroutines were runnable until they ran; one in some wake-ups is"
                            + " measured, all the time.",
                    "A high p99 with busy CPUs means too little CPU; with idle ones, goroutines"
                            + " that hold their thread: see /debug/pprof/sched.");
            counter(
                    "/jenny/sched/steals:events",
                    SchedMetrics::steals,
                    "How often a P took goroutines from another.",
                    "Many steals with little work each mean that goroutines are too small, or"
                            + " GOMAXPROCS too high.");
            counter(
                    "/jenny/sched/handoffs:events",
                    SchedMetrics::handoffs,
                    "How often a P went on with the goroutine that the one before had woken, in the"
                            + " same time slice.",
                    "Cheap, and the best way to wake; a very high rate with little work each means"
                            + " that values are passed one by one: pass more of them at once.");
            counter(
                    "/jenny/sched/yields:events",
                    SchedMetrics::yields,
                    "How often a goroutine called gosched or Thread.yield.",
                    "A very high rate is a loop that polls by yielding; let it wait for a channel"
                            + " or a condition instead.");
            counter(
                    "/jenny/sched/idles:events",
                    SchedMetrics::idles,
                    "How often a P found nothing to do and slept.",
                    "Together with a high rate of wake-ups: work comes in drops; fewer Ps would do.");
            counter(
                    "/jenny/sched/wakeups:events",
                    SchedMetrics::wakeups,
                    "How often a sleeping thread was woken to look for work.",
                    "Each costs some microseconds of system time; a lower GOMAXPROCS needs fewer.");
            gauge(
                    "/jenny/sched/global-queue:goroutines",
                    SchedMetrics::globalQueue,
                    "Goroutines in the global run queue.",
                    "If it stays above zero there is more work than CPU, or goroutines are started"
                            + " and woken by threads outside the scheduler.");
            gauge(
                    "/jenny/sched/procs/idle:threads",
                    SchedMetrics::idleProcs,
                    "Ps that sleep.",
                    "High is good unless work waits: then see /sched/latencies:seconds.");
            gauge(
                    "/jenny/sched/procs/spinning:threads",
                    SchedMetrics::spinningProcs,
                    "Ps that look for work in others' queues.",
                    "Most Ps spinning all the time: GOMAXPROCS is too high for this work.");
            counter(
                    "/jenny/sched/held-up/burning:events",
                    SchedMetrics::burnt,
                    "How often a goroutine computed for more than 10 ms without a switch, so that"
                            + " another thread was brought in.",
                    "Let long loops call Go.gosched() now and then, or use fewer of them at once.");
            counter(
                    "/jenny/sched/held-up/blocked:events",
                    SchedMetrics::blocked,
                    "How often a goroutine blocked its thread for more than 10 ms: native code,"
                            + " file I/O, pinned.",
                    "See /debug/pprof/pinned; blocking native calls belong on platform threads.");
            gauge(
                    "/jenny/timers:timers",
                    SchedMetrics::timers,
                    "Timers that run: sleeps, timeouts, tickers somebody waits for.",
                    "If it grows without end, timers are started and neither stopped nor fired.");
        }

        private void processor() {
            counter(
                    "/sync/mutex/wait/total:seconds",
                    SchedMetrics::mutexWait,
                    "How long goroutines waited for Mutex and RWMutex, altogether; always counted.",
                    "See /debug/pprof/mutex?seconds=10 for who; hold locks shorter, or split them.");
            counter(
                    "/cpu/classes/total:cpu-seconds",
                    SchedMetrics::cpuTotal,
                    "CPU time that GOMAXPROCS allowed since the JVM started.",
                    "The base for the other /cpu/classes; nothing to do.");
            counter(
                    "/cpu/classes/user:cpu-seconds",
                    JvmMetrics::userCpuTime,
                    "CPU time that the process used, the compiler included; the collector, too, if"
                            + " there is no /cpu/classes/gc/total:cpu-seconds.",
                    "See /debug/pprof/profile for where it goes.");
            counter(
                    "/cpu/classes/gc/total:cpu-seconds",
                    JvmMetrics.gcCpuTime(),
                    "CPU time of the collector's threads, up to the last collection.",
                    "More than a few percent of /cpu/classes/user:cpu-seconds: allocate less"
                            + " (/debug/pprof/allocs), or give the JVM more memory (-Xmx).");
            counter(
                    "/cpu/classes/idle:cpu-seconds",
                    SchedMetrics::cpuIdle,
                    "Allowed CPU time that the process did not use.",
                    "High is good; with high latencies it means that goroutines wait for others,"
                            + " not for CPU.");
            histogram(
                    "/sched/pauses/total/gc:seconds",
                    JvmMetrics::gcPauses,
                    "How long collections stopped the program, since metrics were first read.",
                    "Give the JVM more memory (-Xmx), allocate less (/debug/pprof/allocs), or use"
                            + " -XX:+UseZGC.");
            pauses();
            counter(
                    "/gc/cycles/total:gc-cycles",
                    JvmMetrics::gcCycles,
                    "Garbage collections.",
                    "A high rate comes from allocation: see /debug/pprof/allocs.");
            counter(
                    "/gc/cycles/forced:gc-cycles",
                    JvmMetrics::gcForced,
                    "Collections that the program asked for, since metrics were first read.",
                    "Find who calls System.gc().");
            counter(
                    "/gc/cycles/automatic:gc-cycles",
                    JvmMetrics::gcAutomatic,
                    "Collections that the program did not ask for.",
                    "As for /gc/cycles/total:gc-cycles.");
        }

        private void pauses() {
            counter(
                    "/sched/pauses/total/other:seconds",
                    JvmMetrics.otherPauses(),
                    "How long the JVM stopped the program for other things than collections.",
                    "A trace or the dashboard's scheduler page tells the cause of each: thread and"
                            + " heap dumps, say, or classes that an agent changes.");
            counter(
                    "/jenny/sched/pauses/stopping:seconds",
                    JvmMetrics.stopping(),
                    "How long it took until all threads had stopped, for collections and other"
                            + " pauses.",
                    "If much of the pauses is this, threads come late to where they can stop: the"
                            + " machine has too few CPUs, or loops run long in compiled code"
                            + " (-XX:+UseCountedLoopSafepoints).");
            counter(
                    "/jenny/sched/pauses:pauses",
                    JvmMetrics.stops(),
                    "How often the JVM stopped all threads, for collections and other pauses.",
                    "A high rate of long ones is felt: see /sched/pauses/total/gc:seconds and"
                            + " /sched/pauses/total/other:seconds.");
        }

        private void memory() {
            counter(
                    "/gc/heap/allocs:bytes",
                    JvmMetrics::allocated,
                    "Memory that was allocated on the heap.",
                    "A high rate makes collections frequent: see /debug/pprof/allocs.");
            counter(
                    "/gc/heap/frees:bytes",
                    JvmMetrics::freed,
                    "Memory of objects that collections have taken from the heap.",
                    "If it grows more slowly than /gc/heap/allocs:bytes for long, the program keeps"
                            + " what it allocates: see /debug/pprof/heap?gc=1.");
            gauge(
                    "/gc/heap/live:bytes",
                    JvmMetrics::heapLive,
                    "Heap in use after the last collection.",
                    "If it grows without end, memory leaks: see /debug/pprof/heap?gc=1.");
            gauge(
                    "/gc/heap/goal:bytes",
                    JvmMetrics::heapCommitted,
                    "Heap that the JVM has taken from the system.",
                    "Near /gc/gomemlimit:bytes with frequent collections: raise -Xmx.");
            gauge(
                    "/gc/gomemlimit:bytes",
                    JvmMetrics::heapMax,
                    "The heap's limit, -Xmx.",
                    "Set it with -Xmx or -XX:MaxRAMPercentage.");
            gauge(
                    "/memory/classes/heap/objects:bytes",
                    JvmMetrics::heapUsed,
                    "Heap in use, garbage included.",
                    "Goes up and down with collections; watch /gc/heap/live:bytes instead.");
            gauge(
                    "/memory/classes/heap/free:bytes",
                    JvmMetrics::heapFree,
                    "Heap that the JVM holds and does not use.",
                    "Much of it for long: -Xmx is generous; nothing is wrong.");
            gauge(
                    "/memory/classes/other:bytes",
                    JvmMetrics::buffers,
                    "Memory of direct buffers and of mapped files, outside the heap.",
                    "If it grows without end, buffers are made and kept: reuse them, and bound them"
                            + " with -XX:MaxDirectMemorySize.");
            gauge(
                    "/memory/classes/total:bytes",
                    JvmMetrics::memory,
                    "The sum of the other /memory/classes; without stacks of threads and the JVM's"
                            + " own memory, which the JVM does not tell.",
                    "If the system counts much more for the process, look at"
                            + " /sched/threads/total:threads, and run with"
                            + " -XX:NativeMemoryTracking=summary.");
            gauge(
                    "/memory/classes/metadata/other:bytes",
                    JvmMetrics::nonHeap,
                    "Memory of classes and compiled code.",
                    "If it grows without end, classes are made at run time and never unloaded.");
        }
    }
}
