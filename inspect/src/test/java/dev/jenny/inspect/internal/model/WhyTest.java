package dev.jenny.inspect.internal.model;

import static dev.jenny.Go.go;
import static dev.jenny.inspect.internal.model.Started.why;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.Select;
import dev.jenny.Task;
import dev.jenny.sync.Cond;
import dev.jenny.sync.Mutex;
import dev.jenny.sync.RWMutex;
import dev.jenny.sync.Semaphore;
import dev.jenny.sync.WaitGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

class WhyTest {
    @RegisterExtension final Started started = new Started();

    private Goroutine start(Task t) {
        return started.start(t);
    }

    @Test
    void a_channel_receive() {
        Chan<Integer> ch = Chan.make(4);
        Goroutine g = Await.parked(start(ch::recv), "chan receive");
        Why w = why(g);
        assertThat(w.summary())
                .matches("Goroutine " + g.id() + " waits to receive from chan#\\d+( for .*)?\\.");
        assertThat(w.chain().getFirst()).contains("holds 0 of 4 values (empty)");
        assertThat(w.chain().getFirst()).contains("0 blocked sending, 1 blocked receiving");
        assertThat(w.chain().get(1)).startsWith("Nobody is blocked trying to send to chan#");
        assertThat(w.wakers()).singleElement().satisfies(k -> assertThat(k.goroutine()).isZero());
        assertThat(w.cycles()).isEmpty();
        assertThat(w.goroutine().stack()).isNotEmpty();
        assertThat(w.text()).contains("could be woken by:");
        assertThat(ch.len()).isZero(); // keeps ch alive
    }

    @Test
    void a_channel_send_in_line() {
        Chan<Integer> ch = Chan.make();
        Goroutine first = Await.parked(start(() -> ch.send(1)), "chan send");
        Goroutine second = Await.parked(start(() -> ch.send(2)), "chan send");
        assertThat(why(first).chain().getFirst()).contains("is unbuffered; 2 blocked sending");
        assertThat(why(second).chain()).anyMatch(s -> s.startsWith("1 goroutine is in line"));
    }

    @Test
    void a_select_names_its_channels_and_directions() {
        Chan<Integer> in = Chan.make();
        Chan<Integer> out = Chan.make();
        Goroutine g =
                Await.parked(
                        start(() ->
                                Select.<Void>select(
                                        Select.onRecv(in, v -> {}),
                                        Select.onSend(out, 1, () -> {}))),
                        "select");
        Why w = why(g);
        assertThat(w.summary()).contains("waits in a select");
        assertThat(w.chain())
                .anyMatch(
                        s -> s.matches("receive from chan#\\d+, which is unbuffered; 0 blocked.*"));
        assertThat(w.chain()).anyMatch(s -> s.startsWith("send to chan#"));
    }

    @Test
    void a_mutex_names_its_holder_and_what_that_does() throws Exception {
        Mutex mu = new Mutex();
        Chan<Integer> ch = Chan.make();
        Goroutine holder =
                Await.parked(
                        start(() -> {
                            mu.lock();
                            try {
                                ch.recv();
                            } finally {
                                mu.unlock();
                            }
                        }),
                        "chan receive");
        Goroutine g = Await.parked(start(mu::lockInterruptibly), "sync.Mutex.Lock");
        Why w = why(g);
        assertThat(w.summary()).contains("waits to lock sync.Mutex#");
        assertThat(w.chain().getFirst())
                .contains("is held by goroutine " + holder.id())
                .contains("which waits itself: chan receive on chan#");
        assertThat(w.wakers().getFirst().goroutine()).isEqualTo(holder.id());
        assertThat(w.cycles()).isEmpty();
    }

    @Test
    void mutexes_taken_in_different_orders() {
        Mutex a = new Mutex();
        Mutex b = new Mutex();
        cycleOf(a, b, false, "sync.Mutex.Lock");
    }

    @Test
    void reentrant_locks_taken_in_different_orders() {
        cycleOf(new ReentrantLock(), new ReentrantLock(), true, "ReentrantLock.lock");
    }

    @Test
    void a_mutex_and_a_reentrant_lock() {
        CountDownLatch both = new CountDownLatch(2);
        Mutex a = new Mutex();
        ReentrantLock b = new ReentrantLock();
        Goroutine g1 = lockBoth(a, b, both);
        Goroutine g2 = lockBoth(b, a, both);
        Await.parked(g1, "ReentrantLock.lock");
        Await.parked(g2, "sync.Mutex.Lock");
        assertCycle(List.of(g1, g2), false);
    }

    private void cycleOf(Lock a, Lock b, boolean certain, String reason) {
        CountDownLatch both = new CountDownLatch(2);
        Goroutine g1 = lockBoth(a, b, both);
        Goroutine g2 = lockBoth(b, a, both);
        Await.parked(g1, reason);
        Await.parked(g2, reason);
        assertCycle(List.of(g1, g2), certain);
    }

    private Goroutine lockBoth(Lock first, Lock second, CountDownLatch both) {
        return start(() -> InTurn.lock(first, second, both));
    }

    private static void assertCycle(List<Goroutine> gs, boolean certain) {
        Long[] ids = gs.stream().map(Goroutine::id).toArray(Long[]::new);
        assertThat(Model.cycles())
                .filteredOn(c -> c.goroutines().contains(ids[0]))
                .singleElement()
                .satisfies(c -> {
                    assertThat(c.goroutines()).containsExactlyInAnyOrder(ids);
                    assertThat(c.certain()).isEqualTo(certain);
                    assertThat(c.text().lines()).hasSize(ids.length);
                });
        for (Goroutine g : gs) {
            Why w = why(g);
            assertThat(w.cycles()).isNotEmpty();
            assertThat(w.advice()).startsWith("This is a deadlock");
        }
        WaitGraph graph = Model.graph(Query.ALL, 1000);
        assertThat(graph.nodes())
                .filteredOn(n -> n.kind().equals("goroutine") && n.inCycle())
                .extracting(WaitGraph.Node::id)
                .contains(ids);
        assertThat(graph.edges())
                .filteredOn(WaitGraph.Edge::inCycle)
                .hasSizeGreaterThanOrEqualTo(2 * ids.length);
    }

    /** Nobody but the thread waits for what the goroutine holds. */
    @Test
    void a_circle_with_a_thread_that_is_no_goroutine_is_drawn_closed() {
        CountDownLatch both = new CountDownLatch(2);
        ReentrantLock a = new ReentrantLock();
        Mutex b = new Mutex();
        Goroutine g = lockBoth(b, a, both);
        Thread t = Thread.ofPlatform().daemon().start(() -> lockQuietly(a, b, both));
        started.add(t);
        Await.until(() -> LockSupport.getBlocker(t) == b, "waits for the mutex");
        Await.until(() -> t.getState() == Thread.State.WAITING, "is parked");
        Await.until(() -> a.hasQueuedThread(g.thread()), "waits for the lock");
        Await.parked(g);
        WaitGraph graph = Model.graph(Query.ALL, 1000);
        List<String> keys =
                graph.cycles().stream()
                        .filter(c -> c.goroutines().contains(g.id()))
                        .findFirst()
                        .orElseThrow()
                        .keys();
        assertThat(keys).hasSize(4).contains("g" + g.id(), "t" + t.threadId());
        assertThat(graph.nodes())
                .filteredOn(WaitGraph.Node::inCycle)
                .extracting(WaitGraph.Node::key)
                .containsAll(keys);
        for (int i = 0; i < keys.size(); i++) {
            String from = keys.get(i);
            String to = keys.get((i + 1) % keys.size());
            assertThat(graph.edges())
                    .anyMatch(e -> e.inCycle() && e.from().equals(from) && e.to().equals(to));
        }
    }

    private static void lockQuietly(Lock first, Lock second, CountDownLatch both) {
        try {
            InTurn.lock(first, second, both);
        } catch (InterruptedException e) {
            // the end of the test
        }
    }

    @Test
    void monitors_entered_in_different_orders() throws Exception {
        Object a = new Object();
        Object b = new Object();
        CountDownLatch both = new CountDownLatch(2);
        CountDownLatch end = new CountDownLatch(1);
        Goroutine g1 = enterBoth(a, b, both, end);
        Goroutine g2 = enterBoth(b, a, both, end);
        Await.until(
                () ->
                        g1.thread().getState() == Thread.State.BLOCKED
                                && g2.thread().getState() == Thread.State.BLOCKED,
                "both are blocked at a monitor");
        // nothing can end this one: the two goroutines stay until the JVM ends
        assertThat(Model.cycles())
                .filteredOn(c -> c.goroutines().contains(g1.id()))
                .singleElement()
                .satisfies(c -> {
                    assertThat(c.goroutines()).containsExactlyInAnyOrder(g1.id(), g2.id());
                    assertThat(c.certain()).isTrue();
                    assertThat(c.text()).contains("the monitor of java.lang.Object#");
                });
        assertThat(why(g1).summary()).contains("waits to enter the monitor of");
    }

    @SuppressWarnings("SynchronizationOnLocalVariableOrMethodParameter")
    private static Goroutine enterBoth(
            Object first, Object second, CountDownLatch both, CountDownLatch end) {
        return go(() -> {
            synchronized (first) {
                both.countDown();
                both.await();
                synchronized (second) {
                    end.countDown();
                }
            }
        });
    }

    /** A thread in {@code wait} has let go of the monitor that its frames have entered. */
    @Test
    void who_waits_on_an_object_does_not_hold_its_monitor() throws Exception {
        Object monitor = new Object();
        Chan<Integer> gate = Chan.make();
        Goroutine waiter = start(() -> waitOn(monitor));
        Await.parked(waiter, "Object.wait");
        Goroutine holder = start(() -> recvInside(monitor, gate));
        Await.parked(holder, "chan receive");
        Goroutine g = start(() -> enter(monitor));
        Await.parked(g, "java monitor enter");
        assertThat(why(g).chain()).anyMatch(s -> s.contains("is held by goroutine " + holder.id()));
        gate.send(1);
        g.join();
    }

    @SuppressWarnings("SynchronizationOnLocalVariableOrMethodParameter")
    private static void waitOn(Object monitor) throws InterruptedException {
        synchronized (monitor) {
            monitor.wait();
        }
    }

    @SuppressWarnings("SynchronizationOnLocalVariableOrMethodParameter")
    private static void recvInside(Object monitor, Chan<Integer> gate) throws InterruptedException {
        synchronized (monitor) {
            gate.recv();
        }
    }

    @SuppressWarnings("SynchronizationOnLocalVariableOrMethodParameter")
    private static void enter(Object monitor) {
        synchronized (monitor) {
            assertThat(Thread.holdsLock(monitor)).isTrue();
        }
    }

    @Test
    void a_mutex_locked_twice() {
        Mutex mu = new Mutex();
        Goroutine g =
                start(() -> {
                    mu.lock();
                    mu.lockInterruptibly();
                });
        Await.parked(g, "sync.Mutex.Lock");
        assertCycleOfOne(g);
    }

    private static void assertCycleOfOne(Goroutine g) {
        assertThat(Model.cycles())
                .filteredOn(c -> c.goroutines().equals(List.of(g.id())))
                .hasSize(1);
    }

    @Test
    void goroutines_that_join_each_other() {
        Goroutine[] gs = new Goroutine[2];
        CountDownLatch set = new CountDownLatch(1);
        gs[0] =
                start(() -> {
                    set.await();
                    gs[1].join();
                });
        gs[1] =
                start(() -> {
                    set.await();
                    gs[0].join();
                });
        set.countDown();
        Await.parked(gs[0], "Goroutine.join");
        Await.parked(gs[1], "Goroutine.join");
        assertCycleText(gs);
    }

    private static void assertCycleText(Goroutine[] gs) {
        assertThat(Model.cycles())
                .filteredOn(c -> c.goroutines().contains(gs[0].id()))
                .singleElement()
                .satisfies(c -> assertThat(c.certain()).isTrue())
                .extracting(WaitGraph.Cycle::text)
                .asString()
                .contains("goroutine " + gs[0].id() + " waits for the end of goroutine ")
                .contains("goroutine " + gs[1].id() + " waits for the end of goroutine ");
    }

    /** The mutex inside that keeps writers apart is nothing that a user knows. */
    @Test
    void a_writer_behind_a_writer_waits_for_the_rwmutex() {
        RWMutex a = new RWMutex();
        RWMutex b = new RWMutex();
        CountDownLatch both = new CountDownLatch(2);
        Goroutine g1 = lockBoth(a.writeLock(), b.writeLock(), both);
        Goroutine g2 = lockBoth(b.writeLock(), a.writeLock(), both);
        Await.parked(g1, "sync.Mutex.Lock");
        Await.parked(g2, "sync.Mutex.Lock");
        Why w = why(g1);
        assertThat(w.summary()).contains("waits to lock sync.RWMutex#");
        assertThat(w.text()).doesNotContain("sync.Mutex#").contains("This is a deadlock");
        assertThat(Model.cycles())
                .filteredOn(c -> c.goroutines().contains(g1.id()))
                .singleElement()
                .satisfies(c -> {
                    assertThat(c.goroutines()).containsExactlyInAnyOrder(g1.id(), g2.id());
                    assertThat(c.text()).contains("sync.RWMutex#").doesNotContain("sync.Mutex#");
                });
    }

    /** It owns the lock by then, but does not wait for itself. */
    @Test
    void a_thread_that_waits_for_readers_is_no_circle() throws Exception {
        RWMutex rw = new RWMutex();
        Mutex mu = new Mutex();
        mu.lock();
        Goroutine other = Await.parked(start(mu::lockInterruptibly), "sync.Mutex.Lock");
        rw.rLock();
        Thread writer = Thread.ofPlatform().daemon().start(rw::lock);
        Await.until(() -> LockSupport.getBlocker(writer) == rw, "waits for the reader");
        Await.until(() -> writer.getState() == Thread.State.WAITING, "is parked");
        assertThat(Model.cycles()).noneMatch(c -> c.text().contains(writer.getName()));
        rw.rUnlock();
        writer.join();
        mu.unlock();
        other.join();
    }

    @Test
    void a_lock_with_a_time_limit_is_no_deadlock() {
        Mutex mu = new Mutex();
        Goroutine g =
                start(() -> {
                    mu.lock();
                    mu.tryLock(1, TimeUnit.HOURS);
                });
        Await.parked(g, "sync.Mutex.Lock");
        assertThat(Model.cycles()).noneMatch(c -> c.goroutines().contains(g.id()));
    }

    @Test
    void a_wait_group_says_how_many_are_missing_and_who_may_be_late() {
        WaitGroup wg = new WaitGroup();
        Chan<Integer> never = Chan.make();
        Goroutine[] child = new Goroutine[1];
        Goroutine g =
                Await.parked(
                        start(() -> {
                            wg.add(3);
                            child[0] = start(never::recv);
                            wg.await();
                        }),
                        "sync.WaitGroup.Wait");
        Await.parked(child[0]);
        Why w = why(g);
        assertThat(w.chain().getFirst()).contains("stands at 3: 3 calls of done() are missing");
        assertThat(w.wakers()).extracting(Why.Waker::goroutine).contains(child[0].id());
    }

    @Test
    void other_primitives() {
        Semaphore sem = new Semaphore(2);
        assertThat(sem.tryAcquire(2)).isTrue();
        assertThat(why(Await.parked(start(sem::acquire), "semacquire")).text())
                .contains("waits for permits of sync.Semaphore#")
                .contains("2 of 2 permits are taken");
        Mutex mu = new Mutex();
        Cond cond = new Cond(mu);
        Goroutine waiter =
                start(() -> {
                    mu.lock();
                    cond.await();
                });
        assertThat(why(Await.parked(waiter, "sync.Cond.Wait")).text())
                .contains("whoever calls signal or broadcast on sync.Cond#");
        RWMutex rw = new RWMutex();
        rw.rLock();
        Goroutine writer =
                Await.parked(start(() -> rw.writeLock().lockInterruptibly()), "sync.RWMutex.Lock");
        assertThat(why(writer).text()).contains("1 reader holds sync.RWMutex#");
        Goroutine reader =
                Await.parked(start(() -> rw.readLock().lockInterruptibly()), "sync.RWMutex.RLock");
        assertThat(why(reader).chain().getFirst()).contains("is held by goroutine " + writer.id());
        assertThat(why(Await.parked(start(() -> Go.sleep(Duration.ofHours(1))), "sleep")).text())
                .contains("Its timer will wake it");
    }

    @Test
    void a_running_goroutine_does_not_wait() throws Exception {
        Chan<Why> answer = Chan.make(1);
        start(() -> answer.send(why(Go.current())));
        assertThat(answer.recv().summary()).contains("is running on P ");
    }

    @Test
    void what_goroutines_wait_on() {
        Chan<Integer> ch = Chan.make();
        Goroutine a = Await.parked(start(ch::recv), "chan receive");
        Goroutine b = Await.parked(start(ch::recv), "chan receive");
        assertThat(Model.objects(1000).objects())
                .filteredOn(o -> o.samples().stream().anyMatch(s -> s.goroutine() == a.id()))
                .singleElement()
                .satisfies(o -> {
                    assertThat(o.receivers()).isEqualTo(2);
                    assertThat(o.senders()).isZero();
                    assertThat(o.waiters()).isEqualTo(2);
                    assertThat(o.samples())
                            .extracting(ObjectDetail.Waiting::goroutine)
                            .containsExactlyInAnyOrder(a.id(), b.id());
                });
        assertThat(ch.len()).isZero();
    }

    /** For each of them all goroutines were walked through, to look for an owner that has ended. */
    @Test
    @Timeout(60)
    void mutexes_of_owners_that_have_ended_are_looked_at_in_linear_time() throws Exception {
        List<Mutex> abandoned = new ArrayList<>();
        List<Goroutine> waiting = new ArrayList<>();
        for (int i = 0; i < 30_000; i++) {
            Mutex m = new Mutex();
            abandoned.add(m);
            Go.go(m::lock).join();
            waiting.add(Go.go(m::lock));
        }
        for (Goroutine g : waiting) {
            Await.until(() -> g.thread().getState() == Thread.State.WAITING, g + " parks");
        }
        List<Long> ids = waiting.stream().map(Goroutine::id).toList();
        assertThat(Model.cycles())
                .noneMatch(c -> c.goroutines().contains(ids.getFirst()))
                .noneMatch(c -> c.goroutines().contains(ids.getLast()));
        abandoned.forEach(Mutex::unlock);
        for (Goroutine g : waiting) {
            g.join();
        }
    }
}
