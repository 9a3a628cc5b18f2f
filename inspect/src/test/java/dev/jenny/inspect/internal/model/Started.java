package dev.jenny.inspect.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The goroutines of a test, which wait for what never comes: interrupts them after it. */
final class Started implements AfterEachCallback {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final List<Thread> threads = new ArrayList<>();

    /** Starts a goroutine, for which an interrupt is a good end. */
    Goroutine start(Task t) {
        Goroutine g =
                Go.go(() -> {
                    try {
                        t.run();
                    } catch (InterruptedException | ExecutionException e) {
                        // the end of the test
                    }
                });
        add(g.thread());
        return g;
    }

    /** A thread that was started in another way. */
    void add(Thread t) {
        synchronized (threads) {
            threads.add(t);
        }
    }

    @Override
    public void afterEach(ExtensionContext context) throws InterruptedException {
        List<Thread> all;
        synchronized (threads) {
            all = List.copyOf(threads);
        }
        all.forEach(Thread::interrupt);
        for (Thread t : all) {
            assertThat(t.join(LIMIT)).as("%s has ended", t).isTrue();
        }
    }

    /** What {@code why} says of {@code g}. */
    static Why why(Goroutine g) {
        Why w = Model.why(g.id());
        assertThat(w).isNotNull();
        return w;
    }
}
