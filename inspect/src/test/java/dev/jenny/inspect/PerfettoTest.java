package dev.jenny.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.Goroutine;
import dev.jenny.inspect.internal.trace.PerfettoWriter;
import dev.jenny.inspect.internal.trace.Sink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Reads Perfetto traces back with a reader that knows protobuf's wire format only. */
class PerfettoTest {
    /** A message: fields by number, each a list of Long, byte[]. */
    private static Map<Integer, List<Object>> message(byte[] bytes) {
        Map<Integer, List<Object>> fields = new HashMap<>();
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (b.hasRemaining()) {
            long tag = varint(b);
            Object value =
                    switch ((int) tag & 7) {
                        case 0 -> varint(b);
                        case 1 -> b.getLong();
                        case 2 -> {
                            byte[] v = new byte[(int) varint(b)];
                            b.get(v);
                            yield v;
                        }
                        default -> throw new IllegalStateException("wire type of tag " + tag);
                    };
            fields.computeIfAbsent((int) (tag >>> 3), k -> new ArrayList<>()).add(value);
        }
        return fields;
    }

    private static long varint(ByteBuffer b) {
        long v = 0;
        for (int shift = 0; ; shift += 7) {
            byte x = b.get();
            v |= (long) (x & 0x7F) << shift;
            if (x >= 0) {
                return v;
            }
        }
    }

    private static String text(Map<Integer, List<Object>> m, int field) {
        return m.containsKey(field)
                ? new String((byte[]) m.get(field).getFirst(), StandardCharsets.UTF_8)
                : "";
    }

    private static long number(Map<Integer, List<Object>> m, int field) {
        return (Long) m.get(field).getFirst();
    }

    @Test
    void labelsAreAnnotationsOfSlices() throws Exception {
        Assumptions.assumeTrue(GoRuntime.mode().equals("custom"));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Map<String, String> labels = Map.of("svc", "users", "http.route", "/u/{id}");
        long[] id = new long[1];
        try (Trace t = Trace.start(out, Trace.Format.PERFETTO)) {
            Chan<Integer> ch = Chan.make();
            Go.withLabels(
                    labels,
                    () -> {
                        Goroutine g = Go.go(() -> ch.recv());
                        id[0] = g.id();
                        ch.send(1);
                        g.join();
                    });
        }
        int found = 0;
        for (Object p : message(out.toByteArray()).get(1)) {
            var packet = message((byte[]) p);
            if (!packet.containsKey(11)) {
                continue;
            }
            var event = message((byte[]) packet.get(11).getFirst());
            if (number(event, 9) == 1 && text(event, 23).startsWith("G" + id[0] + " ")) {
                assertThat(labelsOf(event)).isEqualTo(labels);
                found++;
            }
        }
        assertThat(found).isPositive();
    }

    private static Map<String, String> labelsOf(Map<Integer, List<Object>> event) {
        Map<String, String> labels = new HashMap<>();
        for (Object a : event.getOrDefault(4, List.of())) {
            var annotation = message((byte[]) a);
            if (text(annotation, 10).equals("labels")) {
                for (Object e : annotation.get(11)) {
                    var entry = message((byte[]) e);
                    labels.put(text(entry, 10), text(entry, 6));
                }
            }
        }
        return labels;
    }

    @Test
    void slicesNestOnDeclaredTracksAndFlowsArrive() throws Exception {
        Assumptions.assumeTrue(GoRuntime.mode().equals("custom"));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Trace t = Trace.start(out, Trace.Format.PERFETTO)) {
            GoTraceTest.pipeline(500);
        }
        Map<Long, String> tracks = new HashMap<>();
        Map<Long, Integer> depth = new HashMap<>();
        Map<Long, Long> last = new HashMap<>();
        Set<Long> flows = new HashSet<>();
        Set<String> names = new HashSet<>();
        int arrived = 0;
        for (Object p : message(out.toByteArray()).get(1)) {
            var packet = message((byte[]) p);
            assertThat(number(packet, 10)).isEqualTo(1);
            if (packet.containsKey(60)) {
                var descriptor = message((byte[]) packet.get(60).getFirst());
                tracks.put(number(descriptor, 1), text(descriptor, 2));
                continue;
            }
            var event = message((byte[]) packet.get(11).getFirst());
            long track = number(event, 11);
            long time = number(packet, 8);
            assertThat(tracks).containsKey(track);
            if (number(event, 9) <= 2) { // instants stand between slices
                assertThat(time).isGreaterThanOrEqualTo(last.getOrDefault(track, 0L));
                last.put(track, time);
            }
            names.add(text(event, 23));
            if (number(event, 9) == 1) {
                depth.merge(track, 1, Integer::sum);
            } else if (number(event, 9) == 2) {
                assertThat(depth.merge(track, -1, Integer::sum)).isNotNegative();
            }
            if (event.containsKey(47)) {
                assertThat(flows.add(number(event, 47))).isTrue();
            }
            if (event.containsKey(48)) {
                assertThat(flows).contains(number(event, 48));
                arrived++;
            }
        }
        assertThat(tracks.values()).contains("no P").anyMatch(n -> n.matches("P\\d+"));
        assertThat(names).contains("chan receive", "chan send", "sleep");
        assertThat(tracks.values()).anyMatch(n -> n.matches("G\\d+ GoTraceTest.pipeline:\\d+"));
        assertThat(arrived).isGreaterThan(50); // how many block depends on the Ps
    }

    private interface Story {
        void tell(Sink sink) throws IOException;
    }

    /**
     * The events as {@code time type track name value}, type 1 begin, 2 end, 3 instant, 4 count.
     */
    private static List<String> told(Story story) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (PerfettoWriter w = new PerfettoWriter(out)) {
            story.tell(w);
        }
        Map<Long, String> tracks = new HashMap<>();
        List<String> told = new ArrayList<>();
        for (Object p : message(out.toByteArray()).get(1)) {
            var packet = message((byte[]) p);
            if (packet.containsKey(60)) {
                var descriptor = message((byte[]) packet.get(60).getFirst());
                long uuid = number(descriptor, 1);
                String name = text(descriptor, 2);
                boolean counts = descriptor.containsKey(8);
                assertThat(counts).isEqualTo(name.matches("GOMAXPROCS|runnable.*|chan#.*"));
                tracks.put(uuid, name.equals("tasks") ? "tasks" + (uuid - 1_000_000) : name);
                continue;
            }
            var event = message((byte[]) packet.get(11).getFirst());
            String value = event.containsKey(30) ? " " + number(event, 30) : text(event, 23);
            String flow =
                    (event.containsKey(47) ? " out" + number(event, 47) : "")
                            + (event.containsKey(48) ? " in" + number(event, 48) : "");
            told.add(
                    number(packet, 8)
                            + " "
                            + number(event, 9)
                            + " "
                            + tracks.get(number(event, 11))
                            + (value.startsWith(" ") || value.isEmpty() ? value : " " + value)
                            + flow);
        }
        return told;
    }

    @Test
    void tasksAreSlicesThatDoNotMix() throws Exception {
        List<String> told =
                told(s -> {
                    s.start(0, 1, 5);
                    s.taskBegin(0, 10, 1, 0, "order");
                    s.taskBegin(0, 20, 2, 1, "charge");
                    s.taskEnd(0, 30, 1);
                    s.taskBegin(1, 29, 3, 0, ""); // a moment before, by the clock of another P
                    s.taskEnd(0, 40, 2);
                    s.taskEnd(0, 50, 3);
                    s.taskEnd(0, 60, 77); // began before the trace
                });
        assertThat(told)
                .filteredOn(e -> e.contains("task"))
                .containsExactly(
                        "10 1 tasks0 order",
                        "20 1 tasks1 charge",
                        "30 2 tasks0",
                        "30 1 tasks0 task 3",
                        "40 2 tasks1",
                        "50 2 tasks0",
                        "60 3 G5 task 77 ends");
    }

    @Test
    void theRunnableGoroutinesAndGomaxprocsAreCounted() throws Exception {
        List<String> told =
                told(s -> {
                    s.procs(0, 1, 2);
                    s.appear(0, 2, 7, Sink.State.RUNNING);
                    s.create(0, 3, 8, 0);
                    s.create(0, 4, 9, 0);
                    s.start(1, 5, 8);
                    s.stop(1, 6, 8, Sink.Stop.YIELD, -1, 0);
                    s.stop(0, 7, 7, Sink.Stop.BLOCK, 0, 0);
                    s.ready(Sink.OUTSIDE, 6, 7); // by another clock
                    s.dropped(0, 8, 3);
                    s.start(0, 9, 9);
                    s.ready(1, 10, 4);
                    s.procs(0, 11, 3);
                });
        assertThat(told)
                .filteredOn(e -> e.matches("\\d+ 4 .*"))
                .containsExactly(
                        "1 4 GOMAXPROCS 2",
                        "3 4 runnable goroutines 1",
                        "4 4 runnable goroutines 2",
                        "5 4 runnable goroutines 1",
                        "6 4 runnable goroutines 2",
                        "6 4 runnable goroutines 3",
                        "8 4 runnable goroutines 0",
                        "10 4 runnable goroutines 1",
                        "11 4 GOMAXPROCS 3");
    }

    @Test
    void channelsAreCounters() throws Exception {
        List<String> told =
                told(s -> {
                    s.start(0, 1, 5);
                    s.channel(0, 10, Sink.ChannelOp.SEND, new Sink.ChannelState(3, 1, 2, 0));
                    s.channel(0, 20, Sink.ChannelOp.RECEIVE, new Sink.ChannelState(3, 0, 2, 2));
                    s.channel(1, 19, Sink.ChannelOp.RECEIVE, new Sink.ChannelState(3, 1, 2, 1));
                    s.channel(0, 30, Sink.ChannelOp.RECEIVE, new Sink.ChannelState(4, 0, 0, 7));
                    s.channel(0, 40, Sink.ChannelOp.CLOSE, new Sink.ChannelState(4, 0, 0, 7));
                });
        assertThat(told)
                .filteredOn(e -> e.contains("chan#"))
                .containsExactly(
                        "10 4 chan#3 len 1",
                        "20 4 chan#3 len 0",
                        "20 4 chan#3 passed 2",
                        "20 4 chan#3 len 1",
                        "30 4 chan#4 passed 7",
                        "40 3 G5 close chan#4");
    }

    @Test
    void anArrowLeadsFromTheVictimToTheThief() throws Exception {
        assertThat(told(s -> s.steal(1, 5, 0, 3)))
                .containsExactly("5 3 P0 3 stolen by P1 out1", "5 3 P1 steal 3 from P0 in1");
    }
}
