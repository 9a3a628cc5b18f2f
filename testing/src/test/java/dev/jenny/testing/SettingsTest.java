package dev.jenny.testing;

import static dev.jenny.Go.go;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.Chan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.platform.engine.TestExecutionResult;

/** Configuration parameters, and the annotation, which overrides them. */
@Timeout(120)
class SettingsTest {
    private static final Map<String, String> LENIENT =
            Map.of(
                    "jenny.testing.timeoutMillis", "200",
                    "jenny.testing.graceMillis", "30",
                    "jenny.testing.running", "ignore",
                    "jenny.testing.allowed", "a.Pool. , b.Pool.",
                    "jenny.testing.panics", "Report");

    private static final List<Chan<Integer>> ROOTS = new ArrayList<>();

    @AfterEach
    void letGo() {
        ROOTS.forEach(Chan::close);
        ROOTS.clear();
    }

    private static void stay() {
        Chan<Integer> ch = Chan.make();
        ROOTS.add(ch);
        go(ch::recv);
    }

    @CheckGoroutines
    private static final class SaysNothing {}

    @CheckGoroutines(
            timeoutMillis = 0,
            graceMillis = 7,
            running = Strictness.FAIL,
            allowed = "c.Pool.",
            panics = Strictness.IGNORE)
    private static final class SaysAll {}

    private static Settings settings(Class<?> c, Map<String, String> parameters) {
        return Settings.of(
                c.getAnnotation(CheckGoroutines.class),
                name -> Optional.ofNullable(parameters.get(name)));
    }

    @Test
    void without_either_the_defaults_count() {
        Settings expected =
                new Settings(60_000, 1_000, Strictness.FAIL, List.of(), Strictness.FAIL);
        assertThat(settings(Object.class, Map.of())).isEqualTo(expected);
        assertThat(settings(SaysNothing.class, Map.of())).isEqualTo(expected);
    }

    @Test
    void parameters_count_where_the_annotation_says_nothing() {
        Settings expected =
                new Settings(
                        200,
                        30,
                        Strictness.IGNORE,
                        List.of("a.Pool.", "b.Pool."),
                        Strictness.REPORT);
        assertThat(settings(Object.class, LENIENT)).isEqualTo(expected);
        assertThat(settings(SaysNothing.class, LENIENT)).isEqualTo(expected);
    }

    @Test
    void the_annotation_overrides_them_and_adds_to_what_is_allowed() {
        assertThat(settings(SaysAll.class, LENIENT))
                .isEqualTo(
                        new Settings(
                                0,
                                7,
                                Strictness.FAIL,
                                List.of("a.Pool.", "b.Pool.", "c.Pool."),
                                Strictness.IGNORE));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    timeoutMillis | 1s     | a number of milliseconds, such as 60000, or 0
                    timeoutMillis | -1     | a number of milliseconds, such as 60000, or 0
                    graceMillis   | ''     | a number of milliseconds, such as 1000, or 0
                    running       | strict | fail, report or ignore
                    running       | default | fail, report or ignore
                    panics        | ''     | fail, report or ignore
                    allowed       | a.B.,  | prefixes of functions, separated by commas, such as com.example.Pool.
                    """)
    void what_is_not_allowed_is_named_with_what_is(String name, String value, String allowed) {
        assertThatThrownBy(() -> settings(SaysAll.class, Map.of("jenny.testing." + name, value)))
                .isExactlyInstanceOf(ExtensionConfigurationException.class)
                .hasMessage(
                        "configuration parameter jenny.testing.%s is '%s'; it must be %s",
                        name, value, allowed);
    }

    static class Stays {
        @Test
        @CheckGoroutines
        void saysNothing() {
            stay();
        }

        @Test
        @ExtendWith(GoroutineExtension.class)
        void isNotAnnotated() {
            stay();
        }

        @Test
        @CheckGoroutines(running = Strictness.FAIL)
        void overrides() {
            stay();
        }
    }

    @Test
    void they_reach_the_tests() {
        Map<String, TestExecutionResult> results =
                Runs.of(
                        Stays.class,
                        Map.of(
                                "jenny.testing.running", "ignore",
                                "jenny.testing.graceMillis", "50"));
        assertThat(results.get("saysNothing").getThrowable()).isEmpty();
        assertThat(results.get("isNotAnnotated").getThrowable()).isEmpty();
        assertThat(Runs.failure(results.get("overrides")))
                .hasMessageContaining("1 goroutine still running 50.0ms after the test");
    }

    @Test
    void system_properties_do_too() {
        System.setProperty("jenny.testing.graceMillis", "60");
        try {
            assertThat(Runs.failure(Runs.of(Stays.class, Map.of()).get("saysNothing")))
                    .hasMessageContaining("1 goroutine still running 60.0ms after the test");
        } finally {
            System.clearProperty("jenny.testing.graceMillis");
        }
    }

    @Test
    void a_bad_one_fails_the_tests() {
        Map<String, TestExecutionResult> results =
                Runs.of(Stays.class, Map.of("jenny.testing.running", "never"));
        assertThat(results).hasSize(3);
        assertThat(results.values())
                .allSatisfy(r ->
                        assertThat(Runs.failure(r))
                                .hasMessage(
                                        "configuration parameter jenny.testing.running is 'never';"
                                                + " it must be fail, report or ignore"));
    }
}
