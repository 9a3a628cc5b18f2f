package dev.jenny.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.Goroutine;
import java.io.ByteArrayOutputStream;
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
            assertThat(time).isGreaterThanOrEqualTo(last.getOrDefault(track, 0L));
            last.put(track, time);
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
        assertThat(tracks.values()).contains("P0", "no P");
        assertThat(names).contains("chan receive", "chan send", "sleep");
        assertThat(tracks.values()).anyMatch(n -> n.matches("G\\d+ GoTraceTest.pipeline:\\d+"));
        assertThat(arrived).isGreaterThan(50); // how many block depends on the Ps
    }
}
