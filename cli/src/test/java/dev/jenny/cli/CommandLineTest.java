package dev.jenny.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.Runtime.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandLineTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    nonsense            | jenny: unknown command 'nonsense'
                    Foo.java            | use 'jenny run Foo.java'
                    run                 | nothing to run: name a File.java
                    run --gomaxprocs=x F.java | 'x' is not a number
                    run --gomaxprocs=0 F.java | must be 1 to 65536
                    run --wrong F.java  | Unknown option: '--wrong'
                    run No.java         | no such source file: No.java: check the path
                    run no.jar          | no such jar: no.jar: check the path
                    doctor --wrong      | Unknown option: '--wrong'
                    run --inspect       | nothing to run: name a File.java
                    run --inspect No.java | no such source file: No.java
                    run --gomaxprocs 1 --inspect No.java | no such source file: No.java
                    run --inspect=x F.java | 'x' is not a number
                    run --flight=x F.java | --flight=x: 'x' is none of seconds=N, mb=N, dir=DIR
                    run --flight=on=x F.java | 'x' is none of deadlock, leak, hog, panic, oom
                    run --flight No.java | no such source file: No.java
                    trace --last=x      | 'x' is not a number
                    trace --last=-1     | must be 1 to 3600
                    trace --last --seconds=1 | give one of them
                    stack x             | 'x' is not a number
                    stack --limit=0     | must be 1 or more
                    stack --full --json | --full goes with -q and --limit only
                    stack --diff=No.json | cannot read No.json
                    why                 | missing the goroutine's number
                    why x               | 'x' is not a goroutine's number
                    why x 1             | 'x' is not a pid
                    why 1 2 3           | unexpected '3'
                    pprof 1 heap x      | unexpected 'x'
                    pprof block --text --seconds=1 | with --seconds, write a file
                    pprof nonsense      | no profile 'nonsense'
                    pprof 1 cpu         | no profile 'cpu': did you mean 'profile'?
                    pprof heap --seconds=0 | must be 1 to 600
                    pprof heap --seconds=601 | must be 1 to 600
                    pprof 1 trace       | no profile 'trace': that is 'jenny trace'
                    pprof 1 heap -q site~x | only the profile 'goroutine' is made of them
                    dump                | unknown command 'dump': use 'jenny stack --full'
                    flame 1             | 'flame': use 'jenny pprof profile -o cpu.speedscope.json'
                    metrics             | read /metrics at the address that 'jenny ps' shows
                    trace --seconds=0   | must be 1 to 600
                    trace --format=x    | expected one of [go, perfetto]
                    chans --limit=0     | must be 1 or more
                    top --interval=0    | must be 0.1 to 3600
                    attach --port=70000 | must be 0 to 65535
                    """)
    void wrongUsageIsOneLineThatSaysWhatToDoAndExitCode2(String line, String message) {
        assertThat(execute(line.split(" "))).isEqualTo(2);
        assertThat(err.toString()).contains(message).hasLineCount(1);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void withoutACommandTheUsageIsShown() {
        assertThat(execute()).isEqualTo(2);
        assertThat(err.toString()).contains("Usage: jenny COMMAND");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "run --help",
                "version -h",
                "doctor --help",
                "help run",
                "help bench",
                "demo --help",
                "ps --help",
                "top --help",
                "stack --help",
                "why --help",
                "issues --help",
                "leaks --help",
                "chans --help",
                "trace --help",
                "pprof --help",
                "attach --help"
            })
    void help(String line) {
        assertThat(execute(line.split(" "))).isZero();
        assertThat(out.toString()).contains("Usage: jenny");
        assertThat(out.toString().lines()).allMatch(l -> l.length() <= 80);
    }

    @Test
    void jarWithoutMainClass(@TempDir Path temp) throws Exception {
        Path jar = temp.resolve("x.jar");
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        assertThat(execute("run", jar.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("has no Main-Class").contains("jenny run -cp");
    }

    @ParameterizedTest
    @CsvSource({
        "run --inspect A.java --inspect, run --inspect=0 A.java --inspect",
        "run --inspect=7 A.java, run --inspect=7 A.java",
        "run -cp --inspect --inspect A, run -cp --inspect --inspect=0 A",
        "run --gomaxprocs 2 --inspect A, run --gomaxprocs 2 --inspect=0 A",
        "run -- --inspect, run -- --inspect",
        "run --flight A.java --flight, run --flight= A.java --flight",
        "run --flight=mb=1 A, run --flight=mb=1 A",
        "run --trace-channels A.java, run --trace-channels=1 A.java",
        "trace --channels 7, trace --channels=1 7",
        "trace --last 7, trace --last=0 7",
        "trace 7 --last=3, trace 7 --last=3",
        "stack --inspect, stack --inspect"
    })
    void someOptionsNeedNoValue(String given, String meant) {
        assertThat(RunCommand.explicit(given.split(" "))).containsExactly(meant.split(" "));
    }

    @ParameterizedTest
    @CsvSource({
        "run --trace-channels=0 --trace=x A.java, must be 1 to 1000000",
        "run --trace-channels=2 A.java, 'goes with --trace=FILE, --flight or --inspect'",
        "run --trace=x --trace-channels 10, write it as in --trace-channels=10",
        "trace --channels=0, must be 1 to 1000000",
        "trace --channels --last, --trace-channels"
    })
    void operationsOnChannelsAskedForInVain(String line, String why) {
        assertThat(execute(RunCommand.explicit(line.split(" ")))).isEqualTo(2);
        assertThat(err.toString()).contains(why);
    }

    @Test
    void optionsMayFollowArgumentsExceptInRun() {
        assertThat(execute("why", "x", "--json")).isEqualTo(2);
        assertThat(err.toString()).contains("'x' is not a goroutine's number");
    }

    @Test
    void version() {
        assertThat(execute("version")).isZero();
        assertThat(out.toString()).startsWith("jenny ").contains(Runtime.version().toString());
    }

    @Test
    void versionAsJson() {
        assertThat(execute("version", "--json")).isZero();
        assertThat(out.toString())
                .startsWith("{\"jenny\":\"")
                .contains("\"mode\":\"")
                .contains("\"jdk\":\"" + Runtime.version() + "\"")
                .endsWith("\"}\n");
    }

    @Test
    void doctor() {
        execute("doctor");
        assertThat(out.toString()).contains("Mode ").contains("GOMAXPROCS").contains("CPUs ");
    }

    @Test
    void doctorAsJson() {
        execute("doctor", "--json");
        assertThat(out.toString())
                .startsWith("{\"jenny\": ")
                .contains("\"mode\": \"")
                .contains("\"findings\": [")
                .endsWith("]}\n");
    }

    @Test
    void doctorFindsWhatIsMissing() {
        var none = DoctorCommand.findings(Version.parse("25.0.4"), "custom", false, true, null);
        assertThat(none).isEmpty();
        var closed = DoctorCommand.findings(Version.parse("25.0.4"), "fallback", false, false, "8");
        assertThat(closed).singleElement().matches(DoctorCommand.Finding::missing);
        assertThat(closed.get(0).fix()).contains("--add-opens java.base/java.lang=ALL-UNNAMED");
        var forced =
                DoctorCommand.findings(Version.parse("25.0.4"), "fallback", true, true, "65536");
        assertThat(forced).singleElement().matches(f -> !f.missing());
        assertThat(forced.get(0).fix()).contains("-Djenny.mode=fallback");
        var many = DoctorCommand.findings(Version.parse("25.0.4"), "custom", false, true, "65537");
        assertThat(many).singleElement().matches(f -> f.problem().contains("from 1 to 65536"));
        var old = DoctorCommand.findings(Version.parse("25.0.2"), "custom", false, true, "many");
        assertThat(old).hasSize(3).noneMatch(DoctorCommand.Finding::missing);
        var bug =
                DoctorCommand.findings(Version.parse("25.0.3+9-LTS"), "custom", false, true, null);
        assertThat(bug).singleElement().matches(f -> f.problem().contains("JDK-8373120"));
    }

    @Test
    void aCommandIsKnownByItsName() {
        CommandLine all = Main.commandLine();
        assertThat(all.getSubcommands()).containsKeys("run", "version", "attach", "help");
        all.getSubcommands()
                .forEach((name, command) -> {
                    assertThat(command.getCommandSpec().userObject().getClass())
                            .satisfies(c ->
                                    assertThat(c.getAnnotation(CommandLine.Command.class).name())
                                            .isEqualTo(name));
                    // Asked for by name, it is the only one, unless it lists the others.
                    assertThat(Main.commandLine(name, "--help").getSubcommands())
                            .hasSize(name.equals("help") ? all.getSubcommands().size() : 1)
                            .containsKey(name);
                });
    }

    private int execute(String... args) {
        CommandLine commands = Main.commandLine(args);
        commands.setOut(new PrintWriter(out, true));
        commands.setErr(new PrintWriter(err, true));
        return commands.execute(args);
    }
}
