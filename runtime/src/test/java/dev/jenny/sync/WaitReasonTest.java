package dev.jenny.sync;

import static dev.jenny.support.Eventually.eventually;

import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.Goroutine;
import dev.jenny.Task;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a goroutine that waits in each primitive looks like in a dump. */
@Timeout(60)
class WaitReasonTest {
    @Test
    void mutex() {
        Mutex mu = new Mutex();
        mu.lock();
        assertWaitsIn("sync.Mutex.Lock", mu::lockInterruptibly);
    }

    @Test
    void rwMutexReader() {
        RWMutex rw = new RWMutex();
        rw.lock();
        assertWaitsIn("sync.RWMutex.RLock", rw.readLock()::lockInterruptibly);
    }

    @Test
    void rwMutexWriterBehindReaders() {
        RWMutex rw = new RWMutex();
        rw.rLock();
        assertWaitsIn("sync.RWMutex.Lock", rw.writeLock()::lockInterruptibly);
    }

    @Test
    void rwMutexWriterBehindAWriter() {
        RWMutex rw = new RWMutex();
        rw.lock();
        assertWaitsIn("sync.Mutex.Lock", rw.writeLock()::lockInterruptibly);
    }

    @Test
    void waitGroup() {
        WaitGroup wg = new WaitGroup();
        wg.add(1);
        assertWaitsIn("sync.WaitGroup.Wait", wg::await);
    }

    @Test
    void cond() {
        Mutex mu = new Mutex();
        Cond cond = new Cond(mu);
        assertWaitsIn(
                "sync.Cond.Wait",
                () -> {
                    mu.lock();
                    cond.await();
                });
    }

    @Test
    void semaphore() {
        assertWaitsIn("semacquire", new Semaphore(0)::acquire);
    }

    private static void assertWaitsIn(String reason, Task task) {
        Goroutine g =
                Go.go(() -> {
                    try {
                        task.run();
                    } catch (InterruptedException e) {
                        // the test is over
                    }
                });
        Pattern header =
                Pattern.compile("goroutine " + g.id() + " \\[" + Pattern.quote(reason) + "[],]");
        eventually(() -> header.matcher(GoRuntime.stack()).find());
        g.thread().interrupt();
        eventually(() -> !g.isAlive());
    }
}
