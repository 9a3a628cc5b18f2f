package dev.jenny.inspect.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.inspect.FlightRecorder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class FlightSpecTest {
    @TempDir Path dir;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "seconds=10,mb=16,dir=DIR,on=deadlock+leak+hog+panic+latency:50ms",
                "on=none",
                "format=perfetto,files=3,on=oom",
                "on=latency:1us+latency:2s"
            })
    void theseAreAllowed(String spec) {
        assertThatCode(() -> FlightSpec.parse(spec)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    x                 | 'x' is none of seconds=N, mb=N, dir=DIR, files=N, format=
                    second=1          | 'second=1' is none of seconds=N
                    mb=1,             | '' is none of
                    mb=1,mb=2         | mb= stands there twice
                    seconds=0         | seconds=0: must be 1 to 3600
                    mb=1000           | mb=1000: must be 1 to 512
                    mb=99999999999    | must be 1 to 512
                    files=many        | files=many: must be 1 to 1000
                    dir=              | name a directory
                    format=x          | must be go or perfetto
                    on=               | '' is none of deadlock, leak, hog, panic, oom and latency:TIME
                    on=hog+x          | 'x' is none of
                    on=hog+none       | 'none' is none of
                    on=latency        | latency takes a time in us, ms or s, as in latency:50ms
                    on=latency:50     | as in latency:50ms
                    on=latency:0ms    | must be above 0
                    """)
    void mistakesNameWhatIsAllowed(String spec, String message) {
        assertThatThrownBy(() -> FlightSpec.parse(spec))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aPlaceWhereNothingCanBeWrittenIsToldAtOnce() throws Exception {
        Path file = Files.createFile(dir.resolve("file"));
        FlightSpec spec = FlightSpec.parse("dir=" + file);
        assertThatThrownBy(spec::start)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("file");
    }

    @Test
    void aTriggerWritesWhereAndHowItIsAskedTo() throws Exception {
        Assumptions.assumeTrue(GoRuntime.mode().equals("custom"));
        Path made = dir.resolve("made/for/it");
        FlightSpec spec =
                FlightSpec.parse("mb=1,files=1,format=perfetto,on=latency:1us,dir=" + made);
        try (FlightRecorder r = spec.start()) {
            while (r.lastDump() == null) {
                for (int i = 0; i < 1000; i++) {
                    Go.go(() -> {}).join();
                }
            }
            Path file = r.lastDump();
            assertThat(file).isNotNull().hasParentRaw(made);
            assertThat(file.getFileName().toString()).endsWith("-1-latency.pftrace");
            assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                    .doesNotStartWith("go 1.2")
                    .contains("FlightSpecTest");
        }
    }

    @Test
    void withoutTriggersNothingIsWritten() throws Exception {
        Assumptions.assumeTrue(GoRuntime.mode().equals("custom"));
        Path beside = Files.createDirectory(dir.resolve("beside"));
        GoRuntime.onPanic((g, e) -> {});
        try (FlightRecorder r = FlightSpec.parse("on=none,dir=" + dir).start();
                FlightRecorder other = FlightSpec.parse("dir=" + beside).start()) {
            Go.go(
                            () -> {
                                throw new IllegalStateException("on purpose");
                            })
                    .join();
            while (other.lastDump() == null) {
                Thread.sleep(20);
            }
            Path asked = dir.resolve("asked.trace");
            r.dump(asked);
            assertThat(asked).isNotEmptyFile();
            try (Stream<Path> files = Files.list(dir)) {
                assertThat(files).containsExactlyInAnyOrder(asked, beside);
            }
        } finally {
            GoRuntime.onPanic(null);
        }
    }
}
