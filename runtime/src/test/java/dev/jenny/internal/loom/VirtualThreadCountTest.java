package dev.jenny.internal.loom;

import static dev.jenny.support.Mode.assumeCustom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.support.JavaProcess;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** In a JVM of its own, where nobody else starts threads. */
class VirtualThreadCountTest {
    @Test
    void platformThreadsThatComeAndGoDoNotCount() throws Exception {
        assumeCustom("the count");
        for (String track : new String[] {"false", "true"}) {
            JavaProcess.Result r =
                    JavaProcess.of(Churn.class)
                            .option("-Djdk.trackAllThreads=" + track)
                            .embedded()
                            .run();
            assertThat(r.out()).as(r.toString()).isEqualTo("none 0\nsome 3\n");
        }
    }

    static final class Churn {
        private static volatile boolean over;

        public static void main(String[] args) throws Exception {
            Thread churn = new Thread(Churn::churn);
            churn.start();
            System.out.println("none " + same());
            CountDownLatch latch = new CountDownLatch(1);
            Thread.ofVirtual().start(() -> await(latch));
            try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
                executor.submit(() -> await(latch));
                executor.submit(() -> await(latch));
                System.out.println("some " + same());
                latch.countDown();
            }
            over = true;
            churn.join();
        }

        /** The count, if it is the same however often one asks; else -2. */
        private static long same() {
            long first = Loom.virtualThreadCount();
            for (int i = 0; i < 2_000; i++) {
                if (Loom.virtualThreadCount() != first) {
                    return -2;
                }
            }
            return first;
        }

        private static void churn() {
            try {
                while (!over) {
                    Thread t = new Thread(() -> {});
                    t.start();
                    t.join();
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        private static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
