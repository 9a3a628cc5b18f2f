package dev.jenny.cli.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jenny.cli.Commands;
import dev.jenny.cli.Commands.Result;
import dev.jenny.cli.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Processes that {@code jenny attach} cannot be used with: each message says why, and what to do.
 */
@Timeout(60)
class JvmsTest {
    private static Properties java(String version) {
        Properties p = new Properties();
        p.setProperty("java.specification.version", version);
        p.setProperty("java.home", "/opt/java");
        return p;
    }

    @Test
    void anOldJava() {
        for (String version : new String[] {"1.8", "17", "24"}) {
            assertThatThrownBy(() -> Jvms.checkVersion(7, java(version)))
                    .isInstanceOf(UserError.class)
                    .hasMessage(
                            "process 7 runs on Java "
                                    + version
                                    + " (/opt/java): Jenny needs Java 25, so there are no goroutines"
                                    + " in it to look at");
        }
        for (String version : new String[] {"25", "26", "", "next"}) {
            assertThatCode(() -> Jvms.checkVersion(7, java(version))).doesNotThrowAnyException();
        }
    }

    @Test
    void aJavaWithoutWhatTheToolsNeed() {
        Path jar = Path.of("/jenny/inspect.jar");
        assertThat(
                        Jvms.cannotLoad(
                                7,
                                jar,
                                "Failed to load agent library: java.lang.module.FindException:"
                                        + " Module java.instrument not found"))
                .hasMessageContaining("without the module java.instrument")
                .hasMessageContaining("jlink --add-modules java.instrument,");
        assertThat(Jvms.cannotLoad(7, jar, "Dynamic agent loading is not enabled. Use -XX:+Enable"))
                .hasMessageContaining("-XX:-EnableDynamicAgentLoading")
                .hasMessageContaining("Inspect.start()");
        assertThat(Jvms.cannotLoad(7, jar, "Agent JAR not found"))
                .hasMessageContaining("/jenny/inspect.jar: Agent JAR not found")
                .hasMessageContaining("must be able to read that file");
    }

    @Test
    void aJvmThatForbidsIt() {
        assertThat(Jvms.notSupported(7, "The VM does not support the attach mechanism"))
                .hasMessageContaining("-XX:+DisableAttachMechanism")
                .hasMessageContaining("Inspect.start()");
        assertThat(Jvms.notSupported(7, "Unable to open socket file"))
                .hasMessageContaining("(Unable to open socket file)")
                .hasMessageContaining("container");
    }

    @Test
    void processesThatAreNoJavaProgramsOrNoLongerThere() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "60").start();
        try {
            Result r = Commands.run("attach", String.valueOf(sleep.pid()));
            assertThat(r.code()).isEqualTo(1);
            assertThat(r.err()).contains("is not a Java program", "'jenny attach' lists");
        } finally {
            sleep.destroyForcibly().waitFor();
        }
        Result r = Commands.run("attach", String.valueOf(sleep.pid()));
        assertThat(r.code()).isEqualTo(1);
        assertThat(r.err()).contains("no process " + sleep.pid());
    }

    @Test
    void aProcessThatIsStopped() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/self/stat")), "needs Linux");
        Process java =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-version")
                        .redirectErrorStream(true)
                        .start();
        long pid = java.pid();
        try {
            signal("STOP", pid);
            while (Jvms.state(pid) != 'T') {
                Thread.onSpinWait();
            }
            Result r = Commands.run("attach", String.valueOf(pid));
            assertThat(r.code()).isEqualTo(1);
            assertThat(r.err())
                    .contains("process " + pid + " is stopped", "'kill -CONT " + pid + "'");
        } finally {
            signal("CONT", pid);
            assertThat(java.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(Jvms.state(-1)).isEqualTo((char) 0);
    }

    private static void signal(String name, long pid) throws Exception {
        new ProcessBuilder("kill", "-" + name, String.valueOf(pid)).start().waitFor();
    }
}
