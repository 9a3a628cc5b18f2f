package dev.jenny.inspect.internal.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.Goroutine;
import dev.jenny.inspect.internal.trace.Sink;
import dev.jenny.inspect.internal.trace.TraceFile;
import dev.jenny.internal.event.ChannelOps;
import dev.jenny.internal.event.Recorder;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the dashboard shows and saves leaves out operations on channels, and nothing else. */
@Timeout(60)
class TimelineChannelsTest {
    @TempDir Path temp;

    @Test
    void operationsOnChannelsAreLeftOut() throws Exception {
        Assumptions.assumeTrue(GoRuntime.mode().equals("custom"));
        Path file = temp.resolve("a.jtrc");
        Chan<Integer> ch = Chan.make(1);
        long id;
        try (Recorder recorder = Recorder.start(1 << 20);
                ChannelOps wish = ChannelOps.record(1);
                OutputStream out = Files.newOutputStream(file)) {
            Goroutine g =
                    Go.go(() -> {
                        ch.send(1);
                        ch.recv();
                        Go.gosched();
                        ch.close();
                    });
            g.join();
            id = g.id();
            long now = System.nanoTime();
            new Timeline(recorder.snapshot(), recorder.since(), now, 1000).write(out, List.of());
        }
        List<String> calls = new ArrayList<>();
        Sink sink =
                (Sink)
                        Proxy.newProxyInstance(
                                Sink.class.getClassLoader(),
                                new Class<?>[] {Sink.class},
                                (self, method, args) -> {
                                    if (List.of(args).contains(id)) {
                                        calls.add(method.getName());
                                    }
                                    return null;
                                });
        TraceFile.open(file).read(sink);
        assertThat(calls).startsWith("create", "start", "stop", "start");
    }
}
