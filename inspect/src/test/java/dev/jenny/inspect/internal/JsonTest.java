package dev.jenny.inspect.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
    private static String quoted(String s) {
        return Json.string(j -> j.value(s));
    }

    @Test
    void nestsAndSeparates() {
        assertThat(
                        Json.string(j ->
                                j.object()
                                        .field("a", 1)
                                        .array("b")
                                        .value(true)
                                        .nul()
                                        .array()
                                        .end()
                                        .object()
                                        .end()
                                        .end()
                                        .field("c", (String) null)
                                        .field("m", Map.of("k", "v"))
                                        .end()))
                .isEqualTo("{\"a\":1,\"b\":[true,null,[],{}],\"c\":null,\"m\":{\"k\":\"v\"}}");
    }

    @Test
    void escapesWhatJsonAndScriptsCannotCarry() {
        assertThat(quoted("\"\\\n\r\t\b\0\u001f\u007f"))
                .isEqualTo("\"\\\"\\\\\\n\\r\\t\\u0008\\u0000\\u001f\\u007f\"");
        assertThat(quoted("\u2028\u2029</script>&"))
                .isEqualTo("\"\\u2028\\u2029\\u003c/script\\u003e\\u0026\"");
        assertThat(quoted("é漢😀")).isEqualTo("\"é漢😀\"");
    }

    @Test
    void loneSurrogatesBecomeTheReplacementCharacter() {
        assertThat(quoted("a\ud83d")).isEqualTo("\"a\\ufffd\"");
        assertThat(quoted("\ude00b")).isEqualTo("\"\\ufffdb\"");
        assertThat(quoted("\ud83d\ud83d\ude00")).isEqualTo("\"\\ufffd😀\"");
    }

    @Test
    void numbers() {
        assertThat(
                        Json.string(j ->
                                j.array()
                                        .value(Long.MIN_VALUE)
                                        .value(0.5)
                                        .value(3.0)
                                        .value(1e300)
                                        .value(Double.NaN)
                                        .value(Double.NEGATIVE_INFINITY)
                                        .end()))
                .isEqualTo("[-9223372036854775808,0.5,3,1.0E300,null,null]");
    }

    @Test
    void deepNesting() {
        String s =
                Json.string(j -> {
                    for (int i = 0; i < 100; i++) {
                        j.array();
                    }
                    for (int i = 0; i < 100; i++) {
                        j.end();
                    }
                });
        assertThat(s).isEqualTo("[".repeat(100) + "]".repeat(100));
    }

    @Test
    void misuse() {
        assertThatThrownBy(() -> Json.string(j -> j.object().value(1)))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Json.string(j -> j.array().name("x")))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Json.string(j -> j.object().name("x").end()))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Json.string(j -> j.value(1).value(2)))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Json.string(Json::array))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Json.string(Json::end)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void failureOfTheTargetComesOut() {
        Writer broken =
                new Writer() {
                    @Override
                    public void write(char[] b, int off, int len) throws IOException {
                        throw new IOException("gone");
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };
        assertThatThrownBy(() -> Json.to(broken).value("x"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("gone");
    }
}
