package dev.jenny.cli.tools;

import dev.jenny.cli.UserError;
import dev.jenny.inspect.internal.Json;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jenny attach}: the tools for a program that was started without them. */
@Command(
        name = "attach",
        header = "Turn the tools on in a program that runs without them.",
        customSynopsis = "jenny attach [PID] [options]",
        description = {
            "The program must have Jenny on its class path or module path; how it was started",
            "does not matter. The JVM prints a warning about the agent on the program's error",
            "output, unless it was started with -XX:+EnableDynamicAgentLoading.",
            "",
            "Without PID: lists the Java processes."
        },
        footer = {"  jenny attach", "  jenny attach 4711", "  jenny attach 4711 --port=6060"})
public final class AttachCommand extends ToolCommand {
    @Parameters(arity = "0..1", paramLabel = "PID", description = "The process.")
    private @Nullable Long pid;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "Where the dashboard is to listen (default: any free port).")
    private int port;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    AttachCommand() {}

    @Override
    void run(PrintWriter out) {
        if (port < 0 || port > 65535) {
            throw usage("--port=" + port + ": must be 0 to 65535");
        }
        if (pid == null) {
            list(out);
        } else {
            attach(pid, out);
        }
    }

    private void attach(long pid, PrintWriter out) {
        Programs programs = new Programs();
        Program program = programs.lookup(pid);
        if (program == null || !Client.answers(program)) {
            ProcessHandle process =
                    ProcessHandle.of(pid).orElseThrow(() -> Programs.noSuchProcess(pid));
            if (Programs.isOfAnotherUser(process)) {
                throw Programs.ofAnotherUser(pid, process);
            }
            if (Jvms.state(pid) == 'Z') {
                throw new UserError(1, "process " + pid + " has ended");
            }
            String main = Jvms.mainOf(pid);
            if (main == null) {
                throw new UserError(
                        1,
                        "process "
                                + pid
                                + " is not a Java program: 'jenny attach' lists those that are");
            }
            String url = Jvms.attach(pid, port);
            program = programs.lookup(pid);
            if (program == null) {
                // its java.io.tmpdir or user.name is another than ours
                program = Program.at(url, pid, main);
                err().println("other commands will not find it: it left no file where they look");
            }
        }
        if (port != 0 && port != program.port()) {
            throw new UserError(
                    1,
                    "the tools are on already in process "
                            + pid
                            + ", at "
                            + program.url()
                            + ": they stay at that port");
        }
        if (json) {
            Program found = program;
            out.println(Json.string(j -> PsCommand.write(j.object(), found).end()));
        } else {
            out.printf("%s (pid %d): %s%n", Text.clean(program.main()), pid, program.url());
            out.printf("also: jenny top %d, jenny stack %d%n", pid, pid);
        }
    }

    private void list(PrintWriter out) {
        Programs programs = new Programs();
        List<Jvms.Jvm> jvms = Jvms.list();
        List<Long> on = programs.list().stream().map(Program::pid).toList();
        if (json) {
            out.println(
                    Json.string(j -> {
                        j.array();
                        for (Jvms.Jvm jvm : jvms) {
                            j.object()
                                    .field("pid", jvm.pid())
                                    .field("main", jvm.main())
                                    .field("tools", on.contains(jvm.pid()))
                                    .end();
                        }
                        j.end();
                    }));
            return;
        }
        if (jvms.isEmpty()) {
            out.println("no Java process of yours runs on this machine");
            return;
        }
        Table table = new Table(">PID", "TOOLS", "MAIN");
        for (Jvms.Jvm jvm : jvms) {
            table.row(jvm.pid(), on.contains(jvm.pid()) ? "on" : "off", jvm.main());
        }
        table.lines().forEach(out::println);
        out.printf(Locale.ROOT, "%n'jenny attach PID' turns the tools on.%n");
    }
}
