package dev.jenny.cli.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TerminalTest {
    /** {@code jenny top} took the arrow down for a B, and sorted by it. */
    @ParameterizedTest
    @ValueSource(strings = {"\033[B", "\033[1;5C", "\033OA", "\033[15~", "\033[<65;10;5M"})
    void keysWithoutACharacterAreNone(String sequence) throws IOException {
        ByteArrayInputStream keys =
                new ByteArrayInputStream((sequence + "q").getBytes(StandardCharsets.US_ASCII));
        assertThat(Terminal.key(keys)).isEqualTo(-1);
        assertThat(Terminal.key(keys)).isEqualTo('q');
    }
}
