package dev.jenny.internal.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An event keeps 48 bits of its time, which come round every 78 hours. */
class CursorTest {
    private static final long HOUR = TimeUnit.HOURS.toNanos(1);

    private final long now = System.nanoTime();

    @BeforeEach
    void begin() {
        Events.begin(1 << 10);
    }

    @AfterEach
    void end() {
        Events.end();
    }

    @Test
    void whatIsOlderThanATimeIsGoodForIsLeftOut() {
        Ring ring = Events.newRing(0);
        ring.at(now - 110 * HOUR, Event.START, 0, 1, 0);
        ring.at(now - 79 * HOUR, Event.START, 0, 2, 0); // looks like one of an hour ago
        ring.at(now - 50 * HOUR, Event.START, 0, 3, 0);
        ring.at(now - 20 * HOUR, Event.START, 0, 4, 0);
        ring.at(now - HOUR, Event.START, 0, 5, 0);

        assertThat(ids()).containsExactly(3L, 4L, 5L);
        Batch b = new Cursor(true).read().getFirst();
        assertThat(b.time(0)).isEqualTo(now - 50 * HOUR);
        assertThat(b.time(2)).isEqualTo(now - HOUR);
        assertThat(b.dropped()).isZero();
    }

    @Test
    void whatIsBeforeALongRestIsLeftOut() {
        Ring ring = Events.newRing(0);
        ring.at(now - 100 * HOUR, Event.START, 0, 1, 0);
        ring.at(now - HOUR, Event.START, 0, 2, 0);

        assertThat(ids()).containsExactly(2L);
    }

    @Test
    void whatWasOverwrittenIsNotLostButIsTold() {
        Ring ring = Events.newRing(0);
        ring.at(now, Event.START, 0, 1, 0);
        assertThat(new Cursor(true).read().getFirst().isCut()).isFalse();
        for (int i = 0; i < 1 << 10; i++) {
            ring.at(now, Event.START, 0, i, 0);
        }

        Batch b = new Cursor(true).read().getFirst();
        assertThat(b.isCut()).isTrue();
        assertThat(b.dropped()).isZero();
        assertThat(b.since(now).isCut()).as("all of it is since then").isTrue();
        assertThat(b.since(now + 1).size()).isEqualTo(1);
        assertThat(b.since(now + 1).isCut()).isFalse();
    }

    @Test
    void whoRunsWhenAPartBeginsIsInIt() {
        Ring ring = Events.newRing(0);
        ring.at(now - 50, Event.START, Event.start(true, 7), 1, 1);
        ring.at(now - 40, Event.BLOCK, 0, 1, 0);
        ring.at(now - 30, Event.START, Event.start(true, Event.LABELS_FOLLOW), 2, 5);
        ring.at(now - 30, Event.LABELS, 0, 2, 5_000);
        ring.at(now - 20, Event.READY, 0, 1, 2);
        ring.at(now - 10, Event.BLOCK, 0, 2, 0);
        Batch b = new Cursor(true).read().getFirst();

        Batch part = b.since(now - 15);
        assertThat(part.size()).isEqualTo(3);
        assertThat(part.type(0)).isEqualTo(Event.START);
        assertThat(part.time(0)).isEqualTo(now - 15);
        assertThat(part.id(0)).isEqualTo(2);
        assertThat(part.aux(0)).isEqualTo(5);
        assertThat(Event.isFirst(part.extra(0))).isFalse();
        assertThat(Event.labels(part.extra(0))).isEqualTo(Event.LABELS_FOLLOW);
        assertThat(part.type(1)).isEqualTo(Event.LABELS);
        assertThat(part.aux(1)).isEqualTo(5_000);
        assertThat(part.type(2)).isEqualTo(Event.BLOCK);
        assertThat(b.since(now - 35).size()).as("nobody ran then").isEqualTo(4);
        assertThat(b.since(now - 50)).isSameAs(b);
    }

    @Test
    void aRingWhoseLastEventIsOldHasNothing() {
        Events.newRing(0).at(now - 100 * HOUR, Event.START, 0, 1, 0);

        assertThat(ids()).isEmpty();
    }

    @Test
    void threadsWithoutAPAreNoDifferent() {
        Events.outside(now - 100 * HOUR, Event.READY, 0, 1, 0);
        assertThat(ids()).isEmpty();

        Events.outside(now - HOUR, Event.READY, 0, 2, 0);
        assertThat(ids()).containsExactly(2L);
    }

    /** Two threads may read the clock in one order and write in the other. */
    @Test
    void aStepBackIsNoLongTime() {
        Events.outside(now - HOUR, Event.READY, 0, 1, 0);
        Events.outside(now - HOUR - 1_000, Event.READY, 0, 2, 0);
        Events.outside(now, Event.READY, 0, 3, 0);

        assertThat(ids()).containsExactly(1L, 2L, 3L);
    }

    private static List<Long> ids() {
        return new Cursor(true)
                .read().stream()
                        .flatMap(b -> java.util.stream.IntStream.range(0, b.size()).mapToObj(b::id))
                        .toList();
    }
}
