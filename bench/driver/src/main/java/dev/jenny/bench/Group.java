package dev.jenny.bench;

import java.util.Arrays;
import java.util.List;

/** Workloads that are about the same thing: a line of the summary. */
enum Group {
    UNBUFFERED(
            "unbuffered channels",
            "pingpong",
            "ring",
            "spsc-0",
            "mpmc-4x4-0",
            "mpmc-1000x1000-0",
            "pairs-10k-0",
            "chain-10k",
            "sieve-2000"),
    BUFFERED(
            "buffered channels",
            "spsc-1",
            "spsc-128",
            "mpmc-4x4-128",
            "pairs-10k-16",
            "prodcons-work"),
    SELECT("select", "select-2", "select-timeout", "select-nonblocking", "select-8", "after-loop"),
    STARTING("starting goroutines", "spawn-wg", "spawn-one", "skynet-1m", "parked-memory"),
    LOCKS(
            "locks, WaitGroup, Once",
            "mutex-uncontended",
            "mutex-100",
            "rwmutex-90r",
            "waitgroup-wake",
            "once"),
    TIMERS(
            "timers, contexts",
            "timers-100k",
            "timer-startstop",
            "context-timeout",
            "cancel-tree-1000"),
    YIELDING("yielding, waking from idle", "yield", "wakeup-latency"),
    COMPUTING("computing", "matmul"),
    SOCKETS("sockets", "echo-1000"),
    JDK("the JDK's locks and queues", "jdk-reentrantlock", "jdk-abq", "jdk-synchronized");

    static {
        for (Workload w : Workload.ALL) {
            if (Arrays.stream(values()).noneMatch(group -> group.has(w.name()))) {
                throw new AssertionError(w.name() + " is in no group");
            }
        }
    }

    private final String title;
    private final List<String> names;

    Group(String title, String... names) {
        this.title = title;
        this.names = List.of(names);
    }

    String title() {
        return title;
    }

    boolean has(String workload) {
        return names.contains(workload);
    }
}
