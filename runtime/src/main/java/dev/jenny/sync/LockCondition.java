package dev.jenny.sync;

import dev.jenny.internal.sched.Clock;
import java.util.Date;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/** {@link Cond} in the form that {@link Lock#newCondition} asks for. */
final class LockCondition implements Condition {
    private final Cond cond;

    LockCondition(Lock lock) {
        cond = new Cond(lock);
    }

    @Override
    public void await() throws InterruptedException {
        cond.await();
    }

    @Override
    public void awaitUninterruptibly() {
        cond.awaitUninterruptibly();
    }

    @Override
    public long awaitNanos(long nanosTimeout) throws InterruptedException {
        long start = Clock.now();
        cond.awaitNanos(nanosTimeout);
        long left = nanosTimeout - (Clock.now() - start);
        return left <= nanosTimeout ? left : Long.MIN_VALUE; // it may have wrapped
    }

    @Override
    public boolean await(long time, TimeUnit unit) throws InterruptedException {
        return cond.awaitNanos(unit.toNanos(time));
    }

    @Override
    @SuppressWarnings("JavaUtilDate") // the interface's
    public boolean awaitUntil(Date deadline) throws InterruptedException {
        long now = System.currentTimeMillis();
        long millis = Math.max(deadline.getTime(), now) - now; // which cannot wrap
        return cond.awaitNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    @Override
    public void signal() {
        cond.signal();
    }

    @Override
    public void signalAll() {
        cond.broadcast();
    }
}
