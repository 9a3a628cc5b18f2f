package dev.jenny.inspect.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimesTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0ns",
        "999, 999ns",
        "1500, 1.50µs",
        "4570000, 4.57ms",
        "12345678, 12.3ms",
        "999600000, 1.00s",
        "12300000000, 12.3s",
        "59400000000, 59.4s",
        "125000000000, 2m5s",
        "11520000000000, 3h12m",
        "370800000000000, 4d7h",
    })
    void reads_well(long nanos, String text) {
        assertThat(Times.text(nanos)).isEqualTo(text);
    }
}
