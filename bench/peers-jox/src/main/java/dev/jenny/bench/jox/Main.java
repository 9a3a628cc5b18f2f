package dev.jenny.bench.jox;

import dev.jenny.bench.harness.Suite;
import dev.jenny.bench.harness.VirtualThreads;

/** The runner for Jox. It has channels and select; for the rest one uses the JDK, see there. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        new Suite("jox", VirtualThreads::main)
                .add("pingpong", Channels::pingPong)
                .add("ring", Channels::ring)
                .add("spsc-0", r -> Channels.spsc(r, 0))
                .add("spsc-1", r -> Channels.spsc(r, 1))
                .add("spsc-128", r -> Channels.spsc(r, 128))
                .add("mpmc-4x4-0", r -> Channels.mpmc(r, 4, 0, false))
                .add("mpmc-4x4-128", r -> Channels.mpmc(r, 4, 128, false))
                .add("mpmc-1000x1000-0", r -> Channels.mpmc(r, 1000, 0, false))
                .add("pairs-10k-0", r -> Channels.pairs(r, 0))
                .add("pairs-10k-16", r -> Channels.pairs(r, 16))
                .add("chain-10k", Channels::chain)
                .add("select-2", r -> Selects.among(r, 2))
                .add("select-timeout", r -> Selects.timeout(r, 0))
                .add("select-nonblocking", Selects::nonBlocking)
                .add("select-8", r -> Selects.among(r, 8))
                .add("skynet-1m", Channels::skynet)
                .add("sieve-2000", Channels::sieve)
                .add("after-loop", r -> Selects.timeout(r, 128))
                .add("prodcons-work", r -> Channels.mpmc(r, 4, 128, true))
                .add("parked-memory", Channels::parkedMemory)
                .unsupportedAbove(
                        100_000,
                        "its close overflows the stack with a million waiters",
                        "parked-memory")
                .unsupported(
                        "Jox leaves it to the JDK, see there",
                        "spawn-wg",
                        "spawn-one",
                        "mutex-uncontended",
                        "mutex-100",
                        "rwmutex-90r",
                        "waitgroup-wake",
                        "once",
                        "timers-100k",
                        "timer-startstop",
                        "context-timeout",
                        "cancel-tree-1000",
                        "yield",
                        "matmul",
                        "wakeup-latency",
                        "echo-1000",
                        "jdk-reentrantlock",
                        "jdk-abq",
                        "jdk-synchronized")
                .main(args);
    }
}
