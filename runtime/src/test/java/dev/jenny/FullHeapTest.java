package dev.jenny;

import static dev.jenny.Go.go;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.context.Context;
import dev.jenny.support.JavaProcess;
import dev.jenny.support.JavaProcess.Result;
import dev.jenny.support.Mode;
import dev.jenny.sync.ErrGroup;
import dev.jenny.sync.SingleFlight;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** An application that gets over an OutOfMemoryError has a runtime that works. */
class FullHeapTest {
    /** Where a thread that is no goroutine needs an object to wait with. */
    @Test
    void whoFindsNoMemoryToWaitLeavesTheChannelUnlocked() throws Exception {
        Result r =
                JavaProcess.of(Unlocked.class)
                        .option("-Xmx32m")
                        .option("-XX:+UseSerialGC")
                        .embedded()
                        .run();
        assertThat(r.exitCode()).as(r.toString()).isZero();
        assertThat(r.out()).contains("closed");
    }

    static final class Unlocked {
        static final Chan<Integer> CH = Chan.make();
        static volatile Object kept;
        static volatile boolean failed;

        public static void main(String[] args) throws InterruptedException {
            for (boolean fill = false; !failed; fill = true) { // the first loads the classes
                boolean full = fill;
                Thread t = Thread.ofPlatform().start(() -> receive(full));
                while (t.isAlive()) {
                    try {
                        CH.trySend(1); // there was memory for it, so it waits; another try
                    } catch (OutOfMemoryError e) {
                        // the heap is full for this thread, too
                    }
                }
                kept = null;
            }
            CH.close();
            System.out.println("closed");
        }

        private static void receive(boolean full) {
            try {
                try {
                    while (full) {
                        kept = new Object[] {kept};
                    }
                } catch (OutOfMemoryError e) {
                    // now it is full
                }
                CH.recv();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            } catch (OutOfMemoryError e) {
                failed = true;
            }
        }
    }

    /** One JVM for several cases; in each the heap is full to the last bytes. */
    @Test
    void nobodyWaitsForEverForWhatHasFoundNoMemory() throws Exception {
        Mode.assumeCustom("the JDK's scheduler may need memory for a goroutine that is woken");
        Result r = JavaProcess.of(Waits.class).option("-Xmx20m").run();
        assertThat(r.exitCode()).as(r.toString()).isEqualTo(2);
        assertThat(r.err()).contains("panic: java.lang.OutOfMemoryError: no memory is left");
        assertThat(r.out())
                .isEqualTo(
                        """
                        a call that finds no room in the map
                        a call that fills the heap
                        a task that fills the heap
                        """);
    }

    /** There is no memory to report it. */
    static final class Unreported extends RuntimeException {
        @Override
        public StackTraceElement[] getStackTrace() {
            throw new OutOfMemoryError("as if");
        }
    }

    static final class Waits {
        static volatile Object kept;
        static volatile byte[] room;

        public static void main(String[] args) throws Exception {
            noRoomInTheMap(false); // loads the classes
            while (!noRoomInTheMap(true)) {
                // the scheduler's threads have left some memory meanwhile
            }
            System.out.println("a call that finds no room in the map");
            aCallThatFillsTheHeap(false);
            aCallThatFillsTheHeap(true);
            System.out.println("a call that fills the heap");
            aTaskThatFillsTheHeap(false);
            aTaskThatFillsTheHeap(true);
            System.out.println("a task that fills the heap");
            GoRuntime.onPanic((g, e) -> {
                throw new Unreported();
            });
            throw new IllegalStateException("main is over: the JVM ends");
        }

        private static void fill(boolean full) {
            for (int n = 1 << 18; full; n /= 8) {
                try {
                    for (; ; ) {
                        Object[] link = new Object[n + 1];
                        link[0] = kept;
                        kept = link;
                    }
                } catch (OutOfMemoryError e) {
                    full = n > 0;
                }
            }
        }

        /** There is memory for another call, but not for the longer table that comes with it. */
        private static boolean noRoomInTheMap(boolean full) throws Exception {
            int n = 384; // so many are in a table before it grows
            boolean[] failed = {false};
            SingleFlight<Integer, Integer> flight = new SingleFlight<>();
            nested(
                    flight,
                    n,
                    () -> {
                        room = new byte[2048];
                        fill(full);
                        room = null;
                        try {
                            flight.run(n, () -> n);
                        } catch (OutOfMemoryError e) {
                            failed[0] = true;
                        }
                        kept = null;
                        return flight.run(n, () -> n); // does not wait for the one that failed
                    });
            return failed[0];
        }

        private static Integer nested(
                SingleFlight<Integer, Integer> flight, int n, Callable<Integer> body)
                throws Exception {
            return n == 0 ? body.call() : flight.run(n - 1, () -> nested(flight, n - 1, body));
        }

        private static void aCallThatFillsTheHeap(boolean full) throws Exception {
            SingleFlight<String, Integer> flight = new SingleFlight<>();
            Chan<Integer> begin = Chan.make();
            IllegalStateException failure = new IllegalStateException("of the call");
            Callable<Integer> call =
                    () -> {
                        begin.recv();
                        fill(full);
                        throw failure;
                    };
            List<Future<?>> futures = new ArrayList<>();
            for (int i = 0; i < 1000; i++) { // each takes some memory when it is completed
                futures.add(flight.async("k", call));
            }
            Thread releaser = Thread.ofPlatform().start(() -> release(flight, call));
            Thread starter = closeOnceAllWait(begin, releaser, flight);
            releaser.join();
            starter.join();
            while (GoRuntime.numGoroutine() > 1) {
                Thread.yield();
            }
            for (Future<?> f : futures) {
                check(f.exceptionNow() == failure);
            }
        }

        /** Gives the memory back when the call is over, and has come to need some. */
        private static void release(SingleFlight<String, Integer> flight, Callable<Integer> call) {
            try {
                flight.run("k", call);
            } catch (Exception e) {
                for (int i = 0; i < 3; i++) {
                    fill(kept != null); // fails, after the heap has been searched for room
                }
                kept = null;
            }
        }

        private static void aTaskThatFillsTheHeap(boolean full) throws Exception {
            ErrGroup group = ErrGroup.withContext(Context.background());
            RecvChan<Void> done = Objects.requireNonNull(group.context().done());
            Chan<Integer> begin = Chan.make();
            Chan<Thread> other = Chan.make();
            OutOfMemoryError failure = new OutOfMemoryError("of the task");
            group.go(() -> {
                other.send(Thread.currentThread());
                done.recv();
            });
            group.go(() -> {
                begin.recv();
                fill(full);
                throw failure;
            });
            Thread starter = closeOnceAllWait(begin, other.recv(), done);
            Thread releaser = Thread.ofPlatform().start(() -> releaseOnceDone(group.context()));
            Throwable thrown = null;
            try {
                group.await();
            } catch (OutOfMemoryError e) {
                thrown = e;
            }
            check(thrown == failure);
            check(group.context().cause() == failure);
            starter.join();
            releaser.join();
        }

        private static void releaseOnceDone(Context ctx) {
            while (ctx.err() == null) {
                Thread.onSpinWait();
            }
            kept = null;
        }

        /** Closes {@code begin} when {@code other} and the caller wait and need no more memory. */
        private static Thread closeOnceAllWait(Chan<Integer> begin, Thread other, Object on) {
            Thread caller = Thread.currentThread();
            return Thread.ofPlatform()
                    .start(() -> {
                        while (LockSupport.getBlocker(other) != on
                                || caller.getState() != Thread.State.WAITING) {
                            Thread.onSpinWait();
                        }
                        begin.close();
                    });
        }

        private static void check(boolean condition) {
            if (!condition) {
                throw new AssertionError();
            }
        }
    }

    @Test
    void goroutinesRunWaitAndTimeOutAfterIt() throws Exception {
        // A park that finds no memory for the stack stays on its thread, for as long as it lasts:
        // on the JDK's scheduler a few of them that last for ever are the end of all.
        Mode.assumeCustom("brings in another M for one that a goroutine holds");
        Result r = JavaProcess.of(Program.class).option("-Xmx32m").embedded().run();
        assertThat(r.exitCode()).as(r.toString()).isZero();
        assertThat(r.out()).contains("survived");
        assertThat(r.err()).doesNotContain("UncaughtExceptionHandler");
    }

    static final class Program {
        static volatile Object kept;

        record Node(Object next, long[] some) {}

        public static void main(String[] args) throws Exception {
            // The program has run for a while: what it does is loaded and linked.
            List<Chan<Integer>> values = new ArrayList<>();
            startSome(values, () -> true);
            values.forEach(Chan::close);
            works();
            AtomicInteger full = new AtomicInteger();
            Thread filler = Thread.ofPlatform().start(() -> fill(full));
            startSome(new ArrayList<>(), filler::isAlive);
            filler.join(); // or it has died of what it makes
            kept = null;
            works();
            System.out.println("survived");
        }

        private static void fill(AtomicInteger full) {
            while (full.get() < 5) {
                try {
                    kept = new Node(kept, new long[4]);
                } catch (OutOfMemoryError e) {
                    full.incrementAndGet();
                    Object k = kept;
                    if (k instanceof Node n) {
                        kept = n.next; // room for a few
                    }
                }
            }
        }

        /**
         * Goroutines start, sleep, yield, and wait in a channel, until it is closed. No more than
         * 50 have one in common: who meets the error may leave it locked, and each that then waits
         * for the lock holds an M.
         */
        private static void startSome(List<Chan<Integer>> made, BooleanSupplier more) {
            Chan<Integer> never = Chan.make();
            Chan<Integer> shared = never;
            for (int i = 0; i < 10_000 && more.getAsBoolean(); i++) {
                int kind = ThreadLocalRandom.current().nextInt(4);
                try {
                    if (i % 50 == 0) {
                        never = Chan.make();
                        shared = Chan.make(1);
                        made.add(shared);
                    }
                    Chan<Integer> values = shared;
                    Chan<Integer> silent = never;
                    go(() -> {
                        try {
                            switch (kind) {
                                case 0 -> Go.sleep(Duration.ofMillis(1));
                                case 1 -> Go.gosched();
                                case 2 ->
                                        Select.select(
                                                Select.onRecv(values, v -> {}),
                                                Select.onRecv(silent, v -> {}));
                                default -> values.send(kind);
                            }
                        } catch (OutOfMemoryError | SendOnClosedChannelException e) {
                            // it may meet one, as any code may
                        }
                    });
                } catch (OutOfMemoryError e) {
                    // not started
                }
            }
        }

        /** New goroutines run, wait, are woken, and time out, as ever. */
        private static void works() throws InterruptedException {
            int n = 1000;
            Chan<Integer> results = Chan.make();
            Chan<Integer> never = Chan.make();
            for (int i = 0; i < n; i++) {
                int value = i;
                go(() -> {
                    Go.sleep(Duration.ofMillis(1));
                    Select.select(
                            Select.onRecv(never, v -> {}),
                            Select.onTimeout(Duration.ofMillis(1), () -> results.send(value)));
                });
            }
            long sum = 0;
            for (int i = 0; i < n; i++) {
                sum += Objects.requireNonNull(results.recv());
            }
            if (sum != n * (n - 1L) / 2) {
                throw new AssertionError("sum " + sum);
            }
        }
    }
}
