package dev.jenny.bench.tools;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import dev.jenny.bench.harness.Round;
import dev.jenny.bench.harness.Suite;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.SynchronousQueue;

/**
 * The runner for what the JDK has: {@code HotSpotDiagnosticMXBean.dumpThreads}, as JSON into a
 * file. It needs {@code -Djdk.trackAllThreads=true}, which is the JDK's default.
 */
public final class JdkTools {
    private static final Ticker TICKER = new Ticker();
    private static final SynchronousQueue<Integer> GATE = new SynchronousQueue<>();
    private static final List<Thread> PARKED = new ArrayList<>();

    private JdkTools() {}

    public static void main(String[] args) {
        new Suite("jdk", Suite.Body::run).add("tools-dump", JdkTools::dump).main(args);
    }

    private static void dump(Round r) throws Exception {
        long n = r.ops();
        park(n);
        Path folder = Files.createTempDirectory("jenny-bench-");
        Path file = folder.resolve("threads.json");
        try {
            var bean = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            TICKER.start();
            long t0 = System.nanoTime();
            bean.dumpThreads(file.toAbsolutePath().toString(), ThreadDumpFormat.JSON);
            r.metric("took_ns", System.nanoTime() - t0);
            r.metric("stall_ns", TICKER.stop());
            r.metric("bytes", Files.size(file));
            long found = count(file, "JdkTools.waitForEver");
            r.metric("goroutines", found);
            r.check("parked threads in the dump", n, found);
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
    }

    private static void waitForEver() {
        try {
            GATE.take();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void park(long n) throws InterruptedException {
        if (TICKER.isNew()) {
            Thread.startVirtualThread(() -> {
                try {
                    TICKER.run(() -> Thread.sleep(1));
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
        while (PARKED.size() < n) {
            PARKED.add(Thread.startVirtualThread(JdkTools::waitForEver));
        }
        for (Thread t : PARKED) {
            while (t.getState() != Thread.State.WAITING) {
                Thread.sleep(1);
            }
        }
    }

    /** How often {@code text}, whose first character occurs in it once, is in the file. */
    private static long count(Path file, String text) throws IOException {
        byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
        long found = 0;
        int matched = 0;
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                for (int i = 0; i < n; i++) {
                    if (buffer[i] != wanted[matched]) {
                        matched = 0;
                    }
                    if (buffer[i] == wanted[matched] && ++matched == wanted.length) {
                        found++;
                        matched = 0;
                    }
                }
            }
        }
        return found;
    }
}
