package dev.jenny.inspect.internal.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.inspect.internal.trace.Sink;
import dev.jenny.inspect.internal.trace.TraceFile;
import dev.jenny.internal.event.Event;
import dev.jenny.internal.event.Events;
import dev.jenny.internal.event.Recorder;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("there is one recording")
class TimelineIdsTest {
    @TempDir Path temp;

    /** At a million a second, the numbers of goroutines outgrow 32 bits in 72 minutes. */
    @Test
    void goroutinesKeepTheirNumbers() throws Exception {
        long main = 7;
        long high = (3L << 32) + 8;
        try (Recorder recorder = Recorder.start(1 << 14)) {
            Events.outside(Event.START, 0, main, 0);
            Events.outside(Event.CREATE, 0, high, 0);
            Events.outside(Event.START, 0, high, 0);
            Events.outside(Event.YIELD, 0, high, 0);
            Events.outside(Event.YIELD, 0, main, 0);
            assertThat(calls(recorder, List.of(main, high)))
                    .containsExactly(
                            "start " + main,
                            "create " + high,
                            "start " + high,
                            "stop " + high,
                            "stop " + main);
        }
    }

    /** What a reader of the file is told of {@code ids}. */
    private List<String> calls(Recorder recorder, List<Long> ids) throws IOException {
        Path file = temp.resolve("a.jtrc");
        try (OutputStream out = Files.newOutputStream(file)) {
            new Timeline(recorder.snapshot(), recorder.since(), System.nanoTime(), 1000)
                    .write(out, List.of());
        }
        List<String> calls = new ArrayList<>();
        Object sink =
                Proxy.newProxyInstance(
                        Sink.class.getClassLoader(),
                        new Class<?>[] {Sink.class},
                        (self, method, args) -> {
                            if (args.length > 2 && ids.contains(args[2])) {
                                calls.add(method.getName() + " " + args[2]);
                            }
                            return null;
                        });
        TraceFile.open(file).read((Sink) sink);
        return calls;
    }
}
