package dev.jenny.inspect.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Goroutine;
import dev.jenny.sync.Mutex;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The moments are the test's own, so nothing here waits for the time to pass. */
@Timeout(60)
class ObjectTrendsTest {
    private static final long SECOND = 1_000_000_000;

    @RegisterExtension final Started started = new Started();
    private final ObjectTrends trends = new ObjectTrends();

    private static @Nullable ObjectDetail find(ObjectList list, Object o) {
        ObjectInfo info = Objects.of(o);
        assertThat(info).isNotNull();
        return list.objects().stream()
                .filter(d -> d.object().name().equals(info.name()))
                .findFirst()
                .orElse(null);
    }

    private @Nullable Trend trend(ObjectList list, Object o) {
        ObjectDetail d = find(list, o);
        return d == null ? null : trends.show(List.of(d)).of().get(d.object().name());
    }

    private void waitOnce(Chan<Integer> ch) throws InterruptedException {
        Goroutine g = Await.parked(started.start(ch::recv));
        trends.look(0);
        g.thread().interrupt();
        Await.until(() -> !g.thread().isAlive(), g + " has ended");
    }

    @Test
    void aQueueThatNobodyWaitsOnIsStillLookedAt() throws Exception {
        Chan<Integer> ch = Chan.make(4);
        waitOnce(ch);
        for (int i = 1; i <= 4; i++) {
            ch.send(i);
            trends.look(i * SECOND);
        }
        ch.recv();
        ch.recv();
        ObjectList list = trends.look(5 * SECOND);
        ObjectDetail d = find(list, ch);
        assertThat(d).isNotNull();
        assertThat(d.waiters()).isZero();
        assertThat(d.len()).isEqualTo(2);
        Trend t = trend(list, ch);
        assertThat(t).isNotNull();
        assertThat(t.len()).containsExactly(0L, 1L, 2L, 3L, 4L, 2L);
        assertThat(t.waiting()).containsExactly(1L, 0L, 0L, 0L, 0L, 0L);
        assertThat(t.moved()).containsExactly(0L, 0L, 0L, 0L, 0L, 2L);
        assertThat(t.perSecond()).isEqualTo(0.4);
        assertThat(t.full()).isEqualTo(0.167);
        assertThat(t.empty()).isEqualTo(0.167);
    }

    @Test
    void aMinuteAfterItsLastWaiterAChannelIsForgotten() throws Exception {
        Chan<Integer> ch = Chan.make(4);
        waitOnce(ch);
        ch.send(1);
        assertThat(find(trends.objects(1000, 60 * SECOND), ch)).isNotNull();
        assertThat(find(trends.look(60 * SECOND), ch)).isNotNull();
        assertThat(find(trends.objects(1000, 61 * SECOND), ch)).isNull();
        assertThat(find(trends.look(61 * SECOND), ch)).isNull();
        assertThat(find(trends.look(62 * SECOND), ch)).isNull();
    }

    @Test
    void theFullestOfThoseWithoutAWaiterComesFirst() throws Exception {
        Chan<Integer> low = Chan.make(4);
        Chan<Integer> high = Chan.make(4);
        waitOnce(low);
        waitOnce(high);
        low.send(1);
        high.send(1);
        high.send(2);
        List<Long> lens =
                trends.look(SECOND).objects().stream()
                        .filter(d -> d.waiters() == 0)
                        .map(ObjectDetail::len)
                        .toList();
        assertThat(lens).containsSubsequence(2L, 1L);
    }

    @Test
    void ofManyLooksATrendHasEachSecondOneAndOnlyTheLastMinute() throws Exception {
        Chan<Integer> ch = Chan.make(4);
        Await.parked(started.start(ch::recv));
        ObjectList list = new ObjectList(List.of(), 0);
        for (int i = 0; i < 100; i++) {
            list = trends.look(i * SECOND);
        }
        ObjectTrends.Shown shown = trends.show(list.objects());
        assertThat(shown.looks()).hasSize(30).startsWith(41 * SECOND).endsWith(99 * SECOND);
        assertThat(trend(list, ch).waiting()).hasSize(30).containsOnly(1L);
        for (int i = 0; i < 3; i++) { // unwatched
            list = trends.look((1000 + 5 * i) * SECOND);
        }
        assertThat(trends.show(list.objects()).looks())
                .containsExactly(1000 * SECOND, 1005 * SECOND, 1010 * SECOND);
    }

    @Test
    void aLockThatNobodyWaitsForIsNotListedButItsTrendGoesOn() throws Exception {
        Mutex m = new Mutex();
        m.lock();
        Goroutine first = Await.parked(started.start(m::lockInterruptibly));
        assertThat(trend(trends.look(0), m)).isNotNull();
        first.thread().interrupt();
        Await.until(() -> !first.thread().isAlive(), first + " has ended");
        assertThat(find(trends.look(SECOND), m)).isNull();
        Await.parked(started.start(m::lockInterruptibly));
        Trend t = trend(trends.look(2 * SECOND), m);
        assertThat(t).isNotNull();
        assertThat(t.waiting()).containsExactly(1L, 0L, 1L);
        assertThat(t.moved()).isEmpty();
        assertThat(t.perSecond()).isNegative();
        m.unlock();
    }

    @Test
    void noMoreThanSoManyAreRemembered() throws Exception {
        for (int i = 0; i < ObjectTrends.OBJECTS + 50; i++) {
            Chan<Integer> ch = Chan.make();
            started.start(ch::recv);
        }
        Await.until(() -> Model.objects(1).total() > ObjectTrends.OBJECTS + 49, "all wait");
        ObjectList list = Model.objects(5000);
        trends.look(0);
        Map<String, Trend> known = trends.show(list.objects()).of();
        assertThat(known).hasSize(ObjectTrends.OBJECTS);
    }
}
