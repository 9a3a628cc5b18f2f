package dev.jenny.inspect.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.Goroutine;
import dev.jenny.Task;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Exchanger;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.concurrent.locks.StampedLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Waits in JDK code are told apart by what the goroutine is parked on. */
class JdkReasonsTest {
    @RegisterExtension final Started started = new Started();

    private enum Kind {
        LOCK("ReentrantLock.lock", () -> held(new ReentrantLock(true)).lockInterruptibly()),
        TRY_LOCK(
                "ReentrantLock.lock",
                () -> assertThat(held(new ReentrantLock()).tryLock(1, TimeUnit.HOURS)).isTrue()),
        READ_LOCK("ReentrantReadWriteLock.lock", Kind::readLock),
        STAMPED_LOCK("StampedLock.lock", Kind::stampedLock),
        CONDITION("Condition.await", Kind::condition),
        TAKE("Condition.await", () -> new ArrayBlockingQueue<Integer>(1).take()),
        BARRIER("Condition.await", () -> new CyclicBarrier(2).await()),
        LATCH("CountDownLatch.await", () -> new CountDownLatch(1).await()),
        SEMAPHORE("Semaphore.acquire", () -> new Semaphore(0).acquire()),
        PHASER(
                "Phaser.awaitAdvance",
                () -> {
                    Phaser p = new Phaser(2);
                    p.awaitAdvanceInterruptibly(p.arrive());
                }),
        EXCHANGER("Exchanger.exchange", () -> new Exchanger<Integer>().exchange(1)),
        FUTURE_TASK("Future.get", () -> new FutureTask<>(() -> 1).get()),
        ASYNC("Future.get", Kind::async),
        COMPLETABLE_FUTURE("Future.get", () -> new CompletableFuture<Integer>().get()),
        PARK_ON("LockSupport.park", () -> park(new Object())),
        PARK("LockSupport.park", () -> park(null));

        final String reason;
        final Task task;

        Kind(String reason, Task task) {
            this.reason = reason;
            this.task = task;
        }

        /** What another thread holds, which has ended. */
        private static <L extends Lock> L held(L lock) throws InterruptedException {
            Thread.ofPlatform().start(lock::lock).join();
            return lock;
        }

        private static void readLock() throws InterruptedException {
            ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
            held(lock.writeLock());
            lock.readLock().lockInterruptibly();
        }

        private static void stampedLock() throws InterruptedException {
            StampedLock lock = new StampedLock();
            lock.writeLock();
            lock.readLockInterruptibly();
        }

        private static void condition() throws InterruptedException {
            ReentrantLock lock = new ReentrantLock();
            lock.lock();
            lock.newCondition().await();
        }

        private static void async() throws Exception {
            Future<Integer> f =
                    Go.async(() -> {
                        park(null);
                        return 1;
                    });
            try {
                f.get();
            } finally {
                f.cancel(true);
            }
        }

        private static void park(Object on) {
            while (!Thread.currentThread().isInterrupted()) {
                LockSupport.park(on);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void is_told(Kind kind) {
        Goroutine g = Await.parked(started.start(kind.task), kind.reason);
        Query mine = Query.parse("id:" + g.id() + " reason:\"" + kind.reason + '"');
        assertThat(Model.groups(mine, 10).groups())
                .singleElement()
                .satisfies(group -> assertThat(group.status()).isEqualTo(kind.reason));
        assertThat(Model.why(g.id()).goroutine().reason()).isEqualTo(kind.reason);
        assertThat(GoRuntime.stack())
                .contains("goroutine " + g.id() + " [" + kind.reason + "]")
                .doesNotContain("goroutine " + g.id() + " [waiting]");
    }

    @Test
    void those_of_one_go_statement_are_not_one_group() {
        for (Kind kind : List.of(Kind.LATCH, Kind.SEMAPHORE, Kind.LATCH)) {
            Task task = kind.task;
            Await.parked(started.start(() -> Go.withLabels("test", "reasons", task)), kind.reason);
        }
        assertThat(Model.groups(Query.parse("label.test=reasons"), 10).groups())
                .extracting(GoroutineGroup::status, GoroutineGroup::count)
                .containsExactlyInAnyOrder(
                        tuple("CountDownLatch.await", 2L), tuple("Semaphore.acquire", 1L));
    }
}
