package dev.jenny.internal.sched;

import java.util.concurrent.Future;
import java.util.concurrent.locks.Condition;

/**
 * Why a goroutine waits in JDK code, in Java's words, told from the object that it is parked on.
 * Only asked when somebody looks.
 */
final class Blockers {
    private static final String CONCURRENT = "java.util.concurrent.";

    private static final ClassValue<String> REASONS =
            new ClassValue<>() {
                @Override
                protected String computeValue(Class<?> type) {
                    return reasonOf(type);
                }
            };

    private Blockers() {}

    /** Why a goroutine is parked on {@code blocker}. */
    static String reason(Object blocker) {
        return REASONS.get(blocker.getClass());
    }

    private static String reasonOf(Class<?> type) {
        if (Condition.class.isAssignableFrom(type)) {
            return "Condition.await";
        }
        if (Future.class.isAssignableFrom(type)) {
            return "Future.get"; // of a CompletableFuture it is the task that ends the wait
        }
        String name = type.getName();
        if (!name.startsWith(CONCURRENT)) {
            return WaitReason.PARK.text();
        }
        // The JDK's locks park on an inner class: ReentrantLock$NonfairSync.
        int inner = name.indexOf('$');
        return switch (name.substring(CONCURRENT.length(), inner < 0 ? name.length() : inner)) {
            case "locks.ReentrantLock" -> "ReentrantLock.lock";
            case "locks.ReentrantReadWriteLock" -> "ReentrantReadWriteLock.lock";
            case "locks.StampedLock" -> "StampedLock.lock";
            case "CountDownLatch" -> "CountDownLatch.await";
            case "Semaphore" -> "Semaphore.acquire";
            case "Phaser" -> "Phaser.awaitAdvance";
            case "Exchanger" -> "Exchanger.exchange";
            default -> WaitReason.PARK.text();
        };
    }
}
