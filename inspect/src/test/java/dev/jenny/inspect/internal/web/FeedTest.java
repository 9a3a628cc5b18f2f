package dev.jenny.inspect.internal.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.inspect.Metrics;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class FeedTest {
    private final Feed feed = new Feed();

    private void publish(int from, int to) {
        for (int i = from; i <= to; i++) {
            feed.publish(
                    new Samples.Doc(i, Integer.toString(i).getBytes(StandardCharsets.US_ASCII)));
        }
    }

    private List<Integer> next(Feed.Reader reader) throws InterruptedException {
        return feed.next(reader, 1).stream()
                .map(b -> Integer.parseInt(new String(b, StandardCharsets.US_ASCII)))
                .toList();
    }

    @Test
    void aClientGetsEverySampleOnceAndInOrder() throws Exception {
        publish(1, 3);
        Feed.Reader reader = feed.reader();
        publish(4, 4);
        assertThat(next(reader)).containsExactly(4);
        publish(5, 9);
        assertThat(next(reader)).containsExactly(5, 6, 7, 8, 9);
        assertThat(next(reader)).isEmpty();
        publish(10, 10);
        assertThat(next(reader)).containsExactly(10);
        assertThat(reader.lost()).isZero();
        assertThat(feed.missed()).isZero();
    }

    @Test
    void whatASlowClientMissesIsCounted() throws Exception {
        double before = metric("/jenny/drops/clients:samples");
        Feed.Reader slow = feed.reader();
        Feed.Reader quick = feed.reader();
        publish(1, 10);
        assertThat(next(quick)).hasSize(10);
        publish(11, Feed.RECENT + 5);
        assertThat(next(quick)).hasSize(Feed.RECENT - 5);
        assertThat(next(slow)).hasSize(Feed.RECENT).startsWith(6).endsWith(Feed.RECENT + 5);
        assertThat(slow.lost()).isEqualTo(5);
        assertThat(quick.lost()).isZero();
        assertThat(feed.missed()).isEqualTo(5);
        assertThat(metric("/jenny/drops/clients:samples")).isGreaterThanOrEqualTo(before + 5);
    }

    private static double metric(String name) {
        return Metrics.find(name).orElseThrow().value();
    }

    @Test
    void aClientThatWaitsIsWoken() throws Exception {
        Feed.Reader reader = feed.reader();
        Callable<List<byte[]>> wait = () -> feed.next(reader, 60_000);
        var waiting = new FutureTask<>(wait);
        Thread thread = Thread.ofPlatform().start(waiting);
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        publish(1, 1);
        assertThat(waiting.get()).hasSize(1);
    }

    @Test
    void manyClientsGetBundles() {
        assertThat(Feed.paceMillis(0)).isZero();
        assertThat(Feed.paceMillis(40)).isZero();
        assertThat(Feed.paceMillis(80)).isEqualTo(200);
        assertThat(Feed.paceMillis(200)).isEqualTo(500);
        // what comes between two bundles is always still there
        assertThat(Feed.paceMillis(256) * 5 / 4 / 100).isLessThan(Feed.RECENT);
    }
}
