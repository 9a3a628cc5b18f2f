package dev.jenny.testing;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Execution;

/** Runs test classes inside a test. */
final class Runs {
    static final boolean FALLBACK = "fallback".equals(System.getProperty("jenny.test.mode"));

    private Runs() {}

    /** What came of each test of {@code c}, by its display name. */
    static Map<String, TestExecutionResult> of(Class<?> c) {
        return run(EngineTestKit.engine("junit-jupiter").selectors(selectClass(c)));
    }

    /** As {@link #of}, with such configuration parameters, and with the system properties. */
    static Map<String, TestExecutionResult> of(Class<?> c, Map<String, String> parameters) {
        return run(
                EngineTestKit.engine("junit-jupiter")
                        .selectors(selectClass(c))
                        .configurationParameters(parameters)
                        .enableImplicitConfigurationParameters(true));
    }

    /** As {@link #of}, with all tests at the same time. */
    static Map<String, TestExecutionResult> inParallel(Class<?> c, int threads) {
        return run(
                EngineTestKit.engine("junit-jupiter")
                        .selectors(selectClass(c))
                        .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
                        .configurationParameter(
                                "junit.jupiter.execution.parallel.mode.default", "concurrent")
                        .configurationParameter(
                                "junit.jupiter.execution.parallel.config.strategy", "fixed")
                        .configurationParameter(
                                "junit.jupiter.execution.parallel.config.fixed.parallelism",
                                Integer.toString(threads)));
    }

    /** What came of a run: of each test, by its display name, and why containers failed. */
    record Outcome(Map<String, TestExecutionResult> tests, List<Throwable> containerFailures) {}

    /** What came of {@code c} and its tests. */
    static Outcome all(Class<?> c) {
        EngineExecutionResults r =
                EngineTestKit.engine("junit-jupiter").selectors(selectClass(c)).execute();
        return new Outcome(tests(r), containerFailures(r));
    }

    /** Why containers of {@code c}, such as test factories, failed. */
    static List<Throwable> containerFailures(Class<?> c) {
        return all(c).containerFailures();
    }

    private static List<Throwable> containerFailures(EngineExecutionResults r) {
        return r.containerEvents().executions().failed().stream()
                .map(e -> failure(e.getTerminationInfo().getExecutionResult()))
                .toList();
    }

    private static Map<String, TestExecutionResult> run(EngineTestKit.Builder tests) {
        return tests(tests.execute());
    }

    private static Map<String, TestExecutionResult> tests(EngineExecutionResults r) {
        Map<String, TestExecutionResult> results = new TreeMap<>();
        r.testEvents().executions().finished().stream()
                .forEach(e -> results.put(name(e), e.getTerminationInfo().getExecutionResult()));
        return results;
    }

    private static String name(Execution e) {
        TestDescriptor d = e.getTestDescriptor();
        String own = d.getDisplayName();
        return own.replace("()", "").replace("\"", ""); // JUnit quotes strings
    }

    /** Why the only test of {@code c} failed. */
    static Throwable failure(Class<?> c) {
        return failure(of(c).values().iterator().next());
    }

    /** Why a test failed. */
    static Throwable failure(TestExecutionResult r) {
        return r.getThrowable().orElseThrow(() -> new AssertionError("it has passed"));
    }
}
