package dev.jenny.inspect.internal.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jenny.inspect.FlightRecorder;
import dev.jenny.inspect.Trace;
import dev.jenny.inspect.internal.pause.Pause;
import dev.jenny.internal.sched.Probe;
import dev.jenny.sync.WaitGroup;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TracedPausesTest {
    @TempDir Path temp;

    /** The pauses that the file tells of. */
    static List<Pause> pauses(Path file) throws IOException {
        List<Pause> pauses = new ArrayList<>();
        TraceFile.open(file)
                .read(
                        (Sink)
                                Proxy.newProxyInstance(
                                        Sink.class.getClassLoader(),
                                        new Class<?>[] {Sink.class},
                                        (self, method, args) -> {
                                            if (args != null && args[0] instanceof Pause p) {
                                                pauses.add(p);
                                            }
                                            return null;
                                        }));
        return pauses;
    }

    /** Goroutines run before and after a collection and a thread dump. */
    private static void stop() throws InterruptedException {
        WaitGroup wg = new WaitGroup();
        wg.go(() -> {});
        wg.await();
        System.gc();
        ManagementFactory.getThreadMXBean().dumpAllThreads(false, false);
        wg.go(() -> {});
        wg.await();
    }

    @Test
    void a_trace_has_collections_and_other_pauses() throws Exception {
        assumeTrue(Probe.custom());
        Path file = temp.resolve("all.trace");
        List<Pause> pauses;
        do { // until the JDK's flight recorder comes up within the trace
            try (Trace trace = Trace.toFile(file)) {
                stop();
            }
            pauses = pauses(file);
        } while (pauses.stream().noneMatch(p -> p.name().equals("ThreadDump")));
        assertThat(pauses)
                .noneMatch(p -> p.collects() && p.name().equals("ThreadDump"))
                .anyMatch(p -> p.collects() && p.name().endsWith("System.gc()"))
                .allMatch(p -> p.begin() <= p.end()); // the beans' are in milliseconds
    }

    @Test
    void the_past_has_collections() throws Exception {
        assumeTrue(Probe.custom());
        Path file = temp.resolve("past.trace");
        try (FlightRecorder recorder = FlightRecorder.start()) {
            List<Pause> pauses;
            do { // a thread of the JVM's tells of them
                stop();
                recorder.dump(file);
                pauses = pauses(file);
            } while (pauses.stream().noneMatch(Pause::collects));
        }
    }
}
