package dev.jenny.cli;

import dev.jenny.cli.tools.AttachCommand;
import dev.jenny.cli.tools.ChansCommand;
import dev.jenny.cli.tools.IssuesCommand;
import dev.jenny.cli.tools.LeaksCommand;
import dev.jenny.cli.tools.PprofCommand;
import dev.jenny.cli.tools.PsCommand;
import dev.jenny.cli.tools.StackCommand;
import dev.jenny.cli.tools.StandardOutput;
import dev.jenny.cli.tools.TopCommand;
import dev.jenny.cli.tools.TraceCommand;
import dev.jenny.cli.tools.WhyCommand;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Entry point of {@code ./jenny}; the script has already turned {@code -J} options into JVM
 * options.
 */
@Command(
        name = "jenny",
        header = "A goroutine runtime for Java.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = "jenny COMMAND [options] [args...]",
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n",
        footer = {
            "",
            "Example: jenny run examples/PrimeSieve.java 100",
            "'jenny COMMAND --help' explains a command."
        })
public final class Main implements Runnable {
    /** As picocli says it, in the words of Java's types. */
    private static final Pattern NOT_A_NUMBER =
            Pattern.compile("('[^']*') is not an? (?:int|long|double)$");

    /** What people look for under other names. */
    private static final Map<String, String> ELSEWHERE =
            Map.of(
                    "dump",
                    "use 'jenny stack --full'",
                    "goroutines",
                    "use 'jenny stack'",
                    "flame",
                    "use 'jenny pprof profile -o cpu.speedscope.json', or the dashboard, whose"
                            + " address 'jenny ps' shows",
                    "profile",
                    "use 'jenny pprof profile'",
                    "metrics",
                    "use 'jenny top', or read /metrics at the address that 'jenny ps' shows",
                    "graph",
                    "use 'jenny why ID', or the dashboard, whose address 'jenny ps' shows");

    /** In the order of the help. */
    private static final Map<String, Class<?>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put("run", RunCommand.class);
        COMMANDS.put("demo", DemoCommand.class);
        COMMANDS.put("bench", BenchCommand.class);
        COMMANDS.put("version", VersionCommand.class);
        COMMANDS.put("doctor", DoctorCommand.class);
        COMMANDS.put("ps", PsCommand.class);
        COMMANDS.put("top", TopCommand.class);
        COMMANDS.put("stack", StackCommand.class);
        COMMANDS.put("why", WhyCommand.class);
        COMMANDS.put("issues", IssuesCommand.class);
        COMMANDS.put("leaks", LeaksCommand.class);
        COMMANDS.put("chans", ChansCommand.class);
        COMMANDS.put("trace", TraceCommand.class);
        COMMANDS.put("pprof", PprofCommand.class);
        COMMANDS.put("attach", AttachCommand.class);
        COMMANDS.put("help", HelpCommand.class);
    }

    @Spec private CommandSpec spec;

    @Mixin
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private HelpOption help;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    private Main() {}

    public static void main(String[] args) {
        System.exit(commandLine(args).setOut(StandardOutput.open()).execute(args));
    }

    /**
     * Knows all commands, or only the one that the arguments begin with: picocli reads the
     * annotations of each command that it is given, which takes longer than all the rest of {@code
     * jenny version}.
     */
    static CommandLine commandLine(String... args) {
        CommandLine commands =
                new CommandLine(new Main()) {
                    @Override
                    public int execute(String... args) {
                        return super.execute(RunCommand.explicit(args));
                    }
                };
        Class<?> named = args.length == 0 ? null : COMMANDS.get(args[0]);
        if (named == null || args[0].equals("help")) {
            COMMANDS.forEach(commands::addSubcommand);
        } else {
            commands.addSubcommand(args[0], named);
        }
        // Everything after the program belongs to the program, unchanged: its options, its `--`,
        // its @arguments.
        commands.setStopAtPositional(true);
        commands.setExpandAtFiles(false);
        for (CommandLine command : commands.getSubcommands().values()) {
            command.setStopAtPositional(command.getCommand() instanceof RunCommand);
        }
        commands.setParameterExceptionHandler(Main::usageError);
        commands.setExecutionExceptionHandler(Main::executionError);
        return commands;
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getErr());
        throw new UserError(CommandLine.ExitCode.USAGE, "");
    }

    /** One line that says what is wrong and what to do, instead of picocli's whole usage text. */
    private static int usageError(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        String message =
                NOT_A_NUMBER
                        .matcher(String.valueOf(e.getMessage()))
                        .replaceFirst("$1 is not a number");
        if (e instanceof UnmatchedArgumentException unmatched && command.getParent() == null) {
            String word = unmatched.getUnmatched().get(0);
            message = "unknown command '" + word + "'";
            List<String> similar = unmatched.getSuggestions();
            if (word.endsWith(".java") || word.endsWith(".jar")) {
                message += ": to run it, use 'jenny run " + word + "'";
            } else if (ELSEWHERE.containsKey(word)) {
                message += ": " + ELSEWHERE.get(word);
            } else if (!similar.isEmpty() && !word.startsWith("-")) {
                message += ": did you mean 'jenny " + similar.get(0) + "'?";
            }
        }
        PrintWriter err = command.getErr();
        err.println(name + ": " + message + " (see '" + name + " --help')");
        return CommandLine.ExitCode.USAGE;
    }

    private static int executionError(
            Exception e, CommandLine command, CommandLine.ParseResult result) throws Exception {
        if (e instanceof UserError error) {
            String message = error.getMessage();
            if (message != null && !message.isEmpty()) {
                command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + message);
            }
            return error.exitCode();
        }
        throw e; // a bug of ours: show it whole
    }
}
