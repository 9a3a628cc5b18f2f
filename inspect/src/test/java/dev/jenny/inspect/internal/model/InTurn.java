package dev.jenny.inspect.internal.model;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Lock;

/** Two that take two locks in different orders wait for each other. */
public final class InTurn {
    private InTurn() {}

    /** Takes {@code first}, and {@code second} when both sides have their first. */
    public static void lock(Lock first, Lock second, CountDownLatch both)
            throws InterruptedException {
        first.lock();
        try {
            both.countDown();
            both.await();
            second.lockInterruptibly();
            second.unlock();
        } finally {
            first.unlock();
        }
    }
}
