package dev.jenny.internal.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An event takes 16 bytes: so much is promised, and so the size of a recording is computed. */
class RingTest {
    private static final int BYTES = 16;
    private static final int EVENTS = 1 << 10;

    @BeforeEach
    void begin() {
        Events.begin(EVENTS * BYTES / Long.BYTES);
    }

    @AfterEach
    void end() {
        Events.end();
    }

    private static int events() {
        return new Cursor(true).read().stream().mapToInt(Batch::size).sum();
    }

    @Test
    void eachEventTakes16Bytes() {
        Ring ring = Events.newRing(0);
        for (int type = Event.MORE + 1; type < Event.TYPES; type++) {
            long before = ring.head();
            ring.now(type, (1 << Event.EXTRA_BITS) - 1, 1L << 39, Event.AUX_MASK);
            ring.same(type, 0, 1, 0);
            assertThat((ring.head() - before) * Long.BYTES).as("type " + type).isEqualTo(2 * BYTES);
        }
        assertThat(events()).isEqualTo(2 * (Event.TYPES - 1));
    }

    @Test
    void anEventOfTwoHalvesTakesTwice16Bytes() {
        Ring ring = Events.newRing(0);
        ring.now(Event.TASK_BEGIN, 1, 2, 3, 4);
        assertThat(ring.head() * Long.BYTES).isEqualTo(2 * BYTES);
    }

    @Test
    void aRingHoldsAnEventForEach16Bytes() {
        Ring ring = Events.newRing(0);
        for (int i = 0; i < 3 * EVENTS; i++) {
            ring.same(Event.READY, 0, i, 0);
        }
        List<Batch> read = new Cursor(true).read();
        assertThat(read).hasSize(1);
        Batch last = read.getFirst();
        assertThat(last.size()).as("all but one that may be half written").isEqualTo(EVENTS - 2);
        assertThat(last.id(last.size() - 1)).isEqualTo(3 * EVENTS - 1);
    }
}
