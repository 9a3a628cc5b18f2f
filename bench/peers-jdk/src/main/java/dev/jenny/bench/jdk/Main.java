package dev.jenny.bench.jdk;

import dev.jenny.bench.harness.JdkBlocking;
import dev.jenny.bench.harness.Suite;
import dev.jenny.bench.harness.VirtualThreads;

/** The runner for the JDK's virtual threads. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        JdkBlocking blocking = new JdkBlocking(VirtualThreads::start);
        new Suite("jdk", VirtualThreads::main)
                .add("pingpong", Queues::pingPong)
                .add("ring", Queues::ring)
                .add("spsc-0", r -> Queues.spsc(r, 0))
                .add("spsc-1", r -> Queues.spsc(r, 1))
                .add("spsc-128", r -> Queues.spsc(r, 128))
                .add("mpmc-4x4-0", r -> Queues.mpmc(r, 4, 0, false))
                .add("mpmc-4x4-128", r -> Queues.mpmc(r, 4, 128, false))
                .add("mpmc-1000x1000-0", r -> Queues.mpmc(r, 1000, 0, false))
                .add("pairs-10k-0", r -> Queues.pairs(r, 0))
                .add("pairs-10k-16", r -> Queues.pairs(r, 16))
                .add("chain-10k", Queues::chain)
                .add("select-2", r -> Queues.among(r, 2))
                .add("select-timeout", r -> Queues.timeout(r, 0))
                .add("select-nonblocking", Queues::nonBlocking)
                .add("select-8", r -> Queues.among(r, 8))
                .add("spawn-wg", Spawns::spawnWg)
                .add("spawn-one", Spawns::spawnOne)
                .add("skynet-1m", Spawns::skynet)
                .add("sieve-2000", Queues::sieve)
                .add("mutex-uncontended", Locks::uncontended)
                .add("mutex-100", blocking::reentrantLock)
                .add("rwmutex-90r", Locks::rwLock)
                .add("waitgroup-wake", Locks::latchWake)
                .add("timers-100k", Times::sleepers)
                .add("timer-startstop", Times::startStop)
                .add("after-loop", r -> Queues.timeout(r, 128))
                .add("yield", Spawns::yields)
                .add("matmul", Spawns::matmul)
                .add("prodcons-work", r -> Queues.mpmc(r, 4, 128, true))
                .add("parked-memory", Spawns::parkedMemory)
                .add("wakeup-latency", Times::wakeupLatency)
                .add("echo-1000", blocking::echo)
                .add("jdk-reentrantlock", blocking::reentrantLock)
                .add("jdk-abq", blocking::arrayBlockingQueue)
                .add("jdk-synchronized", blocking::monitor)
                .unsupported("the JDK has no Once", "once")
                .unsupported("the JDK has no contexts", "context-timeout", "cancel-tree-1000")
                .main(args);
    }
}
