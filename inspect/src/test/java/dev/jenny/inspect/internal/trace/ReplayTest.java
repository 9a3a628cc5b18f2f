package dev.jenny.inspect.internal.trace;

import static dev.jenny.Go.go;
import static dev.jenny.Go.withLabels;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.Goroutine;
import dev.jenny.inspect.Pinned;
import dev.jenny.inspect.Trace;
import dev.jenny.inspect.internal.model.Await;
import dev.jenny.internal.event.Batch;
import dev.jenny.internal.event.Event;
import dev.jenny.internal.event.Recorder;
import dev.jenny.internal.event.Stacks;
import dev.jenny.internal.sched.Probe;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ReplayTest {
    @TempDir Path temporary;

    @BeforeEach
    void customMode() {
        Assumptions.assumeTrue(GoRuntime.mode().equals("custom"));
    }

    /** A call of the sink. */
    private record Call(String name, List<Object> args) {
        boolean is(String n, Object last) {
            return name.equals(n) && args.getLast().equals(last);
        }

        long time() {
            return (Long) args.get(1);
        }
    }

    private static List<Call> replay(List<Batch> batches) throws Exception {
        return replay(batches, Long.MIN_VALUE);
    }

    private static List<Call> replay(List<Batch> batches, long since) throws Exception {
        return calls(sink -> {
            Replay replay = new Replay(sink);
            if (since == Long.MIN_VALUE) {
                replay.add(batches);
            } else {
                replay.add(batches, since);
            }
            replay.finish();
        });
    }

    private interface Source {
        void tell(Sink sink) throws Exception;
    }

    private static List<Call> calls(Source source) throws Exception {
        List<Call> calls = new ArrayList<>();
        Sink sink =
                (Sink)
                        Proxy.newProxyInstance(
                                Sink.class.getClassLoader(),
                                new Class<?>[] {Sink.class},
                                (self, method, args) -> {
                                    calls.add(
                                            new Call(
                                                    method.getName(),
                                                    args == null ? List.of() : List.of(args)));
                                    return null;
                                });
        source.tell(sink);
        return calls;
    }

    /** A snapshot in which there is an event that {@code wanted} takes. */
    private static List<Batch> await(Recorder r, BiPredicate<Batch, Integer> wanted) {
        for (; ; ) {
            List<Batch> batches = r.snapshot();
            for (Batch b : batches) {
                for (int i = 0; i < b.size(); i++) {
                    if (wanted.test(b, i)) {
                        return batches;
                    }
                }
            }
            Thread.onSpinWait();
        }
    }

    private static List<Batch> awaitEnd(Recorder r, Goroutine g) {
        return await(r, (b, i) -> b.type(i) == Event.END && b.id(i) == g.id());
    }

    @Test
    void labels_are_told_when_a_goroutine_starts_with_them_and_when_it_changes_them()
            throws Exception {
        Map<String, String> outer = Map.of("svc", "users");
        Map<String, String> both = Map.of("svc", "users", "op", "read");
        Chan<Goroutine> children = Chan.make(1);
        List<Call> calls;
        Goroutine g;
        Goroutine child;
        try (Recorder r = Recorder.start(1 << 16)) {
            g =
                    go(() ->
                            withLabels(
                                    outer,
                                    () -> {
                                        withLabels("op", "read", () -> children.send(go(() -> {})));
                                        Go.gosched();
                                    }));
            child = children.recv();
            awaitEnd(r, child);
            calls = replay(awaitEnd(r, g));
        }
        assertThat(labelsOf(calls, g)).containsExactly(outer, both, outer, Map.of());
        assertThat(labelsOf(calls, child)).containsExactly(both);
        List<Call> its =
                calls.stream()
                        .filter(c -> c.args.size() > 2 && c.args.get(2).equals(child.id()))
                        .toList();
        assertThat(its.stream().map(Call::name))
                .as("they are known when it starts")
                .containsExactly("create", "labels", "start", "stop");
    }

    private static List<Object> labelsOf(List<Call> calls, Goroutine g) {
        return calls.stream()
                .filter(c -> c.name.equals("labels") && c.args.get(2).equals(g.id()))
                .map(c -> c.args.getLast())
                .toList();
    }

    @Test
    void a_recording_that_begins_later_has_the_labels_too() throws Exception {
        Map<String, String> labels = Map.of("tenant", "a");
        Chan<Integer> ch = Chan.make();
        Chan<Goroutine> started = Chan.make(1);
        withLabels(labels, () -> started.send(go(() -> ch.recv())));
        Goroutine g = started.recv();
        Await.parked(g);
        List<Call> calls;
        try (Recorder r = Recorder.start(1 << 16)) {
            ch.send(1);
            calls = replay(awaitEnd(r, g));
        }
        assertThat(labelsOf(calls, g)).containsExactly(labels);
    }

    @Test
    void where_nothing_is_labelled_nothing_is_told_of_labels() throws Exception {
        List<Call> calls;
        try (Recorder r = Recorder.start(1 << 16)) {
            calls = replay(awaitEnd(r, go(() -> withLabels(Map.of(), Go::gosched))));
        }
        assertThat(calls).noneMatch(c -> c.name.equals("labels"));
    }

    @Test
    void a_thousand_sets_of_labels_and_more() throws Exception {
        int n = 1500;
        List<Call> calls;
        List<Goroutine> gs = new ArrayList<>();
        try (Recorder r = Recorder.start(1 << 20)) {
            for (int i = 0; i < n; i++) {
                withLabels("request", "r" + i, () -> gs.add(go(() -> {})));
                gs.getLast().join();
            }
            calls = replay(awaitEnd(r, gs.getLast()));
        }
        for (int i = 0; i < n; i++) {
            assertThat(labelsOf(calls, gs.get(i))).containsExactly(Map.of("request", "r" + i));
        }
    }

    @Test
    void a_goroutine_that_blocks_its_thread_is_blocked_until_it_does_something() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        List<Call> calls;
        Goroutine g;
        long noticed;
        try (Recorder r = Recorder.start(1 << 20)) {
            g = go(() -> Pinned.await(release));
            await(r, (b, i) -> b.type(i) == Event.STALL_AT);
            noticed = System.nanoTime();
            release.countDown();
            calls = replay(awaitEnd(r, g));
        }
        Call blocked = one(calls, "blocked");
        Call end = one(calls, "blockedEnd");
        Object p = blocked.args.getFirst();
        long since = blocked.time();
        long time = (Long) blocked.args.get(2);
        assertThat(time - since).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(5));
        assertThat(time).isLessThan(noticed);
        assertThat(end.time()).isGreaterThanOrEqualTo(noticed);
        assertThat(Stacks.frames((Integer) blocked.args.getLast()))
                .anyMatch(f -> f.getMethodName().equals("block"));
        List<Call> onP = calls.stream().filter(c -> c.args.getFirst().equals(p)).toList();
        assertThat(onP.get(onP.indexOf(blocked) - 1).is("start", g.id())).isTrue();
        assertThat(onP.get(onP.indexOf(blocked) + 1)).isEqualTo(end);
        assertThat(onP.get(onP.indexOf(end) + 1).name).isEqualTo("stop");
        long last = 0;
        for (Call c : onP) {
            assertThat(c.time()).isGreaterThanOrEqualTo(last);
            last = c.name.equals("blocked") ? time : c.time();
        }
    }

    @Test
    void one_that_still_blocks_in_the_end_is_told_of() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        List<Call> calls;
        Goroutine g;
        try (Recorder r = Recorder.start(1 << 20)) {
            g = go(() -> Pinned.await(release));
            calls = replay(await(r, (b, i) -> b.type(i) == Event.STALL));
        }
        release.countDown();
        g.join();
        one(calls, "blocked");
        assertThat(calls).noneMatch(c -> c.name.equals("blockedEnd"));
    }

    private static volatile boolean stop;

    @Test
    void one_that_burns_is_not_blocked() throws Exception {
        List<Call> calls;
        try (Recorder r = Recorder.start(1 << 20)) {
            Goroutine g =
                    go(() -> {
                        while (!stop) {
                            Thread.onSpinWait();
                        }
                    });
            await(r, (b, i) -> b.type(i) == Event.STALL);
            stop = true;
            calls = replay(awaitEnd(r, g));
        }
        one(calls, "burns");
        assertThat(calls).noneMatch(c -> c.name.startsWith("blocked"));
    }

    private static Call one(List<Call> calls, String name) {
        List<Call> of = calls.stream().filter(c -> c.name.equals(name)).toList();
        assertThat(of).as(name).hasSize(1);
        return of.getFirst();
    }

    /** It is what one is looking for, if it has run since long before. */
    @Test
    void who_runs_when_a_part_of_a_recording_begins_runs_from_its_beginning() throws Exception {
        AtomicBoolean go = new AtomicBoolean();
        List<Batch> batches;
        Goroutine g;
        long since;
        try (Recorder r = Recorder.start(1 << 16)) {
            g =
                    go(() -> {
                        while (!go.get()) {
                            Thread.onSpinWait();
                        }
                    });
            await(r, (b, i) -> b.type(i) == Event.START && b.id(i) == g.id());
            since = System.nanoTime();
            go.set(true);
            batches = awaitEnd(r, g);
        }
        List<Call> its =
                replay(batches, since).stream()
                        .filter(c -> c.args.size() > 2 && c.args.get(2).equals(g.id()))
                        .toList();
        assertThat(its.stream().map(Call::name)).containsExactly("appear", "start", "stop");
        assertThat(its.get(1).time()).isEqualTo(since);
        assertThat(its.get(2).time()).isGreaterThan(since);
    }

    @Test
    void a_trace_has_who_ran_before_it_began() throws Exception {
        AtomicBoolean runs = new AtomicBoolean();
        AtomicBoolean go = new AtomicBoolean();
        Goroutine g =
                go(() -> {
                    runs.set(true);
                    while (!go.get()) {
                        Thread.onSpinWait();
                    }
                });
        while (!runs.get()) {
            Thread.onSpinWait();
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TraceSession trace = TraceSession.start(out, Trace.Format.GO);
        go.set(true);
        g.join();
        while (Probe.ps().stream().anyMatch(p -> runs(p.id(), g))) { // its M has yet to say so
            Thread.onSpinWait();
        }
        trace.stop();
        Path file = Files.write(temporary.resolve("t.trace"), out.toByteArray());
        List<Call> its =
                calls(sink -> TraceFile.open(file).read(sink)).stream()
                        .filter(c -> c.args.size() > 2 && c.args.get(2).equals(g.id()))
                        .toList();
        assertThat(its.getFirst().name).isEqualTo("appear");
        assertThat(its.getFirst().args.get(3)).isEqualTo(Sink.State.RUNNING);
        assertThat(its.getLast().name).isEqualTo("stop");
        assertThat(its.getLast().args.get(3)).as("not lost").isEqualTo(Sink.Stop.END);
    }

    private static boolean runs(int p, Goroutine g) {
        Probe.Running running = Probe.running(p);
        return running != null && running.id() == g.id();
    }

    /** A main that starts a trace and then waits has not lost anything, and is not runnable. */
    @Test
    void who_ran_before_a_recording_and_waits_does_so() throws Exception {
        AtomicBoolean runs = new AtomicBoolean();
        AtomicBoolean go = new AtomicBoolean();
        Chan<Integer> ch = Chan.make();
        Goroutine g =
                go(() -> {
                    runs.set(true);
                    while (!go.get()) {
                        Thread.onSpinWait();
                    }
                    ch.recv();
                });
        while (!runs.get()) {
            Thread.onSpinWait();
        }
        List<Batch> batches;
        try (Recorder r = Recorder.start(1 << 16)) {
            go.set(true);
            Await.parked(g);
            ch.send(1);
            batches = awaitEnd(r, g);
        }
        List<String> its =
                replay(batches).stream()
                        .filter(c -> c.args.size() > 2 && c.args.get(2).equals(g.id()))
                        .map(Call::name)
                        .toList();
        assertThat(its).containsExactly("appear", "stop", "ready", "start", "stop");
    }

    /** Who handles its exception may wait, so it has not ended. */
    @Test
    void a_goroutine_ends_once_and_last() throws Exception {
        List<Batch> batches;
        Goroutine g;
        try (Recorder r = Recorder.start(1 << 16)) {
            g =
                    go(() -> {
                        Thread.currentThread()
                                .setUncaughtExceptionHandler(
                                        (t, e) -> LockSupport.parkNanos(1_000_000));
                        throw new IllegalStateException("handled by who parks");
                    });
            batches = awaitEnd(r, g);
            g.join();
            batches = r.snapshot();
        }
        List<Object> stops =
                replay(batches).stream()
                        .filter(c -> c.name.equals("stop") && c.args.get(2).equals(g.id()))
                        .map(c -> c.args.get(3))
                        .toList();
        assertThat(stops).endsWith(Sink.Stop.BLOCK, Sink.Stop.END);
        assertThat(stops).containsOnlyOnce(Sink.Stop.END);
    }
}
