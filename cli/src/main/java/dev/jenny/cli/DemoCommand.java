package dev.jenny.cli;

import dev.jenny.inspect.Inspect;
import dev.jenny.inspect.InspectOptions;
import dev.jenny.inspect.internal.web.Lessons;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jenny demo}: the dashboard's lessons, run live in this JVM. */
@Command(
        name = "demo",
        header = "See what happens when you say go: nine lessons in the browser, run live.",
        synopsisHeading = "%nUsage: ",
        customSynopsis =
                "jenny demo [options] [go|steal|handoff|channel|pipeline|select|spin|leak|deadlock]",
        parameterListHeading = "%nLesson:%n",
        optionListHeading = "%nOptions:%n",
        footer = {"", "Prints the page's URL and opens it. Ctrl-C ends the demo."})
final class DemoCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Mixin
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private HelpOption help;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "On which port of the loopback address (default: any that is free).")
    private int port;

    @Option(names = "--no-open", description = "Only print the URL.")
    private boolean noOpen;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "NAME",
            description = "The lesson to begin with (default: go).")
    private @Nullable String lesson;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    DemoCommand() {}

    @Override
    public void run() {
        String name = lesson == null ? "go" : lesson;
        if (!Lessons.names().contains(name)) {
            throw new UserError(
                    ExitCode.USAGE,
                    "no lesson '" + name + "': there are " + String.join(", ", Lessons.names()));
        }
        Lessons.enable();
        String url;
        try {
            InspectOptions options =
                    InspectOptions.defaults().port(port).name("jenny demo").quiet();
            url = Inspect.start(options).url() + "#/learn?demo=" + name;
        } catch (IllegalArgumentException | IOException e) {
            throw new UserError(ExitCode.USAGE, "--port=" + port + ": " + e.getMessage());
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("The lessons are at");
        out.println("  " + url);
        out.println("Ctrl-C ends the demo.");
        out.flush();
        if (!noOpen) {
            open(url);
        }
        try {
            new CountDownLatch(1).await(); // until the user has seen enough
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks the desktop to show {@code url}; where there is none, the printed line must do. */
    private static void open(String url) {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        if (os.contains("linux")
                && System.getenv("DISPLAY") == null
                && System.getenv("WAYLAND_DISPLAY") == null) {
            return;
        }
        List<String> command =
                os.contains("mac")
                        ? List.of("open", url)
                        : os.contains("win")
                                ? List.of("rundll32", "url.dll,FileProtocolHandler", url)
                                : List.of("xdg-open", url);
        try {
            new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            // the URL has been printed
        }
    }
}
