package dev.jenny;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.internal.event.MutexProfile;
import dev.jenny.internal.event.MutexProfile.Unlocks;
import dev.jenny.support.Blocked;
import dev.jenny.sync.Mutex;
import dev.jenny.sync.RWMutex;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Waits for mutexes are put down to those who unlock. */
@Timeout(60)
class MutexProfileTest {
    private static final int WAITERS = 3;

    @BeforeEach
    void on() {
        MutexProfile.setRate(1);
    }

    @AfterEach
    void off() {
        MutexProfile.setRate(0);
    }

    private static List<Unlocks> of(String caller) {
        return MutexProfile.records().stream()
                .filter(u ->
                        u.stack().size() > 1 && u.stack().get(1).getMethodName().equals(caller))
                .toList();
    }

    private static Unlocks theOneOf(String caller) {
        List<Unlocks> found = of(caller);
        assertThat(found).as(caller).hasSize(1);
        return found.getFirst();
    }

    private static void lockAndUnlock(Lock lock) {
        lock.lock();
        lock.unlock();
    }

    /** Goroutines that wait for {@code lock}. */
    private static List<Goroutine> waiters(Lock lock) {
        return waiting(() -> lockAndUnlock(lock));
    }

    /** Goroutines that run {@code task}, and wait. */
    private static List<Goroutine> waiting(Task task) {
        List<Goroutine> gs = new ArrayList<>();
        for (int i = 0; i < WAITERS; i++) {
            gs.add(Go.go(task));
            Blocked.blocked(gs.getLast());
        }
        return gs;
    }

    private static void join(List<Goroutine> gs) throws InterruptedException {
        for (Goroutine g : gs) {
            g.join();
        }
    }

    private static long since(long start) {
        return System.nanoTime() - start;
    }

    private static void unlockAsHolder(Mutex mu) {
        mu.unlock();
    }

    @Test
    void theHolderIsChargedForAllWhoWait() throws Exception {
        Mutex mu = new Mutex();
        mu.lock();
        List<Goroutine> gs = waiters(mu);
        long allWait = System.nanoTime();
        TimeUnit.MILLISECONDS.sleep(20);
        long held = since(allWait);
        unlockAsHolder(mu);
        join(gs);
        Unlocks u = theOneOf("unlockAsHolder");
        assertThat(u.stack().getFirst().getClassName()).isEqualTo("dev.jenny.sync.Mutex");
        assertThat(u.stack().getFirst().getMethodName()).isEqualTo("unlock");
        assertThat(u.count()).isEqualTo(1);
        assertThat(u.nanos()).isGreaterThanOrEqualTo(WAITERS * held);
    }

    private static void unlockAfter(Mutex mu) {
        mu.unlock();
    }

    @Test
    void timeIsChargedOnce() throws Exception {
        Mutex mu = new Mutex();
        long start = System.nanoTime();
        mu.lock();
        List<Goroutine> gs = waiting(() -> lockAndPassOn(mu));
        TimeUnit.MILLISECONDS.sleep(20);
        unlockAfter(mu);
        join(gs);
        long waited = WAITERS * since(start);
        long charged = theOneOf("unlockAfter").nanos() + unlocksOf("passOn");
        assertThat(charged).isPositive().isLessThanOrEqualTo(waited);
    }

    private static long unlocksOf(String caller) {
        return of(caller).stream().mapToLong(Unlocks::nanos).sum();
    }

    private static void lockAndPassOn(Mutex mu) {
        mu.lock();
        passOn(mu);
    }

    private static void passOn(Mutex mu) {
        mu.unlock();
    }

    private static void unlockWriter(RWMutex mu) {
        mu.unlock();
    }

    @Test
    void aWriterIsChargedForReaders() throws Exception {
        RWMutex mu = new RWMutex();
        mu.lock();
        List<Goroutine> gs = waiters(mu.readLock());
        long allWait = System.nanoTime();
        TimeUnit.MILLISECONDS.sleep(20);
        long held = since(allWait);
        unlockWriter(mu);
        join(gs);
        Unlocks u = theOneOf("unlockWriter");
        assertThat(u.stack().getFirst().getClassName()).isEqualTo("dev.jenny.sync.RWMutex");
        assertThat(u.stack().getFirst().getMethodName()).isEqualTo("unlock");
        assertThat(u.nanos()).isGreaterThanOrEqualTo(WAITERS * held);
    }

    private static void unlockForWriters(RWMutex mu) {
        mu.unlock();
    }

    @Test
    void aWriterIsChargedForWriters() throws Exception {
        RWMutex mu = new RWMutex();
        mu.lock();
        List<Goroutine> gs = waiters(mu.writeLock());
        long allWait = System.nanoTime();
        TimeUnit.MILLISECONDS.sleep(20);
        long held = since(allWait);
        unlockForWriters(mu);
        join(gs);
        Unlocks u = theOneOf("unlockForWriters");
        assertThat(u.stack().getFirst().getClassName()).isEqualTo("dev.jenny.sync.RWMutex");
        assertThat(u.nanos()).isGreaterThanOrEqualTo(WAITERS * held);
    }

    private static void unlockReader(RWMutex mu) {
        mu.rUnlock();
    }

    @Test
    void theLastReaderIsChargedForTheWriter() throws Exception {
        RWMutex mu = new RWMutex();
        mu.rLock();
        Goroutine writer = Go.go(() -> lockAndUnlock(mu.writeLock()));
        Blocked.blocked(writer);
        long waits = System.nanoTime();
        TimeUnit.MILLISECONDS.sleep(20);
        long held = since(waits);
        unlockReader(mu);
        writer.join();
        Unlocks u = theOneOf("unlockReader");
        assertThat(u.stack().getFirst().getMethodName()).isEqualTo("rUnlock");
        assertThat(u.count()).isEqualTo(1);
        assertThat(u.nanos()).isGreaterThanOrEqualTo(held);
    }

    private static void unlockUnseen(Mutex mu) {
        mu.unlock();
    }

    @Test
    void offNothingIsRecorded() throws Exception {
        MutexProfile.setRate(0);
        Mutex mu = new Mutex();
        mu.lock();
        List<Goroutine> gs = waiters(mu);
        unlockUnseen(mu);
        join(gs);
        assertThat(of("unlockUnseen")).isEmpty();
    }

    private static void unlockWhileItIsTurnedOn(Mutex mu) {
        mu.unlock();
    }

    @Test
    void waitsThatBeganBeforeItWasTurnedOnAreNotCharged() throws Exception {
        MutexProfile.setRate(0);
        Mutex mu = new Mutex();
        RWMutex rw = new RWMutex();
        mu.lock();
        rw.lock();
        List<Goroutine> gs = waiters(mu);
        gs.addAll(waiters(rw.readLock()));
        MutexProfile.setRate(1);
        unlockWhileItIsTurnedOn(mu);
        rw.unlock();
        join(gs);
        assertThat(of("unlockWhileItIsTurnedOn")).isEmpty();
    }

    private static void unlockOften(int times) {
        for (int i = 0; i < times; i++) {
            MutexProfile.unlocked(10, 30, Map.of());
        }
    }

    @Test
    void shortWaitsAreSampledAndCountForTheOthers() {
        MutexProfile.setRate(1_000);
        int n = 100_000;
        unlockOften(n);
        List<Unlocks> found =
                MutexProfile.records().stream()
                        .filter(u -> u.stack().getFirst().getMethodName().equals("unlockOften"))
                        .toList();
        assertThat(found).hasSize(1);
        // 1,000 samples in the mean, of weight 100: a standard deviation is 3.2 %
        assertThat(found.getFirst().count()).isBetween((long) (n * 0.68), (long) (n * 1.32));
        assertThat(found.getFirst().nanos())
                .isBetween((long) (n * 30 * 0.68), (long) (n * 30 * 1.32));
    }
}
