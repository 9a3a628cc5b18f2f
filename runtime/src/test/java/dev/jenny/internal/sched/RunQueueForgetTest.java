package dev.jenny.internal.sched;

import static dev.jenny.support.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import org.junit.jupiter.api.Test;

class RunQueueForgetTest {
    @Test
    void keeps_what_is_queued_in_its_order_at_every_position_of_the_ring() {
        RunQueue<Integer> q = new RunQueue<>();
        int put = 0;
        int got = 0;
        for (int round = 0; round < 3 * RunQueue.CAPACITY; round++) {
            for (int i = 0; i < round % 7 && q.size() < RunQueue.CAPACITY; i++) {
                assertThat(q.put(put++)).isTrue();
            }
            q.forget();
            for (int i = 0; i < round % 5 && got < put; i++) {
                assertThat(q.poll()).isEqualTo(got++);
            }
            q.forget();
        }
        while (got < put) {
            assertThat(q.poll()).isEqualTo(got++);
        }
        assertThat(q.isEmpty()).isTrue();
    }

    @Test
    void keeps_a_full_ring_and_the_next_slot() {
        RunQueue<Integer> q = new RunQueue<>();
        for (int i = 0; i < RunQueue.CAPACITY; i++) {
            assertThat(q.put(i)).isTrue();
        }
        q.setNext(-1);
        q.forget();
        assertThat(q.takeNext()).isEqualTo(-1);
        for (int i = 0; i < RunQueue.CAPACITY; i++) {
            assertThat(q.poll()).isEqualTo(i);
        }
    }

    @Test
    void what_has_been_taken_can_be_collected() {
        RunQueue<Object> q = new RunQueue<>();
        RunQueue<Object> thief = new RunQueue<>();
        WeakReference<Object> polled = pollOne(q);
        WeakReference<Object> stolen = stealOne(q, thief);
        q.forget();
        thief.forget();
        eventually(() -> {
            System.gc();
            return polled.refersTo(null) && stolen.refersTo(null);
        });
    }

    private static WeakReference<Object> pollOne(RunQueue<Object> q) {
        q.put(new Object());
        return new WeakReference<>(q.poll());
    }

    private static WeakReference<Object> stealOne(RunQueue<Object> from, RunQueue<Object> thief) {
        from.put(new Object());
        return new WeakReference<>(thief.stealFrom(from));
    }
}
