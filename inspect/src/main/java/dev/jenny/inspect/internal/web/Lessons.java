package dev.jenny.inspect.internal.web;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.Goroutine;
import dev.jenny.Select;
import dev.jenny.Task;
import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.http.HttpError;
import dev.jenny.inspect.internal.model.GoroutineInfo;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.model.WaitGraph;
import dev.jenny.inspect.internal.model.Why;
import dev.jenny.internal.event.Batch;
import dev.jenny.internal.event.Event;
import dev.jenny.internal.event.Recorder;
import dev.jenny.internal.sched.Probe;
import dev.jenny.sync.Mutex;
import dev.jenny.sync.WaitGroup;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The programs of "What happens when you say go". They run only in a JVM that {@code jenny demo}
 * has started for them: nobody else calls {@link #enable}, so no request can start anything in a
 * user's program.
 */
public final class Lessons {
    private static final int PROCS = 4;
    private static final long LIMIT_SECONDS = 10;
    private static final int MAX_EVENTS = 20_000;

    private static volatile boolean enabled;

    /** The goroutines of a lesson that stays as it is until the next one begins. */
    private static final Map<Long, Goroutine> LEFT = new ConcurrentHashMap<>();

    private static final Map<String, Program> PROGRAMS = new LinkedHashMap<>();

    static {
        PROGRAMS.put("go", Lessons::goStatement);
        PROGRAMS.put("steal", Lessons::steal);
        PROGRAMS.put("handoff", Lessons::handOff);
        PROGRAMS.put("channel", Lessons::channel);
        PROGRAMS.put("pipeline", Lessons::pipeline);
        PROGRAMS.put("select", Lessons::select);
        PROGRAMS.put("spin", Lessons::spin);
        PROGRAMS.put("leak", Lessons::leak);
        PROGRAMS.put("deadlock", Lessons::deadlock);
    }

    private interface Program {
        void run(Run run) throws Exception;
    }

    /** One run: the names of its goroutines, and who has come how far. */
    private static final class Run {
        final Map<Long, String> names = new ConcurrentHashMap<>();
        final CountDownLatch done = new CountDownLatch(1);
        volatile @Nullable Throwable failure;

        /** The go statement, with a name to tell of. */
        Goroutine go(String name, Task task) {
            Goroutine g =
                    Go.go(() -> {
                        Goroutine self = Go.current();
                        if (self != null) {
                            names.put(self.id(), name);
                        }
                        task.run();
                    });
            names.put(g.id(), name);
            return g;
        }
    }

    private Lessons() {}

    /** Allows lessons to run in this JVM, or no longer. */
    static void allow(boolean yes) {
        enabled = yes;
    }

    /** Allows lessons to run in this JVM. */
    public static void enable() {
        allow(true);
    }

    static boolean enabled() {
        return enabled;
    }

    /** The names of the lessons, in their order. */
    public static List<String> names() {
        return List.copyOf(PROGRAMS.keySet());
    }

    /** Runs the lesson {@code name} and writes what the scheduler did. */
    static synchronized void run(String name, Json j) throws HttpError, InterruptedException {
        if (!enabled) {
            throw HttpError.notFound(
                    "lessons run only under `jenny demo`: this is somebody's program");
        }
        Program program = PROGRAMS.get(name);
        if (program == null) {
            throw HttpError.notFound("no such lesson: " + name + "; there are " + names());
        }
        for (Goroutine g : LEFT.values()) {
            g.thread().interrupt();
        }
        LEFT.clear();
        if (GoRuntime.gomaxprocs() < PROCS) {
            GoRuntime.gomaxprocs(PROCS);
        }
        if (!name.equals("go")) {
            rehearse(program); // once for the JIT compiler and the class loader, not to be shown
        }
        Run run = new Run();
        Timeline timeline;
        try (Recorder recorder = Recorder.start(1 << 20)) {
            long from = System.nanoTime();
            Goroutine main = start(program, run);
            timeline = new Timeline(untilEnd(recorder, main), from, System.nanoTime(), MAX_EVENTS);
        }
        Throwable failure = run.failure;
        j.object().field("name", name).field("live", true);
        j.field("procs", GoRuntime.gomaxprocs());
        timeline.writeRows(j, run.names::containsKey);
        j.object("names");
        run.names.forEach((id, n) -> j.field(String.valueOf(id), n));
        j.end()
                .field("proof", name.equals("leak") ? leaked(run) : proof())
                .field("failure", failure == null ? "" : "" + failure);
        j.end();
    }

    private static void rehearse(Program program) throws InterruptedException {
        for (int i = 0; i < 2; i++) {
            start(program, new Run());
            for (Goroutine g : LEFT.values()) {
                g.thread().interrupt();
            }
            LEFT.clear();
        }
    }

    /**
     * That a goroutine has ended is recorded when it has left its M, some time after it says so.
     */
    private static List<Batch> untilEnd(Recorder recorder, Goroutine main) {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        for (; ; ) {
            List<Batch> batches = recorder.snapshot();
            for (Batch b : batches) {
                for (int i = 0; i < b.size(); i++) {
                    if (b.type(i) == Event.END && b.id(i) == main.id()) {
                        return batches;
                    }
                }
            }
            if (System.nanoTime() - limit > 0) {
                return batches; // fallback mode, in which nothing is recorded
            }
            Thread.yield();
        }
    }

    private static Goroutine start(Program program, Run run) throws InterruptedException {
        Goroutine main =
                run.go(
                        "main",
                        () -> {
                            try {
                                program.run(run);
                            } catch (Throwable t) {
                                run.failure = t;
                            } finally {
                                run.done.countDown();
                            }
                        });
        if (!run.done.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            run.failure = new IllegalStateException("the lesson took too long");
        }
        return main;
    }

    private static String proof() {
        for (long id : LEFT.keySet()) {
            Why why = Model.why(id);
            for (WaitGraph.Cycle c : why == null ? List.<WaitGraph.Cycle>of() : why.cycles()) {
                if (c.goroutines().contains(id)) {
                    return c.text();
                }
            }
        }
        return "";
    }

    /** What a search for leaks says of the goroutines of {@code run}. */
    private static String leaked(Run run) {
        if (Model.leaksUnsupported() != null) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        try {
            for (GoroutineInfo g : Model.leaks().goroutines()) {
                String name = run.names.get(g.id());
                if (name != null) {
                    text.append("goroutine %d (%s): %s\n".formatted(g.id(), name, g.reason()));
                    g.stack().forEach(f -> text.append("    ").append(f).append('\n'));
                }
            }
        } catch (IllegalStateException e) {
            text.append(e.getMessage());
        }
        return text.toString();
    }

    // ---- the programs; the page shows them without what only names and bounds things ----

    private static void goStatement(Run run) throws Exception {
        WaitGroup wg = new WaitGroup();
        for (String name : List.of("a", "b", "c")) {
            wg.add(1);
            run.go(
                    name,
                    () -> {
                        work(30_000);
                        wg.done();
                    });
        }
        wg.await();
    }

    private static void steal(Run run) throws Exception {
        WaitGroup wg = new WaitGroup();
        for (int i = 1; i <= 12; i++) {
            wg.add(1);
            run.go(
                    "job " + i,
                    () -> {
                        work(400_000);
                        wg.done();
                    });
        }
        wg.await();
    }

    private static void handOff(Run run) throws Exception {
        Chan<Integer> ping = Chan.make();
        Chan<Integer> pong = Chan.make();
        run.go(
                "partner",
                () -> {
                    for (int ball : ping) {
                        pong.send(ball + 1);
                    }
                });
        int ball = 0;
        for (int i = 0; i < 5; i++) {
            ping.send(ball);
            Integer back = pong.recv();
            ball = back == null ? 0 : back;
        }
        ping.close();
    }

    private static void channel(Run run) throws Exception {
        Chan<Integer> parcels = Chan.make(2);
        run.go(
                "producer",
                () -> {
                    for (int i = 1; i <= 6; i++) {
                        parcels.send(i);
                    }
                    parcels.close();
                });
        for (int parcel : parcels) {
            work(60_000 + parcel);
        }
    }

    private static void pipeline(Run run) throws Exception {
        Chan<Integer> numbers = Chan.make(1);
        Chan<Integer> squares = Chan.make(1);
        run.go(
                "source",
                () -> {
                    for (int i = 1; i <= 6; i++) {
                        numbers.send(i);
                    }
                    numbers.close();
                });
        run.go(
                "square",
                () -> {
                    for (int n : numbers) {
                        squares.send(n * n);
                    }
                    squares.close();
                });
        for (int square : squares) {
            work(150_000 + square);
        }
    }

    private static void spin(Run run) throws Exception {
        AtomicBoolean ready = new AtomicBoolean();
        Chan<Integer> result = Chan.make();
        AtomicInteger rounds = new AtomicInteger();
        Set<Long> main = Set.copyOf(run.names.keySet());
        run.go(
                "spinner",
                () -> {
                    while (!ready.get()) {
                        // ever longer, or it fills the recording if the others get no CPU
                        work(1_000L * rounds.incrementAndGet());
                        Go.gosched();
                    }
                });
        run.go(
                "worker",
                () -> {
                    while (rounds.get() < 5 || !main.stream().allMatch(Lessons::waits)) {
                        work(20_000);
                    }
                    work(200_000);
                    ready.set(true);
                    result.send(42);
                });
        result.recv();
    }

    private static void leak(Run run) throws Exception {
        Chan<String> answers = Chan.make();
        for (String name : List.of("a", "b", "c")) {
            run.go(name, () -> answers.send("hello from " + name));
        }
        answers.recv();
        while (run.names.keySet().stream().filter(Lessons::waits).count() < 2) {
            Go.sleep(Duration.ofMillis(1));
        }
    }

    private static boolean waits(long goroutine) {
        Probe.GView g = Probe.goroutine(goroutine);
        return g != null && g.state() == Probe.State.WAITING;
    }

    private static void select(Run run) throws Exception {
        Chan<String> left = Chan.make();
        Chan<String> right = Chan.make();
        run.go(
                "left",
                () -> {
                    Go.sleep(Duration.ofMillis(3));
                    left.send("from the left");
                });
        run.go(
                "right",
                () -> {
                    Go.sleep(Duration.ofMillis(1));
                    right.send("from the right");
                });
        for (int i = 0; i < 3; i++) {
            Select.select(
                    Select.onRecv(left, v -> work(5_000)),
                    Select.onRecv(right, v -> work(5_000)),
                    Select.onTimeout(Duration.ofMillis(6), () -> work(5_000)));
        }
    }

    private static void deadlock(Run run) throws Exception {
        Mutex ledger = new Mutex();
        Mutex stock = new Mutex();
        CountDownLatch both = new CountDownLatch(2);
        Goroutine sale = run.go("sale", () -> lockBoth(ledger, stock, both));
        Goroutine order = run.go("order", () -> lockBoth(stock, ledger, both));
        LEFT.put(sale.id(), sale);
        LEFT.put(order.id(), order);
        both.await();
        Go.sleep(Duration.ofMillis(5));
    }

    /** Takes two locks; what is interrupted gives back the first and ends. */
    private static void lockBoth(Mutex first, Mutex second, CountDownLatch both) {
        try {
            first.lockInterruptibly();
            try {
                both.countDown();
                both.await();
                second.lockInterruptibly();
                second.unlock();
            } finally {
                first.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the next lesson begins
        }
    }

    /** Computes for about {@code nanos}. */
    private static void work(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
    }
}
