package dev.jenny.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.GoRuntime;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlightRecorderTest {
    @TempDir Path dir;

    @BeforeEach
    void customMode() {
        Assumptions.assumeTrue(GoRuntime.mode().equals("custom"));
    }

    @Test
    void aConditionGivesAFile() throws Exception {
        AtomicBoolean full = new AtomicBoolean();
        CountDownLatch asked = new CountDownLatch(20);
        try (FlightRecorder r =
                FlightRecorder.with()
                        .directory(dir)
                        .when(
                                "queue full",
                                () -> {
                                    asked.countDown();
                                    return full.get();
                                })
                        .start()) {
            GoTraceTest.pipeline(100);
            assertThat(r.lastDump()).isNull();
            full.set(true);
            assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
            Path file = r.lastDump();
            assertThat(file).isNotNull();
            assertThat(file.getFileName().toString()).endsWith("-1-queue-full.trace");
            assertThat(new String(Files.readAllBytes(file), 0, 13, StandardCharsets.US_ASCII))
                    .isEqualTo("go 1.23 trace");
            try (Stream<Path> files = Files.list(dir)) {
                assertThat(files).as("it held all the time: one file").hasSize(1);
            }
        }
    }

    @Test
    void whatHappenedBeforeTheDumpIsInIt() throws Exception {
        try (FlightRecorder r = FlightRecorder.start()) {
            GoTraceTest.pipeline(100);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            r.dump(out, Trace.Format.GO);
            assertThat(out.toString(StandardCharsets.ISO_8859_1))
                    .contains("chan receive")
                    .contains("GoTraceTest.lambda$pipeline");
        }
    }
}
