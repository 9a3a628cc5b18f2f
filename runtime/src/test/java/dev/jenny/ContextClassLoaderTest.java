package dev.jenny;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.context.Context;
import dev.jenny.time.Timer;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the scheduler starts has the context class loader of who asked for it. */
class ContextClassLoaderTest {
    private final ClassLoader mine = new URLClassLoader(new URL[0]);
    private final Chan<ClassLoader> seen = Chan.make(1);
    private ClassLoader before;

    @BeforeEach
    void set() {
        before = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(mine);
    }

    @AfterEach
    void reset() {
        Thread.currentThread().setContextClassLoader(before);
    }

    private void see() throws InterruptedException {
        seen.send(Thread.currentThread().getContextClassLoader());
    }

    @Test
    void of_who_sets_the_timer() throws Exception {
        Timer timer = Timer.afterFunc(Duration.ofMillis(1), this::see);
        assertThat(seen.recv()).isSameAs(mine);
        Thread.currentThread().setContextClassLoader(before);
        timer.reset(Duration.ofMillis(1));
        assertThat(seen.recv()).isSameAs(before);
    }

    @Test
    void of_who_sets_the_deadline() throws Exception {
        try (Context ctx = Context.background().withTimeout(Duration.ofMillis(10))) {
            ctx.afterFunc(this::see);
            assertThat(seen.recv()).isSameAs(mine);
        }
    }
}
