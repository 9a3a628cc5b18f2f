package dev.jenny.inspect.internal.model;

import static dev.jenny.inspect.internal.model.Started.why;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.Task;
import dev.jenny.sync.ErrGroup;
import dev.jenny.sync.Mutex;
import dev.jenny.sync.WaitGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who waits for a WaitGroup waits for the goroutines that were started through it. */
class WaitGroupWhyTest {
    private static final String WAIT = "sync.WaitGroup.Wait";

    @RegisterExtension final Started started = new Started();

    /** A child that an interrupt ends, and that tells who it is. */
    private Task child(Chan<Goroutine> self, Task then) {
        return () -> {
            Goroutine g = Go.current();
            started.add(g.thread());
            self.send(g);
            try {
                then.run();
            } catch (InterruptedException e) {
                // the end of the test
            }
        };
    }

    private static Task locking(Lock lock) {
        return () -> {
            lock.lockInterruptibly();
            lock.unlock();
        };
    }

    /** A goroutine that holds {@code lock} while it does {@code then}. */
    private Goroutine holding(Lock lock, Task then) {
        return started.start(() -> {
            lock.lock();
            try {
                then.run();
            } finally {
                lock.unlock();
            }
        });
    }

    private static WaitGraph.Cycle circle(Goroutine... gs) {
        Long[] ids = new Long[gs.length];
        for (int i = 0; i < gs.length; i++) {
            ids[i] = gs[i].id();
        }
        List<WaitGraph.Cycle> found =
                Model.cycles().stream().filter(c -> c.goroutines().contains(ids[0])).toList();
        assertThat(found)
                .singleElement()
                .satisfies(c -> assertThat(c.goroutines()).containsExactlyInAnyOrder(ids));
        return found.getFirst();
    }

    private static void assertNoCircle(Goroutine g) {
        assertThat(Model.cycles()).noneMatch(c -> c.goroutines().contains(g.id()));
    }

    @Test
    void a_child_that_wants_the_lock_which_its_parent_holds() throws Exception {
        Mutex mu = new Mutex();
        WaitGroup wg = new WaitGroup();
        Chan<Goroutine> self = Chan.make(1);
        Goroutine parent =
                holding(
                        mu,
                        () -> {
                            wg.go(child(self, locking(mu)));
                            wg.await();
                        });
        Goroutine child = Await.parked(self.recv(), "sync.Mutex.Lock");
        Await.parked(parent, WAIT);
        WaitGraph.Cycle c = circle(parent, child);
        assertThat(c.text())
                .containsPattern(
                        "goroutine "
                                + parent.id()
                                + " waits for sync.WaitGroup#\\d+, of which goroutine "
                                + child.id()
                                + " has not ended, at ")
                .containsPattern(
                        "goroutine " + child.id() + " waits to lock sync.Mutex#\\d+, held by ");
        assertThat(c.unless())
                .contains("somebody else calls done() of one of the WaitGroups")
                .contains("somebody else unlocks one of the mutexes");
        Why w = why(parent);
        assertThat(w.summary()).contains("waits for sync.WaitGroup#");
        assertThat(w.chain())
                .anyMatch(s -> s.contains("stands at 1: 1 call of done() is missing"))
                .anyMatch(s ->
                        s.matches(
                                "sync.WaitGroup#\\d+ counts goroutine "
                                        + child.id()
                                        + ", which waits to lock sync.Mutex#\\d+ itself."))
                .noneMatch(s -> s.contains("that it started"));
        assertThat(w.wakers())
                .singleElement()
                .satisfies(k -> {
                    assertThat(k.goroutine()).isEqualTo(child.id());
                    assertThat(k.text()).startsWith("goroutine ").endsWith(", by ending");
                });
        assertThat(w.cycles()).hasSize(1);
        assertThat(w.advice()).contains("Let go of the lock before waiting for the end of");
        assertThat(why(child).cycles()).hasSize(1);
        WaitGraph graph = Model.graph(Query.ALL, 1000);
        assertThat(graph.edges())
                .filteredOn(e -> e.to().equals("g" + child.id()))
                .singleElement()
                .satisfies(e -> {
                    assertThat(e.kind()).isEqualTo("held");
                    assertThat(e.text()).isEqualTo("has not ended");
                    assertThat(e.inCycle()).isTrue();
                });
    }

    /** Only the group itself calls done() for its tasks. */
    @Test
    void nothing_else_ends_an_err_group() throws Exception {
        ReentrantLock lock = new ReentrantLock();
        ErrGroup group = new ErrGroup();
        Chan<Goroutine> self = Chan.make(1);
        Goroutine parent =
                holding(
                        lock,
                        () -> {
                            group.go(child(self, locking(lock)));
                            group.await();
                        });
        Goroutine child = self.recv();
        Await.until(() -> lock.hasQueuedThread(child.thread()), "wants the lock");
        Await.parked(child);
        Await.parked(parent, WAIT);
        assertThat(circle(parent, child).certain()).isTrue();
    }

    @Test
    void one_child_of_many_is_in_the_circle() throws Exception {
        Mutex mu = new Mutex();
        Mutex free = new Mutex();
        Chan<Integer> never = Chan.make();
        WaitGroup wg = new WaitGroup();
        Chan<Goroutine> self = Chan.make();
        Goroutine holder = Await.parked(holding(free, never::recv), "chan receive");
        Goroutine parent =
                holding(
                        mu,
                        () -> {
                            wg.go(child(self, never::recv));
                            wg.go(child(self, locking(free)));
                            wg.go(child(self, locking(mu)));
                            wg.go(child(self, never::recv));
                            wg.await();
                        });
        List<Goroutine> children = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            children.add(Await.parked(self.recv()));
        }
        children.forEach(Await::parked);
        Await.parked(parent, WAIT);
        List<Goroutine> atMutex =
                children.stream()
                        .filter(g -> Model.goroutine(g.id()).reason().equals("sync.Mutex.Lock"))
                        .toList();
        assertThat(atMutex).hasSize(2);
        WaitGraph.Cycle c =
                Model.cycles().stream()
                        .filter(k -> k.goroutines().contains(parent.id()))
                        .findFirst()
                        .orElseThrow();
        assertThat(c.goroutines())
                .hasSize(2)
                .doesNotContain(holder.id())
                .containsAnyOf(atMutex.getFirst().id(), atMutex.getLast().id());
        Why w = why(parent);
        assertThat(w.chain()).anyMatch(s -> s.contains("started through it, 4 live."));
        assertThat(w.cycles()).extracting(WaitGraph.Cycle::text).containsExactly(c.text());
    }

    @Test
    void a_child_that_waits_for_its_own_group() throws Exception {
        WaitGroup wg = new WaitGroup();
        Chan<Goroutine> self = Chan.make(1);
        wg.go(child(self, wg::await));
        assertThat(circle(Await.parked(self.recv(), WAIT)).locks()).isFalse();
    }

    @Test
    void a_thread_that_is_no_goroutine_waits_for_its_children() throws Exception {
        Mutex mu = new Mutex();
        WaitGroup wg = new WaitGroup();
        Chan<Goroutine> self = Chan.make(1);
        Thread parent =
                Thread.ofPlatform()
                        .daemon()
                        .start(() -> {
                            mu.lock();
                            wg.go(child(self, locking(mu)));
                            try {
                                wg.await();
                            } catch (InterruptedException e) {
                                // the end of the test
                            } finally {
                                mu.unlock();
                            }
                        });
        started.add(parent);
        Goroutine child = Await.parked(self.recv(), "sync.Mutex.Lock");
        Await.until(() -> LockSupport.getBlocker(parent) == wg, "waits for the group");
        Await.until(() -> parent.getState() == Thread.State.WAITING, "is parked");
        assertThat(circle(child).text())
                .contains("thread \"" + parent.getName() + "\" waits for sync.WaitGroup#")
                .contains("of which goroutine " + child.id() + " has not ended");
    }

    @Test
    void a_wait_with_a_time_limit_is_no_deadlock() throws Exception {
        Mutex mu = new Mutex();
        WaitGroup wg = new WaitGroup();
        Chan<Goroutine> self = Chan.make(1);
        Goroutine parent =
                holding(
                        mu,
                        () -> {
                            wg.go(child(self, locking(mu)));
                            wg.await(Duration.ofHours(1));
                        });
        Await.parked(self.recv(), "sync.Mutex.Lock");
        Await.parked(parent, WAIT);
        assertNoCircle(parent);
    }

    /** Whether it will call done() nobody knows. */
    @Test
    void a_child_that_was_only_added_is_guessed_at_and_no_circle() throws Exception {
        Mutex mu = new Mutex();
        WaitGroup wg = new WaitGroup();
        Chan<Goroutine> self = Chan.make(2);
        Chan<Integer> never = Chan.make();
        Goroutine parent =
                holding(
                        mu,
                        () -> {
                            wg.add(1);
                            Go.go(child(self, locking(mu)));
                            wg.go(child(self, never::recv));
                            wg.await();
                        });
        Await.parked(self.recv());
        Await.parked(self.recv());
        Await.parked(parent, WAIT);
        assertNoCircle(parent);
        Why w = why(parent);
        assertThat(w.cycles()).isEmpty();
        assertThat(w.chain())
                .anyMatch(s -> s.contains("stands at 2"))
                .anyMatch(s -> s.contains("started through it, 1 lives."))
                .anyMatch(s -> s.startsWith("1 of the calls must come from others"))
                .anyMatch(s -> s.equals("Of the other goroutines that it started, 1 lives."));
        assertThat(w.wakers()).hasSize(2).anyMatch(k -> k.text().startsWith("perhaps goroutine "));
    }

    @Test
    void many_alike_children_are_one_node_of_the_graph() throws Exception {
        WaitGroup wg = new WaitGroup();
        Chan<Goroutine> self = Chan.make();
        Chan<Integer> never = Chan.make();
        Goroutine parent =
                started.start(() -> {
                    for (int i = 0; i < 20; i++) {
                        wg.go(child(self, never::recv));
                    }
                    wg.await();
                });
        List<Goroutine> children = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            children.add(self.recv());
        }
        children.forEach(g -> Await.parked(g, "chan receive"));
        Await.parked(parent, WAIT);
        WaitGraph graph = Model.graph(Query.ALL, 1000);
        String group =
                graph.edges().stream()
                        .filter(e -> e.from().equals("g" + parent.id()))
                        .findFirst()
                        .orElseThrow()
                        .to();
        String crowd =
                graph.edges().stream()
                        .filter(e -> e.from().equals(group))
                        .reduce((a, b) -> {
                            throw new AssertionError(a + " and " + b);
                        })
                        .orElseThrow()
                        .to();
        assertThat(graph.nodes())
                .filteredOn(n -> n.key().equals(crowd))
                .singleElement()
                .satisfies(n -> assertThat(n.count()).isEqualTo(20));
    }

    /** Goroutines that wait for their children without the lock that these take. */
    static final class Busy {
        private static final Mutex MUTEX = new Mutex();
        private static volatile boolean over;

        private static void locked() {
            MUTEX.lock();
            try {
                Go.gosched();
            } finally {
                MUTEX.unlock();
            }
        }

        private static void work() throws InterruptedException {
            while (!over) {
                WaitGroup wg = new WaitGroup();
                for (int k = 0; k < 3; k++) {
                    wg.go(Busy::locked);
                }
                wg.await();
                locked();
            }
        }

        public static void main(String[] args) throws InterruptedException {
            List<Goroutine> busy = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                busy.add(Go.go(Busy::work));
            }
            for (int i = 0; i < 100; i++) {
                List<WaitGraph.Cycle> cycles = Model.cycles();
                if (!cycles.isEmpty()) {
                    System.out.println(cycles);
                    System.exit(1);
                }
                Model.graph(Query.ALL, 100);
            }
            over = true;
            for (Goroutine g : busy) {
                g.join();
            }
        }
    }

    @Test
    void busy_groups_are_no_circle() throws Exception {
        assertThat(ReadersTest.run(Busy.class, "")).isEmpty();
    }
}
