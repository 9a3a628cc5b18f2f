package dev.jenny.cli.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonParserTest {
    @Test
    void values() {
        assertThat(raw("null")).isNull();
        assertThat(raw(" true\n")).isEqualTo(true);
        assertThat(raw("false")).isEqualTo(false);
        assertThat(raw("\"\"")).isEqualTo("");
        assertThat(raw("[]")).isEqualTo(java.util.List.of());
        assertThat(raw("{ }")).isEqualTo(Map.of());
        assertThat(raw("[1 ,\t[2], {\"a\" : 3}]").toString()).isEqualTo("[1, [2], {a=3}]");
        assertThat(raw("{\"a\":1,\"a\":2}")).isEqualTo(Map.of("a", 2L));
    }

    @Test
    void numbers() {
        assertThat(raw("0")).isEqualTo(0L);
        assertThat(raw("-0")).isEqualTo(0L);
        assertThat(raw("-12")).isEqualTo(-12L);
        assertThat(raw("9223372036854775807")).isEqualTo(Long.MAX_VALUE);
        assertThat(raw("9223372036854775808")).isEqualTo(0x1p63);
        assertThat(raw("1.0")).isEqualTo(1.0);
        assertThat(raw("12e-1")).isEqualTo(1.2);
        assertThat(raw("1E+2")).isEqualTo(100.0);
    }

    @Test
    void strings() {
        assertThat(raw("\"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\te\"")).isEqualTo("a\"b\\c/d\b\f\n\r\te");
        assertThat(raw("\"\\u00e9\\uD83D\\ude00é\"")).isEqualTo("é😀é");
        assertThat(raw("\"\\\\\"")).isEqualTo("\\");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "nul",
                "nulll",
                "True",
                "'a'",
                "01",
                "1.",
                ".5",
                "+1",
                "-",
                "1e",
                "0x1",
                "NaN",
                "Infinity",
                "--1",
                "1 2",
                "[",
                "[1",
                "[1,",
                "[1,]",
                "[,1]",
                "[1 2]",
                "]",
                "{",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":1",
                "{\"a\":1,",
                "{\"a\":1,}",
                "{a:1}",
                "{1:1}",
                "{\"a\" 1}",
                "{,}",
                "\"",
                "\"a",
                "\"\\\"",
                "\"\\x\"",
                "\"\\u12\"",
                "\"\\u12g4\"",
                "\"\\u+123\"",
                "\"\\u\uff11111\"",
                "\"a\nb\"",
                "\"a\tb\"",
                "\u00a01",
                "[1]]",
                "1\u0000",
                "/**/1",
                "\ufeff1",
                "1,",
                "truefalse"
            })
    void whatIsNotJsonIsRefused(String text) {
        assertThatThrownBy(() -> JsonParser.parse(text))
                .isInstanceOf(JsonParser.JsonException.class)
                .hasMessageContaining("not JSON");
    }

    @Test
    void depthHasALimit() {
        int max = JsonParser.MAX_DEPTH;
        assertThat(JsonParser.parse("[".repeat(max) + "]".repeat(max)).list()).hasSize(1);
        assertThatThrownBy(() -> JsonParser.parse("[".repeat(max + 1) + "]".repeat(max + 1)))
                .hasMessageContaining("nested deeper");
        assertThatThrownBy(() -> JsonParser.parse("[".repeat(1_000_000)))
                .isInstanceOf(JsonParser.JsonException.class);
        // siblings do not add up
        assertThat(JsonParser.parse("[" + "[],".repeat(max * 2) + "{}]").list())
                .hasSize(max * 2 + 1);
    }

    @Test
    void gettersForgive() {
        JsonValue value = JsonParser.parse("{\"a\":{\"b\":[1,\"x\",null]},\"n\":2.5,\"t\":true}");
        assertThat(value.get("a", "b").list()).hasSize(3);
        assertThat(value.get("a", "b").list().get(1).string("?")).isEqualTo("x");
        assertThat(value.get("a", "b", "c").isNull()).isTrue();
        assertThat(value.get("nothing").list()).isEmpty();
        assertThat(value.get("a").string("?")).isEqualTo("?");
        assertThat(value.get("n").number(0)).isEqualTo(2);
        assertThat(value.get("n").real(0)).isEqualTo(2.5);
        assertThat(value.get("t").number(7)).isEqualTo(7);
        assertThat(value.get("t").isTrue()).isTrue();
    }

    private static Object raw(String text) {
        return JsonParser.parse(text).raw();
    }
}
