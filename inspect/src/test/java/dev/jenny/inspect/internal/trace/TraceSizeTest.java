package dev.jenny.inspect.internal.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.inspect.internal.trace.Sink.Stop;
import dev.jenny.internal.event.Stacks;
import dev.jenny.internal.sched.WaitReason;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much a file for {@code go tool trace} takes for an event: the same each time. */
class TraceSizeTest {
    private static final int MOST = 16;
    private static final long BEGIN = 1L << 45; // the machine has been up for ten hours

    private static final class Counter extends OutputStream {
        long bytes;

        @Override
        public void write(int b) {
            bytes++;
        }

        @Override
        public void write(byte[] b, int from, int n) {
            bytes += n;
        }
    }

    private interface Story {
        /** Returns how many events it has. */
        long tell(Sink sink) throws IOException;
    }

    private static double bytesAnEvent(Story story) throws IOException {
        Counter out = new Counter();
        long events;
        try (Sink sink = new GoTraceWriter(out)) {
            events = story.tell(sink);
        }
        return (double) out.bytes / events;
    }

    private static int stack(int n) {
        return Stacks.intern(
                List.of(
                        new StackTraceElement("shop.Orders", "receive", "Orders.java", n),
                        new StackTraceElement("shop.Orders", "serve", "Orders.java", n + 1)));
    }

    /** Of two goroutines on one P the running one readies the other and waits, without end. */
    private static long pingPong(Sink s) throws IOException {
        int switches = 50_000;
        int receive = WaitReason.CHAN_RECEIVE.number();
        int place = stack(1);
        long t = BEGIN;
        s.procs(0, t, 1);
        s.proc(0, t, true);
        s.create(0, t, 1, place);
        s.create(0, t, 2, place);
        s.start(0, t, 2);
        s.stop(0, t, 2, Stop.BLOCK, receive, place);
        s.start(0, t, 1);
        for (int i = 0; i < switches; i++) {
            t += 100;
            int g = 1 + i % 2;
            s.ready(0, t, 3 - g);
            t += 100;
            s.stop(0, t, g, Stop.BLOCK, receive, place);
            s.start(0, t, 3 - g);
        }
        return 7 + 3L * switches;
    }

    /** On four Ps very many goroutines, created long after the first, run in turn. */
    private static long crowd(Sink s) throws IOException {
        int ps = 4;
        int crowd = 300;
        int rounds = 70;
        long first = 10_000_000;
        int[] places = new int[500];
        for (int i = 0; i < places.length; i++) {
            places[i] = stack(100 + i);
        }
        long t = BEGIN;
        s.procs(0, t, ps);
        for (int p = 0; p < ps; p++) {
            s.proc(p, t, true);
        }
        for (int i = 0; i < crowd; i++) {
            t += 1_000;
            s.create(Sink.OUTSIDE, t, first + i, places[i % places.length]);
        }
        for (int i = 0; i < crowd * rounds; i++) {
            int p = i % ps;
            long g = first + i % crowd;
            t += 25_000;
            if (i >= crowd) {
                s.ready(p, t, g);
            }
            t += 25_000;
            s.start(p, t, g);
            t += 25_000;
            s.stop(p, t, g, Stop.BLOCK, WaitReason.SELECT.number(), places[i % places.length]);
        }
        return 1 + ps + crowd + 3L * crowd * rounds - crowd;
    }

    @Test
    void twoGoroutines() throws IOException {
        assertThat(bytesAnEvent(TraceSizeTest::pingPong)).isLessThanOrEqualTo(MOST);
    }

    @Test
    void aCrowd() throws IOException {
        assertThat(bytesAnEvent(TraceSizeTest::crowd)).isLessThanOrEqualTo(MOST);
    }
}
