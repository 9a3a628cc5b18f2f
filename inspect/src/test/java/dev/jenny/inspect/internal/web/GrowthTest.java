package dev.jenny.inspect.internal.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.inspect.internal.http.Server;
import dev.jenny.inspect.internal.issue.Issues;
import dev.jenny.inspect.internal.model.Groups;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class GrowthTest {
    /** {@code jenny leaks} has suspects of a program that no dashboard was open for. */
    @Test
    void groupsAreCountedWhileNobodyWatches() throws Exception {
        Chan<Integer> never = Chan.make();
        Goroutine waiting = Go.go(never::recv);
        CountDownLatch looked = new CountDownLatch(2);
        Consumer<Groups> after = groups -> looked.countDown();
        try (Server server = Server.open(0, null);
                Web web = Web.register(server, "growth-test")) {
            assertThat(web.growth().size()).isZero();
            Issues.addWatcher(after); // it is told after the one that was there before
            assertThat(looked.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(web.growth().size()).isPositive();
        } finally {
            Issues.removeWatcher(after);
            never.close();
            waiting.join();
        }
    }
}
