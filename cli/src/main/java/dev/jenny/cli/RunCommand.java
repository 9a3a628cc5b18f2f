package dev.jenny.cli;

import dev.jenny.GoRuntime;
import dev.jenny.inspect.Inspect;
import dev.jenny.inspect.InspectOptions;
import dev.jenny.inspect.Leaks;
import dev.jenny.inspect.Trace;
import dev.jenny.inspect.internal.FlightSpec;
import dev.jenny.internal.event.ChannelOps;
import dev.jenny.internal.sched.Runtimes;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code jenny run}: a source file, an executable jar, or a main class. */
@Command(
        name = "run",
        header = "Run a program whose main method is goroutine 1.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {
            "jenny run [options] File.java [args...]",
            "       jenny run [options] app.jar [args...]",
            "       jenny run [options] -cp PATH MainClass [args...]"
        },
        parameterListHeading = "%nProgram:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:main returned (or the program's own code, if it calls System.exit)",
            "1:the source file does not compile, or there is no main method",
            "2:panic or deadlock; or wrong usage"
        },
        footer = {
            "",
            "-J<option> passes an option to the JVM, as in -J-Xmx2g.",
            "",
            "A source file is compiled on first use, together with the files of its source",
            "folder that it refers to. The classes are kept in ~/.cache/jenny.",
            "",
            "Environment: JENNY_MAXPROCS=N is --gomaxprocs; JENNYDEBUG=boottrace=1 and",
            "JENNYDEBUG=schedtrace=MS[,scheddetail=1] show the scheduler at work."
        })
final class RunCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Mixin
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private HelpOption help;

    /**
     * The script put it on the JVM's class path already; declared here for the help and to skip its
     * value.
     */
    @Option(
            names = {"-cp", "-classpath", "--class-path"},
            paramLabel = "PATH",
            description = "Where the program's classes and jars are, as for java.")
    @SuppressWarnings("UnusedVariable")
    private @Nullable String classPath;

    @Option(
            names = "--gomaxprocs",
            paramLabel = "N",
            description =
                    "How many goroutines run at the same time (default: the CPUs this process may use).")
    private @Nullable Integer gomaxprocs;

    @Option(
            names = "--inspect",
            arity = "0..1",
            fallbackValue = "0",
            paramLabel = "PORT",
            description =
                    "Serve dashboard, profiles and dumps on this machine's loopback address; prints the URL"
                            + " (default: any free port).")
    private @Nullable Integer inspect;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description =
                    "Record what the scheduler does until the program ends, for 'go tool trace';"
                            + " for Perfetto if FILE ends in .pftrace.")
    private @Nullable Path trace;

    @Option(
            names = "--trace-channels",
            arity = "0..1",
            fallbackValue = "1",
            paramLabel = "N",
            description =
                    "Record operations on channels as well, one in N of them (default: all); with"
                            + " --trace, --flight or --inspect.")
    private @Nullable Integer traceChannels;

    @Option(
            names = "--flight",
            arity = "0..1",
            fallbackValue = "",
            paramLabel = "SPEC",
            description =
                    "Keep the scheduler's last events, for 'jenny trace --last', and write them to a file"
                            + " when something goes wrong; as in seconds=10,mb=16,dir=DIR,"
                            + "on=deadlock+leak+hog+panic+oom+latency:50ms. A switch of goroutines"
                            + " then takes about twice as long.")
    private @Nullable String flight;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "PROGRAM",
            description = "A source file, a jar with a Main-Class, or the name of a class.")
    private @Nullable String program;

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "args",
            description = "Passed on to the program.")
    private @Nullable List<String> args;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    RunCommand() {}

    @Override
    public void run() {
        String value = unlikelyProgram();
        if (value != null) {
            throw usage(value);
        }
        if (program == null) {
            throw usage("nothing to run: name a File.java, an app.jar, or -cp PATH MainClass");
        }
        if (gomaxprocs != null) {
            if (gomaxprocs < 1 || gomaxprocs > Runtimes.MAX_GOMAXPROCS) {
                throw usage(
                        "--gomaxprocs=" + gomaxprocs + ": must be 1 to " + Runtimes.MAX_GOMAXPROCS);
            }
            // Before anything touches the runtime, which reads it when it boots.
            System.setProperty("jenny.maxprocs", String.valueOf(gomaxprocs));
        }
        if (traceChannels != null) {
            setTraceChannels(traceChannels);
        }
        FlightSpec recorder = flight == null ? null : flightSpec(flight);
        String[] arguments = args == null ? new String[0] : args.toArray(String[]::new);
        ClassLoader loader = RunCommand.class.getClassLoader();
        MethodHandle main;
        if (program.endsWith(".java")) {
            SourceProgram compiled = SourceProgram.compile(file(program, "source file"));
            loader = compiled.loader();
            main = MainMethod.find(compiled.mainCandidates(), loader, arguments);
        } else if (program.endsWith(".jar")) {
            String mainClass = JarProgram.open(file(program, "jar"));
            main = MainMethod.find(List.of(mainClass), loader, arguments);
        } else {
            if (program.contains("/") && Files.exists(Path.of(program))) {
                throw usage(
                        program + " is neither a .java file nor a .jar: name one, or a main class");
            }
            main = MainMethod.find(List.of(program), loader, arguments);
        }
        Leaks.reclaimIfAsked();
        if (inspect != null) {
            startInspect(inspect, program);
        }
        if (recorder != null) {
            startFlight(recorder);
        }
        if (trace != null) {
            startTrace(trace);
        }
        Launcher.launch(main, loader);
    }

    private void setTraceChannels(int oneIn) {
        if (oneIn < 1 || oneIn > ChannelOps.MAX) {
            throw usage("--trace-channels=" + oneIn + ": must be 1 to " + ChannelOps.MAX);
        }
        if (trace == null && flight == null && inspect == null) {
            throw usage("--trace-channels goes with --trace=FILE, --flight or --inspect");
        }
        // Before anything is recorded.
        System.setProperty("jenny.traceChannels", String.valueOf(oneIn));
    }

    /** A value that was meant for the option before it. */
    private @Nullable String unlikelyProgram() {
        ParseResult given = spec.commandLine().getParseResult();
        if (program == null) {
            return null;
        }
        if (given.hasMatchedOption("--inspect") && program.matches("\\d{1,5}")) {
            return "write the port as in --inspect=" + program;
        }
        if (given.hasMatchedOption("--trace-channels") && program.matches("\\d+")) {
            return "write it as in --trace-channels=" + program;
        }
        if (given.hasMatchedOption("--flight") && program.matches("[a-z]+=.*")) {
            return "write it as in --flight=" + program;
        }
        return null;
    }

    /**
     * The value of {@code --inspect} may be left out, and then picocli would take the program for
     * it: an {@code --inspect} alone becomes {@code --inspect=0}. So it is with {@code --flight}
     * and {@code --trace-channels}, and with {@code --last} and {@code --channels} of {@code
     * trace}.
     */
    static String[] explicit(String... args) {
        if (args.length > 0 && args[0].equals("trace")) {
            return Arrays.stream(args)
                    .map(a -> a.equals("--last") ? "--last=0" : a)
                    .map(a -> a.equals("--channels") ? "--channels=1" : a)
                    .toArray(String[]::new);
        }
        if (args.length == 0 || !args[0].equals("run")) {
            return args;
        }
        String[] explicit = args.clone();
        for (int i = 1; i < args.length && args[i].startsWith("-") && !args[i].equals("--"); i++) {
            switch (args[i]) {
                case "--inspect" -> explicit[i] = "--inspect=0";
                case "--flight" -> explicit[i] = "--flight=";
                case "--trace-channels" -> explicit[i] = "--trace-channels=1";
                case "-cp", "-classpath", "--class-path", "--gomaxprocs", "--trace" -> i++;
                default -> {}
            }
        }
        return explicit;
    }

    private void startInspect(int port, String program) {
        try {
            Path name = Path.of(program).getFileName();
            InspectOptions options =
                    InspectOptions.defaults()
                            .port(port)
                            .name(name == null ? program : name.toString());
            Inspect.start(options);
        } catch (IllegalArgumentException | IOException e) {
            throw usage("--inspect=" + port + ": " + e.getMessage());
        }
    }

    private FlightSpec flightSpec(String spec) {
        try {
            return FlightSpec.parse(spec);
        } catch (IllegalArgumentException e) {
            throw usage("--flight=" + spec + ": " + e.getMessage());
        }
    }

    private void startFlight(FlightSpec recorder) {
        if (!GoRuntime.mode().equals("custom")) {
            System.err.println(
                    "jenny: --flight records nothing in fallback mode: 'jenny doctor' says why");
        }
        try {
            recorder.start();
        } catch (IOException e) {
            throw new UserError(
                    ExitCode.USAGE,
                    "cannot write where --flight is to (" + e + "): name a directory by dir=DIR");
        }
    }

    private void startTrace(Path file) {
        try {
            Trace.toFile(file);
        } catch (IOException e) {
            throw new UserError(
                    ExitCode.USAGE,
                    "cannot write --trace=" + file + " (" + e + "): check the path");
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private static Path file(String name, String what) {
        Path file = Path.of(name);
        if (!Files.exists(file)) {
            throw new UserError(
                    ExitCode.USAGE, "no such " + what + ": " + name + ": check the path");
        }
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new UserError(
                    ExitCode.USAGE, "cannot read " + what + " " + name + ": check its permissions");
        }
        return file;
    }
}
