package dev.jenny.bench.jenny;

import static dev.jenny.Go.go;

import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.bench.harness.JdkBlocking;
import dev.jenny.bench.harness.Suite;
import dev.jenny.internal.event.Recorder;
import dev.jenny.sync.WaitGroup;
import java.util.concurrent.atomic.AtomicReference;

/** The runner for Jenny: in both modes, and with events recorded. */
public final class Main {
    /** As much as the flight recorder has for each P, unless told otherwise. */
    private static final long RING_BYTES = 8 << 20;

    private static final int SWITCHES = 20_000;

    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        // The mode that runs, not the one that was asked for: a wrong flag must not pass unnoticed.
        String runtime = GoRuntime.mode().equals("custom") ? recorded() : "jenny-fallback";
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

    /** Records events from now on, or has done so, if it is to be known what that costs. */
    private static String recorded() throws InterruptedException {
        String runtime = System.getProperty("jenny.bench.runtime", "jenny");
        switch (runtime) {
            case "jenny-traced" -> Recorder.start(RING_BYTES);
            case "jenny-untraced" -> {
                Recorder recorder = Recorder.start(RING_BYTES);
                WaitGroup wg = new WaitGroup();
                for (int g = 0; g < 2; g++) {
                    wg.go(() -> {
                        for (int i = 0; i < SWITCHES; i++) {
                            Go.gosched();
                        }
                    });
                }
                wg.await();
                recorder.stop();
            }
            default -> {}
        }
        return runtime;
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
