package dev.jenny.cli.tools;

import dev.jenny.cli.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jenny top}: the scheduler and the goroutines, live. */
@Command(
        name = "top",
        header = "Watch the scheduler and the goroutines of a program.",
        customSynopsis = "jenny top [PID] [options]",
        description = {
            "Keys: q ends; c, s, o, t, b sort by count, state, oldest, total wait, and where",
            "started, and the other way round when hit again; space pauses.",
            "",
            "Latency is the time from runnable to running, within the last second. A",
            "goroutine that is runnable waits for a P: a long run queue means that there is",
            "more to do than GOMAXPROCS can.",
            "",
            "Prints once if the output is no terminal."
        },
        footer = {
            "  jenny top",
            "  jenny top 4711 --interval=0.5",
            "  jenny top --once > now.txt",
            "  jenny top --json"
        })
public final class TopCommand extends ToolCommand {
    private static final int HISTORY_SECONDS = 12;
    private static final int MOST_GROUPS = 100;
    private static final Duration QUICK = Duration.ofSeconds(5);
    private static final String REVERSE = "\u001b[7m";
    private static final String BOLD = "\u001b[1m";
    private static final String PLAIN = "\u001b[0m";

    @Parameters(arity = "0..1", paramLabel = "PID", description = "The program, if several run.")
    private @Nullable Long pid;

    @Option(names = "--once", description = "Print once and end.")
    private boolean once;

    @Option(
            names = {"-i", "--interval"},
            paramLabel = "SECONDS",
            description = "How often it is refreshed (default: 1).")
    private double interval = 1;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    TopCommand() {}

    @Override
    void run(PrintWriter out) {
        if (!(interval >= 0.1 && interval <= 3600)) {
            throw usage("--interval=" + interval + ": must be 0.1 to 3600");
        }
        Client client = client(pid);
        if (json) {
            print(client, "/api/v1/state", QUICK);
            return;
        }
        TopView view = new TopView(client.program());
        if (once || !Terminal.isThere()) {
            ask(client, view);
            view.lines(columns()).forEach(out::println);
            return;
        }
        try (Terminal terminal = Terminal.open()) {
            watch(client, view, terminal);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UserError(1, "cannot read the keys: " + e.getMessage());
        }
    }

    private static int columns() {
        String columns = System.getenv("COLUMNS");
        return columns != null && columns.matches("[1-9]\\d{1,3}")
                ? Integer.parseInt(columns)
                : 120;
    }

    private static void ask(Client client, TopView view) {
        view.state(client.json(Client.query("/api/v1/state", "history", HISTORY_SECONDS), QUICK));
        view.groups(
                client.json(
                        Client.query("/api/v1/goroutines", "group", 1, "limit", MOST_GROUPS),
                        QUICK));
        view.sites(client.json(Client.query("/api/v1/sites", "limit", TopView.MOST_SITES), QUICK));
    }

    private void watch(Client client, TopView view, Terminal terminal)
            throws IOException, InterruptedException {
        boolean paused = false;
        while (true) {
            if (!paused) {
                try {
                    ask(client, view);
                    view.note("");
                } catch (UserError e) {
                    if (!client.program().isAlive()) {
                        throw new UserError(0, "the program has ended");
                    }
                    view.note("no answer for now");
                }
            }
            draw(view, terminal);
            long end = System.nanoTime() + (long) (interval * 1e9);
            boolean again = false;
            while (!again) {
                long left = (end - System.nanoTime()) / 1_000_000;
                int key = paused ? terminal.key(1000) : terminal.key(left);
                switch (key) {
                    case -1 -> again = !paused;
                    case 'q', 'Q' -> {
                        return;
                    }
                    case ' ' -> {
                        paused = !paused;
                        again = !paused;
                        view.note(paused ? "paused" : "");
                    }
                    default -> view.sort(key);
                }
                if (key >= 0) {
                    draw(view, terminal);
                }
            }
        }
    }

    private static void draw(TopView view, Terminal terminal) {
        Terminal.Size size = terminal.size();
        List<String> lines = new ArrayList<>(view.lines(size.columns()));
        if (System.getenv("NO_COLOR") == null) {
            lines.replaceAll(line ->
                    line.startsWith("jenny top")
                            ? BOLD + line + PLAIN
                            : line.contains("COUNT") && line.contains("OLDEST")
                                    ? REVERSE + pad(line, size.columns()) + PLAIN
                                    : line);
        }
        terminal.draw(lines, size);
    }

    private static String pad(String line, int width) {
        return line + " ".repeat(Math.max(0, width - line.length()));
    }
}
