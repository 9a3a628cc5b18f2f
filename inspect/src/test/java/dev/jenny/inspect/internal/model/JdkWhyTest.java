package dev.jenny.inspect.internal.model;

import static dev.jenny.Go.async;
import static dev.jenny.Go.go;
import static dev.jenny.inspect.internal.model.Started.why;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.Task;
import dev.jenny.sync.Mutex;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What {@code why} says of goroutines that wait in JDK code. */
class JdkWhyTest {
    private static final String PARK = "LockSupport.park";
    private static final String HERE = "JdkWhyTest.java:";

    @RegisterExtension final Started started = new Started();

    private Goroutine start(Task t) {
        return started.start(t);
    }

    /** Waits until {@code g} waits in the method of a JDK class, and asks. */
    private static Why whyIn(Goroutine g, String method) {
        Await.until(
                () -> {
                    GoroutineInfo i = Model.goroutine(g.id());
                    return i != null
                            && i.state().equals("waiting")
                            && i.stack().stream().anyMatch(f -> f.function().endsWith(method));
                },
                g + " waits in " + method);
        return why(g);
    }

    @Test
    void object_wait_names_the_object_the_line_and_the_time() {
        Object monitor = new ArrayList<String>();
        Why w = whyIn(start(() -> waitOn(monitor)), "Object.wait");
        assertThat(w.summary())
                .matches(
                        "Goroutine \\d+ waits in Object.wait on java.util.ArrayList#\\d+( for .*)?\\.");
        assertThat(w.chain().getFirst())
                .startsWith("It waits in java.lang.Object.wait, called at ")
                .contains("JdkWhyTest.waitOn(" + HERE);
        assertThat(w.wakers())
                .singleElement()
                .satisfies(k -> assertThat(k.text()).contains("notifyAll on java.util.ArrayList#"));
        assertThat(w.advice()).contains("Who will call notify nobody knows");
    }

    /** Then the JVM keeps no word of what is waited for. */
    @Test
    void object_wait_names_the_object_once_wait_is_compiled() throws Exception {
        Object monitor = new StringBuilder();
        go(
                        () -> {
                            for (int i = 0; i < 3_000; i++) {
                                waitShortly(monitor);
                            }
                        })
                .join();
        Why w = whyIn(start(() -> waitOn(monitor)), "Object.wait");
        assertThat(w.summary()).contains("waits in Object.wait on java.lang.StringBuilder#");
    }

    @Test
    void of_several_monitors_it_is_said_that_it_may_be_any_of_them() throws Exception {
        Object inner = new StringBuilder();
        go(
                        () -> {
                            for (int i = 0; i < 3_000; i++) {
                                waitShortly(inner);
                            }
                        })
                .join();
        Object outer = new ArrayList<String>();
        Goroutine g = start(() -> waitInside(outer, inner));
        Why w = whyIn(g, "Object.wait");
        if (w.summary().contains(" on ")) {
            // the JVM knows
            assertThat(w.summary()).contains("waits in Object.wait on java.lang.StringBuilder#");
        } else {
            assertThat(w.chain())
                    .anyMatch(s ->
                            s.startsWith("The JVM does not tell on which of these objects:")
                                    && s.contains("java.util.ArrayList#")
                                    && s.contains("java.lang.StringBuilder#"));
        }
    }

    @SuppressWarnings("SynchronizationOnLocalVariableOrMethodParameter")
    private static void waitOn(Object monitor) throws InterruptedException {
        synchronized (monitor) {
            monitor.wait();
        }
    }

    @SuppressWarnings("SynchronizationOnLocalVariableOrMethodParameter")
    private static void waitShortly(Object monitor) throws InterruptedException {
        synchronized (monitor) {
            monitor.wait(0, 1);
        }
    }

    @SuppressWarnings("SynchronizationOnLocalVariableOrMethodParameter")
    private static void waitInside(Object outer, Object inner) throws InterruptedException {
        synchronized (outer) {
            synchronized (inner) {
                inner.wait();
            }
        }
    }

    @Test
    void who_is_inside_the_monitor_is_named() throws Exception {
        Object monitor = new Object();
        Chan<Integer> gate = Chan.make();
        Goroutine g = start(() -> waitOn(monitor));
        Await.parked(g, "Object.wait");
        Goroutine inside = Await.parked(start(() -> recvInside(monitor, gate)), "chan receive");
        assertThat(why(g).chain())
                .anyMatch(s ->
                        s.matches(
                                "Inside the monitor of java.lang.Object#\\d+ is goroutine "
                                        + inside.id()
                                        + "\\."));
    }

    @Test
    void those_that_wait_are_asked_before_those_that_would_let_us_wait() throws Exception {
        Chan<Integer> gate = Chan.make(0);
        Goroutine waits = Await.parked(start(gate::recv), "chan receive");
        AtomicBoolean over = new AtomicBoolean();
        Thread computes =
                Thread.ofPlatform()
                        .start(() -> {
                            while (!over.get()) {
                                Thread.onSpinWait();
                            }
                        });
        List<Thread> asked = new ArrayList<>();
        try {
            Holders.ask(asked::add);
        } finally {
            over.set(true);
        }
        computes.join();
        assertThat(asked.stream().filter(t -> t == computes || t == waits.thread()))
                .containsExactly(waits.thread(), computes);
        assertThat(asked).noneMatch(t -> t.getName().startsWith("jenny-m"));
    }

    @SuppressWarnings("SynchronizationOnLocalVariableOrMethodParameter")
    private static void recvInside(Object monitor, Chan<Integer> gate) throws InterruptedException {
        synchronized (monitor) {
            gate.recv();
        }
    }

    @Test
    void monitors_are_among_what_is_waited_for() throws Exception {
        Object monitor = new ArrayDeque<String>();
        Chan<Integer> gate = Chan.make();
        Goroutine holder = Await.parked(start(() -> recvInside(monitor, gate)), "chan receive");
        Goroutine a = start(() -> enter(monitor));
        Goroutine b = start(() -> enter(monitor));
        Await.parked(a, "java monitor enter");
        Await.parked(b, "java monitor enter");
        // A look asks threads for their monitors for a limited time, too short if they get no CPU.
        AtomicReference<ObjectDetail> found = new AtomicReference<>();
        Await.until(
                () -> {
                    found.set(waitedForBy(a));
                    return !found.get().holders().isEmpty();
                },
                "a look finds the holder");
        ObjectDetail row = found.get();
        assertThat(row.object().kind()).isEqualTo("monitor");
        assertThat(row.object().text()).isEqualTo(row.object().name() + " of java.util.ArrayDeque");
        assertThat(row.holders()).containsExactly(holder.id());
        assertThat(row.waiters()).isEqualTo(2);
        String key = "o" + row.object().id();
        AtomicReference<WaitGraph> drawn = new AtomicReference<>();
        Await.until(
                () -> {
                    drawn.set(Model.graph(Query.ALL, 1000));
                    return drawn.get().edges().stream()
                            .anyMatch(e -> e.from().equals(key) && e.kind().equals("held"));
                },
                "a graph has the holder");
        WaitGraph graph = drawn.get();
        assertThat(graph.nodes())
                .filteredOn(n -> n.key().equals(key))
                .singleElement()
                .satisfies(n -> assertThat(n.kind()).isEqualTo("monitor"));
        assertThat(graph.edges())
                .extracting(WaitGraph.Edge::from, WaitGraph.Edge::to, WaitGraph.Edge::kind)
                .contains(
                        tuple("g" + a.id(), key, "waits"),
                        tuple("g" + b.id(), key, "waits"),
                        tuple(key, "g" + holder.id(), "held"));
        gate.send(1);
        a.join();
        b.join();
    }

    private static ObjectDetail waitedForBy(Goroutine g) {
        return Model.objects(1000).objects().stream()
                .filter(o -> o.samples().stream().anyMatch(w -> w.goroutine() == g.id()))
                .findFirst()
                .orElseThrow();
    }

    @SuppressWarnings("SynchronizationOnLocalVariableOrMethodParameter")
    private static void enter(Object monitor) {
        synchronized (monitor) {
            assertThat(Thread.holdsLock(monitor)).isTrue();
        }
    }

    /** It goes on when it can enter the monitor again, which somebody else holds. */
    @Test
    void who_was_notified_waits_to_enter_the_monitor_again() throws Exception {
        Object monitor = new StringBuilder();
        Chan<Integer> gate = Chan.make();
        Goroutine g = start(() -> waitOn(monitor));
        Await.parked(g, "Object.wait");
        Goroutine holder = start(() -> notifyAndRecv(monitor, gate));
        Await.parked(holder, "chan receive");
        Await.until(() -> g.thread().getState() == Thread.State.BLOCKED, "enters again");
        Why w = why(g);
        assertThat(w.summary()).contains("waits to enter the monitor of java.lang.StringBuilder#");
        assertThat(w.chain()).anyMatch(s -> s.contains("is held by goroutine " + holder.id()));
        assertThat(Model.cycles()).noneMatch(c -> c.goroutines().contains(g.id()));
        gate.send(1);
        g.join();
    }

    @SuppressWarnings("SynchronizationOnLocalVariableOrMethodParameter")
    private static void notifyAndRecv(Object monitor, Chan<Integer> gate)
            throws InterruptedException {
        synchronized (monitor) {
            monitor.notifyAll();
            gate.recv();
        }
    }

    @Test
    void a_condition_names_its_lock_and_who_holds_that() {
        ReentrantLock lock = new ReentrantLock();
        Condition condition = lock.newCondition();
        Chan<Integer> never = Chan.make();
        Goroutine g = start(() -> inLock(lock, condition::await));
        Why free = whyIn(g, "ConditionObject.await");
        assertThat(free.summary()).contains("waits for a signal on Condition#");
        assertThat(free.chain())
                .anyMatch(s ->
                        s.matches(
                                "Condition#\\d+ belongs to ReentrantLock#\\d+, which nobody holds at"
                                        + " this moment\\."));
        assertThat(free.wakers().getFirst().text())
                .contains("calls signal or signalAll on Condition#");
        assertThat(Model.graph(Query.ALL, 1000).edges())
                .anyMatch(e -> e.kind().equals("case") && e.text().equals("its lock"));
        Goroutine holder = Await.parked(start(() -> inLock(lock, never::recv)), "chan receive");
        assertThat(why(g).chain())
                .anyMatch(s -> s.endsWith(", which goroutine " + holder.id() + " holds."));
    }

    private static void inLock(ReentrantLock lock, Task t) throws Exception {
        lock.lockInterruptibly();
        try {
            t.run();
        } finally {
            lock.unlock();
        }
    }

    @Test
    void a_future_names_who_runs_its_task() throws Exception {
        Chan<Integer> never = Chan.make();
        Chan<Goroutine> runner = Chan.make(1);
        Future<Integer> f =
                async(() -> {
                    runner.send(Go.current());
                    return never.recv();
                });
        Goroutine runs = Await.parked(runner.recv(), "chan receive");
        started.add(runs.thread());
        Why w = whyIn(start(() -> f.get()), "FutureTask.get");
        assertThat(w.summary()).contains("waits for the result of FutureTask#");
        assertThat(w.chain().getFirst()).contains("called at").contains(HERE);
        assertThat(w.chain())
                .anyMatch(s ->
                        s.contains(" is run by goroutine " + runs.id())
                                && s.contains("which waits itself: chan receive"));
        assertThat(w.wakers().getFirst().goroutine()).isEqualTo(runs.id());
    }

    @Test
    void a_future_that_nobody_runs() {
        FutureTask<Integer> f = new FutureTask<>(() -> 1);
        Why w = whyIn(start(() -> f.get()), "FutureTask.get");
        assertThat(w.chain()).anyMatch(s -> s.contains("it has not begun, or has been lost"));
        assertThat(w.advice()).contains("the executor's threads");
        assertThat(f.isDone()).isFalse();
    }

    @Test
    void a_completable_future_has_no_record_of_who_will_complete_it() {
        CompletableFuture<Integer> f = new CompletableFuture<>();
        Goroutine timed = start(() -> f.get(1, TimeUnit.HOURS));
        for (Goroutine g : List.of(start(() -> f.get()), timed)) {
            Why w = whyIn(g, "CompletableFuture.get");
            assertThat(w.summary())
                    .contains("waits for the result of a java.util.concurrent.CompletableFuture");
            assertThat(w.wakers().getFirst().text())
                    .isEqualTo("whoever completes or cancels the future");
            assertThat(w.advice()).contains("does not tell which future").contains(HERE);
        }
        assertThat(why(timed).text()).contains("its time limit");
    }

    @Test
    void the_join_of_a_goroutine_by_its_thread() {
        Chan<Integer> never = Chan.make();
        Goroutine joined = Await.parked(start(never::recv), "chan receive");
        Why w = whyIn(start(() -> joined.thread().join()), "Thread.join");
        assertThat(w.summary()).contains("waits for the end of goroutine " + joined.id());
        assertThat(w.chain())
                .anyMatch(s ->
                        s.startsWith(
                                "goroutine " + joined.id() + ", which waits itself: chan rec"));
        assertThat(w.wakers().getFirst().goroutine()).isEqualTo(joined.id());
    }

    @Test
    void the_join_of_a_platform_thread() {
        CountDownLatch latch = new CountDownLatch(1);
        Thread joined =
                Thread.ofPlatform().name("the joined").daemon().start(() -> awaitQuietly(latch));
        started.add(joined);
        Await.until(() -> joined.getState() == Thread.State.WAITING, "it waits");
        Why w = whyIn(start(joined::join), "Thread.join");
        assertThat(w.summary()).contains("waits for the end of thread \"the joined\"");
        assertThat(w.chain()).anyMatch(s -> s.contains("at " + JdkWhyTest.class.getName()));
        assertThat(w.wakers().getFirst().text()).isEqualTo("thread \"the joined\", by ending");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            // the end of the test
        }
    }

    @Test
    void a_latch_says_how_many_calls_are_missing_and_who_may_be_late() {
        CountDownLatch latch = new CountDownLatch(2);
        Chan<Integer> never = Chan.make();
        Goroutine[] child = new Goroutine[1];
        Goroutine g =
                start(() -> {
                    child[0] = start(never::recv);
                    latch.await();
                });
        Why w = whyIn(g, "CountDownLatch.await");
        assertThat(w.summary()).contains("waits for CountDownLatch#");
        assertThat(w.chain())
                .anyMatch(s -> s.contains("stands at 2: 2 calls of countDown are missing"));
        assertThat(w.wakers()).extracting(Why.Waker::goroutine).contains(child[0].id());
    }

    @Test
    void queues() {
        assertThat(whyIn(start(() -> new ArrayBlockingQueue<Integer>(1).take()), "take").summary())
                .contains("to take from a java.util.concurrent.ArrayBlockingQueue");
        assertThat(whyIn(start(() -> new SynchronousQueue<Integer>().take()), "take").summary())
                .contains("to take from a java.util.concurrent.SynchronousQueue");
        ArrayBlockingQueue<Integer> one = new ArrayBlockingQueue<>(1, true, List.of(1));
        Why w = whyIn(start(() -> one.put(2)), "put");
        assertThat(w.summary()).contains("to put into a java.util.concurrent.ArrayBlockingQueue");
        assertThat(w.wakers().getFirst().text()).isEqualTo("whoever takes something out");
        assertThat(w.advice()).contains("does not tell which queue").contains(HERE);
    }

    @Test
    void barriers_and_others() {
        assertThat(
                        whyIn(start(() -> new CyclicBarrier(2).await()), "CyclicBarrier.await")
                                .summary())
                .contains("waits for the others at a java.util.concurrent.CyclicBarrier");
        assertThat(
                        whyIn(
                                        start(() -> {
                                            Phaser p = new Phaser(2);
                                            p.awaitAdvanceInterruptibly(p.arrive());
                                        }),
                                        "awaitAdvanceInterruptibly")
                                .summary())
                .contains("waits for the others at a java.util.concurrent.Phaser");
        assertThat(whyIn(start(() -> new Semaphore(0).acquire()), "Semaphore.acquire").text())
                .contains("waits for permits of Semaphore#")
                .contains("has 0 permits left");
        Goroutine g = Await.parked(start(LockSupport::park), PARK);
        assertThat(why(g).text())
                .contains("is parked")
                .contains("whoever calls LockSupport.unpark");
    }

    @Test
    void the_readers_of_a_jdk_lock_are_counted() throws Exception {
        ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
        lock.readLock().lock();
        try {
            Goroutine g = start(() -> lock.writeLock().lockInterruptibly());
            Why w = whyIn(g, "WriteLock.lockInterruptibly");
            assertThat(w.summary()).contains("waits to lock ReentrantReadWriteLock#");
            assertThat(w.chain())
                    .anyMatch(s -> s.startsWith("1 reader holds ReentrantReadWriteLock#"));
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Each is the thread that the other one waits for. */
    @Test
    void a_future_and_a_mutex_in_a_circle() throws Exception {
        Mutex mu = new Mutex();
        Chan<Goroutine> runner = Chan.make(1);
        Chan<Integer> locked = Chan.make();
        Future<Integer> f =
                async(() -> {
                    runner.send(Go.current());
                    locked.recv();
                    mu.lockInterruptibly();
                    return 1;
                });
        Goroutine g =
                start(() -> {
                    mu.lockInterruptibly();
                    locked.send(1);
                    try {
                        f.get();
                    } finally {
                        mu.unlock();
                    }
                });
        Goroutine runs = Await.parked(runner.recv(), "sync.Mutex.Lock");
        started.add(runs.thread());
        Await.parked(g, "Future.get");
        assertThat(Model.cycles())
                .filteredOn(c -> c.goroutines().contains(g.id()))
                .singleElement()
                .satisfies(c -> {
                    assertThat(c.goroutines()).containsExactlyInAnyOrder(g.id(), runs.id());
                    assertThat(c.certain()).isFalse();
                    assertThat(c.unless())
                            .contains("somebody cancels or completes one of the futures")
                            .contains("somebody else unlocks one of the mutexes");
                    assertThat(c.text()).contains(", run by goroutine " + runs.id() + ", at ");
                });
        assertThat(why(g).advice()).startsWith("This is a deadlock, unless somebody ");
    }

    @Test
    void goroutines_that_join_each_others_threads() {
        Goroutine[] gs = new Goroutine[2];
        CountDownLatch set = new CountDownLatch(1);
        for (int i = 0; i < 2; i++) {
            int other = 1 - i;
            gs[i] =
                    start(() -> {
                        set.await();
                        gs[other].thread().join();
                    });
        }
        set.countDown();
        whyIn(gs[0], "Thread.join");
        whyIn(gs[1], "Thread.join");
        assertThat(Model.cycles())
                .filteredOn(c -> c.goroutines().contains(gs[0].id()))
                .singleElement()
                .satisfies(c -> {
                    assertThat(c.goroutines()).containsExactlyInAnyOrder(gs[0].id(), gs[1].id());
                    assertThat(c.certain()).isTrue();
                });
        WaitGraph graph = Model.graph(Query.ALL, 1000);
        assertThat(graph.edges())
                .filteredOn(WaitGraph.Edge::inCycle)
                .extracting(WaitGraph.Edge::from, WaitGraph.Edge::to)
                .contains(
                        tuple("g" + gs[0].id(), "g" + gs[1].id()),
                        tuple("g" + gs[1].id(), "g" + gs[0].id()));
    }

    /** A task that waits for a task that has a thread of its own is no circle. */
    @Test
    void a_chain_of_futures_is_no_circle() throws Exception {
        Chan<Integer> never = Chan.make();
        Chan<Goroutine> runner = Chan.make(1);
        Future<Integer> inner =
                async(() -> {
                    runner.send(Go.current());
                    return never.recv();
                });
        started.add(runner.recv().thread());
        Goroutine g = start(inner::get);
        whyIn(g, "FutureTask.get");
        assertThat(Model.cycles()).noneMatch(c -> c.goroutines().contains(g.id()));
        assertThat(why(g).cycles()).isEmpty();
    }
}
