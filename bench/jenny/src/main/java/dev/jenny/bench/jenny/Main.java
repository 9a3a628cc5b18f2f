package dev.jenny.bench.jenny;

import static dev.jenny.Go.go;

import dev.jenny.GoRuntime;
import dev.jenny.bench.harness.JdkBlocking;
import dev.jenny.bench.harness.Suite;
import dev.jenny.sync.WaitGroup;
import java.util.concurrent.atomic.AtomicReference;

/** The runner for Jenny, in both modes. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        // The mode that runs, not the one that was asked for: a wrong flag must not pass unnoticed.
        String runtime = GoRuntime.mode().equals("custom") ? "jenny" : "jenny-fallback";
        JdkBlocking blocking = new JdkBlocking(body -> go(body::run).thread());
        new Suite(runtime, Main::goroutine)
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
                .add("select-timeout", Selects::timeout)
                .add("select-nonblocking", Selects::nonBlocking)
                .add("select-8", r -> Selects.among(r, 8))
                .add("spawn-wg", Spawns::spawnWg)
                .add("spawn-one", Spawns::spawnOne)
                .add("skynet-1m", Spawns::skynet)
                .add("sieve-2000", Channels::sieve)
                .add("mutex-uncontended", Locks::uncontended)
                .add("mutex-100", r -> Locks.mutex(r, 100))
                .add("rwmutex-90r", Locks::rwMutex)
                .add("waitgroup-wake", Locks::waitGroupWake)
                .add("once", Locks::once)
                .add("timers-100k", Times::sleepers)
                .add("timer-startstop", Times::startStop)
                .add("after-loop", Selects::afterLoop)
                .add("context-timeout", Times::contextTimeout)
                .add("cancel-tree-1000", Times::cancelTree)
                .add("yield", Spawns::yields)
                .add("matmul", Spawns::matmul)
                .add("prodcons-work", r -> Channels.mpmc(r, 4, 128, true))
                .add("parked-memory", Spawns::parkedMemory)
                .add("wakeup-latency", Times::wakeupLatency)
                .add("echo-1000", blocking::echo)
                .add("jdk-reentrantlock", blocking::reentrantLock)
                .add("jdk-abq", blocking::arrayBlockingQueue)
                .add("jdk-synchronized", blocking::monitor)
                .add("scale-waiters", Scale::waiters)
                .add("scale-dequeue", Scale::dequeue)
                .add("scale-select", Scale::selectAmong)
                .add("scale-timers", Scale::timers)
                .main(args);
    }

    private static void goroutine(Suite.Body body) throws Exception {
        AtomicReference<Exception> thrown = new AtomicReference<>();
        WaitGroup wg = new WaitGroup();
        wg.go(() -> {
            try {
                body.run();
            } catch (Exception e) {
                thrown.set(e);
            }
        });
        wg.await();
        if (thrown.get() != null) {
            throw thrown.get();
        }
    }
}
