package dev.jenny.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.engine.TestExecutionResult;

/**
 * The ways in which goroutines are leaked in practice: each is found, and its fixed twin passes.
 */
@Timeout(300)
class TaxonomyTest {
    private static final int THREADS = 8;

    @Test
    void each_leak_is_found() {
        Map<String, TestExecutionResult> results = Runs.inParallel(LeakyCases.class, THREADS);
        Map<String, String> missed = new TreeMap<>();
        results.forEach((test, r) -> {
            String text = r.getThrowable().map(Throwable::getMessage).orElse("it passed");
            String kind =
                    Runs.FALLBACK || test.equals("ticksForEver") ? "still running" : "leaked, of";
            if (!text.startsWith("LeakyCases." + test + ": ") || !text.contains(kind)) {
                missed.put(test, text);
            }
        });
        assertThat(missed).isEmpty();
        assertThat(results).hasSizeGreaterThan(15);
    }

    @Test
    void each_mended_twin_passes() {
        Map<String, TestExecutionResult> results = Runs.inParallel(FixedCases.class, THREADS);
        Map<String, Throwable> failed = new TreeMap<>();
        results.forEach((test, r) -> r.getThrowable().ifPresent(t -> failed.put(test, t)));
        assertThat(failed).isEmpty();
        assertThat(results.keySet()).isEqualTo(leaky());
    }

    private static Set<String> leaky() {
        Map<String, Boolean> names = new TreeMap<>();
        for (var m : LeakyCases.class.getDeclaredMethods()) {
            if (m.isAnnotationPresent(Test.class)) {
                names.put(m.getName(), true);
            }
        }
        return names.keySet();
    }
}
