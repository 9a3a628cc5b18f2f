package dev.jenny.context;

import static dev.jenny.context.ContextTreeTest.assertCancelled;
import static dev.jenny.support.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.RecvChan;
import dev.jenny.internal.sched.Runtimes;
import dev.jenny.support.Fork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Contexts that many threads use and cancel at the same time. */
@Timeout(120)
class ContextRaceTest {
    /** An error means that done is closed, a closed done that there is an error. */
    @ParameterizedTest
    @EnumSource
    void errAndDoneComeAtTheSameInstant(Fork.Kind kind) throws Exception {
        for (int i = 0; i < 200; i++) {
            Context parent = Context.background().withCancel();
            Context child = parent.withCancel();
            if (i % 2 == 0) {
                child.done(); // else it is made while the cancel runs
            }
            List<Fork> watchers =
                    List.of(
                            Fork.fork(
                                    kind,
                                    () -> {
                                        while (child.err() == null) {
                                            Thread.yield();
                                        }
                                        assertThat(child.done().isDrained()).isTrue();
                                        assertThat(child.cause()).isNotNull();
                                    }),
                            Fork.fork(
                                    kind,
                                    () -> {
                                        RecvChan<Void> done = child.done();
                                        while (!done.isDrained()) {
                                            Thread.yield();
                                        }
                                        assertThat(child.err()).isNotNull();
                                        assertThat(parent.err()).isSameAs(child.err());
                                    }));
            parent.cancel();
            Fork.joinAll(watchers);
        }
    }

    /** Whoever calls cancel finds the whole tree done when it returns, also if it came second. */
    @ParameterizedTest
    @EnumSource
    void everyCancellerReturnsToADoneTree(Fork.Kind kind) throws Exception {
        for (int i = 0; i < 100; i++) {
            Context root = Context.background().withCancel();
            List<Context> all = new ArrayList<>(List.of(root));
            Random random = new Random(i);
            for (int j = 0; j < 100; j++) {
                all.add(all.get(random.nextInt(all.size())).withCancel());
            }
            Context[] tree = all.toArray(new Context[0]);
            Chan<String> start = Chan.make();
            List<Fork> cancellers =
                    Fork.forks(
                            kind,
                            4,
                            () -> {
                                start.recv();
                                root.cancel();
                                assertCancelled(tree);
                            });
            cancellers.forEach(f -> f.blockedOn(start));
            start.close();
            Fork.joinAll(cancellers);
            for (Context c : tree) {
                assertThat(c.err()).isSameAs(root.err());
            }
        }
    }

    /** A thread that cancels has been held up half-way: those who come after do what it left. */
    @Test
    void othersDoWhatASlowCancellerHasNotDoneYet() throws Exception {
        Context parent = Context.background().withCancel();
        Context first = parent.withCancel();
        parent.done();
        first.done();
        ContextException err = new CancelledException(null, true);
        assertThat(parent.node.decide(err, err)).isTrue();
        ContextTreeTest.assertNotDone(parent, first);

        Context second = parent.withCancel();
        assertCancelled(parent, second); // a child is never done before its parent
        ContextTreeTest.assertNotDone(first);

        parent.cancel();
        assertCancelled(first);
        assertThat(first.err()).isSameAs(second.err()).isSameAs(parent.err()).isSameAs(err);
    }

    @Test
    void cancelsFromAllOverTheTree() throws Exception {
        for (int i = 0; i < 100; i++) {
            Context root = Context.background().withCancel();
            List<Context> all = new ArrayList<>(List.of(root));
            Random random = new Random(i);
            for (int j = 0; j < 50; j++) {
                all.add(all.get(random.nextInt(all.size())).withCancel());
            }
            List<Fork> forks = new ArrayList<>();
            for (Context c : all) {
                forks.add(
                        Fork.fork(
                                Fork.Kind.GOROUTINE,
                                () -> {
                                    c.cancel();
                                    assertCancelled(c);
                                }));
            }
            Fork.joinAll(forks);
        }
    }

    /** A parent and its child that each cancel the other when they are done. */
    @Test
    void interlockedCancels() throws Exception {
        Context parent = Context.background().withCancel();
        Context child = parent.withCancel();
        Fork up =
                Fork.fork(
                        Fork.Kind.GOROUTINE,
                        () -> {
                            child.done().recv();
                            parent.cancel();
                        });
        Fork down =
                Fork.fork(
                        Fork.Kind.GOROUTINE,
                        () -> {
                            parent.done().recv();
                            child.cancel();
                        });
        child.cancel();
        up.join();
        down.join();
        assertCancelled(parent, child);
    }

    @Test
    void childrenMadeWhileTheParentIsCancelled() throws Exception {
        for (int i = 0; i < 200; i++) {
            Context parent = Context.background().withCancel();
            AtomicInteger runs = new AtomicInteger();
            Chan<Context> made = Chan.make(400);
            List<Fork> makers =
                    Fork.forks(
                            Fork.Kind.GOROUTINE,
                            4,
                            () -> {
                                for (int j = 0; j < 20; j++) {
                                    Context child = parent.withCancel();
                                    if (child.err() != null) {
                                        assertCancelled(parent); // parents come first
                                    }
                                    made.send(child);
                                    made.send(parent.withTimeout(Duration.ofHours(1)));
                                    parent.afterFunc(runs::incrementAndGet);
                                }
                            });
            parent.cancel();
            Fork.joinAll(makers);
            made.close();
            for (Context c : made) {
                assertCancelled(c);
                assertThat(c.err()).isSameAs(parent.err());
            }
            eventually(() -> runs.get() == 80);
        }
    }

    @Test
    void oneReasonWins() throws Exception {
        for (int i = 0; i < 200; i++) {
            Context c = Context.background().withTimeout(Duration.ofNanos(i * 500L));
            List<Throwable> causes = List.of(new Exception("a"), new Exception("b"));
            List<Fork> forks = new ArrayList<>();
            for (Throwable cause : causes) {
                forks.add(Fork.fork(Fork.Kind.GOROUTINE, () -> c.cancel(cause)));
            }
            Fork.joinAll(forks);
            Throwable cause = c.cause();
            if (c.err() instanceof DeadlineExceededException) {
                assertThat(cause).isSameAs(c.err());
            } else {
                assertThat(causes).contains(cause);
                assertThat(c.err().getCause()).isSameAs(cause);
            }
        }
    }

    /**
     * A random tree that grows, times out and is cancelled all at once; in the end nothing is left.
     */
    @Test
    void layers() throws Exception {
        int timers = Runtimes.timers();
        Context.Key<Integer> key = Context.Key.of("layer");
        Fork.joinAll(
                Fork.forks(
                        Fork.Kind.GOROUTINE,
                        8,
                        () -> {
                            Random random = new Random(Thread.currentThread().threadId());
                            for (int round = 0; round < 50; round++) {
                                Context root = Context.background().withCancel();
                                Context c = root;
                                int layer = -1;
                                for (int j = 0; j < 40; j++) {
                                    switch (random.nextInt(4)) {
                                        case 0 -> c = c.withCancel();
                                        case 1 -> c = c.withTimeout(Duration.ofHours(1));
                                        case 2 ->
                                                c =
                                                        c.withTimeout(
                                                                Duration.ofNanos(
                                                                        random.nextInt(3_000_000)));
                                        default -> {
                                            layer = j;
                                            c = c.withValue(key, j);
                                        }
                                    }
                                }
                                Integer value = c.value(key);
                                assertThat(value == null ? -1 : value).isEqualTo(layer);
                                Go.gosched();
                                root.cancel();
                                assertThat(c.err()).isNotNull();
                            }
                        }));
        eventually(() -> Runtimes.timers() <= timers);
    }
}
