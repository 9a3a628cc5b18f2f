package dev.jenny.cli.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTest {
    @ParameterizedTest
    @CsvSource({
        "850, 850ns",
        "12_390, 12.3µs",
        "999_999, 999.9µs",
        "4_000_000, 4.0ms",
        "999_999_999, 999.9ms",
        "1_500_000_000, 1.5s",
        "59_999_999_999, 59.9s",
        "725_000_000_000, 12m05s",
        "11_220_000_000_000, 3h07m",
        "187_200_000_000_000, 2d04h"
    })
    void durations(String nanos, String text) {
        assertThat(Text.duration(Duration.ofNanos(Long.parseLong(nanos.replace("_", "")))))
                .isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "7, 7",
        "7.25, 7.3",
        "999, 999",
        "1000, 1.0k",
        "12345, 12.3k",
        "999949, 999.9k",
        "999950, 1.0M",
        "4500000, 4.5M",
        "1e9, 1.0G"
    })
    void counts(double n, String text) {
        assertThat(Text.count(n)).isEqualTo(text);
    }

    @Test
    void noControlSequencesReachTheTerminal() {
        assertThat(Text.clean("a\tb\nc é")).isEqualTo("a\tb\nc é");
        assertThat(Text.clean("\u001b[2J\u009b31m\r\u0007\u007f"))
                .isEqualTo("\ufffd[2J\ufffd31m\ufffd\ufffd\ufffd");
    }

    @Test
    void copies() throws Exception {
        assertThat(copied("")).isEmpty();
        assertThat(copied("line\n")).isEqualTo("line\n");
        assertThat(copied("no end")).isEqualTo("no end" + System.lineSeparator());
        String big = "é".repeat(50_000) + "\n"; // characters of two bytes, over many buffers
        assertThat(copied(big)).isEqualTo(big);
    }

    @Test
    void fits() {
        assertThat(Text.fit("abc", 3, true)).isEqualTo("abc");
        assertThat(Text.fit("abcdef", 4, true)).isEqualTo("…def");
        assertThat(Text.fit("abcdef", 4, false)).isEqualTo("abc…");
        assertThat(Text.fit("abcdef", 1, false)).isEqualTo("a");
        assertThat(Text.fit("abcdef", -1, false)).isEmpty();
    }

    @Test
    void wraps() {
        assertThat(Text.wrap(" a bc  def\nghij", 4)).containsExactly("a bc", "def", "ghij");
        assertThat(Text.wrap("toolong x", 4)).containsExactly("toolong", "x");
    }

    @Test
    void tables() {
        Table table = new Table(">N", "NAME");
        table.row(5, "five");
        table.row(12, "a\nb\u001b");
        assertThat(table.lines()).containsExactly(" N  NAME", " 5  five", "12  a b\ufffd");
    }

    private static String copied(String text) throws Exception {
        StringWriter out = new StringWriter();
        Text.copy(
                new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
                new PrintWriter(out));
        return out.toString();
    }
}
