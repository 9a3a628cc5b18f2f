package dev.jenny.cli.tools;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code jenny issues}: what is wrong with a program, the worst first. */
@Command(
        name = "issues",
        header = "Say what is wrong with a program, why, and how to fix it.",
        customSynopsis = "jenny issues [PID] [options]",
        description = {
            "Looks for deadlocks, leaks, goroutines that hog or hold a thread, channels that",
            "are always full, and the like. The worst comes first."
        },
        footer = {"  jenny issues", "  jenny issues 4711 --json"})
public final class IssuesCommand extends ToolCommand {
    private static final int WIDTH = 90;

    @Parameters(arity = "0..1", paramLabel = "PID", description = "The program, if several run.")
    private @Nullable Long pid;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    IssuesCommand() {}

    @Override
    void run(PrintWriter out) {
        Client client = client(pid);
        if (json) {
            print(client, "/api/v1/issues", PATIENCE);
        } else {
            print(client.json("/api/v1/issues", PATIENCE), client.program(), out);
        }
    }

    static void print(JsonValue answer, Program program, PrintWriter out) {
        List<JsonValue> issues = answer.get("issues").list();
        if (issues.isEmpty()) {
            out.println("no issues found");
            return;
        }
        for (JsonValue issue : issues) {
            out.printf(
                    "%-6s %s%n",
                    issue.get("severity").string("?").toUpperCase(Locale.ROOT),
                    Text.clean(issue.get("title").string("?")));
            text(issue, "cause", "why:  ", out);
            text(issue, "fix", "fix:  ", out);
            seen(issue, answer.get("now").number(0), out);
            List<JsonValue> evidence = issue.get("evidence").list();
            for (int i = 0; i < evidence.size(); i++) {
                out.println("       - " + Text.clean(evidence.get(i).get("text").string("?")));
                String link = link(evidence, i);
                if (link.startsWith("#") && !link.equals(link(evidence, i + 1))) {
                    out.println("         " + program.url() + Text.clean(link));
                }
            }
            out.println();
        }
        out.println(issues.size() == 1 ? "1 issue" : issues.size() + " issues");
    }

    /** When it was seen first and last, and whether it is over. */
    private static void seen(JsonValue issue, long now, PrintWriter out) {
        long last = now - issue.get("lastNs").number(Long.MAX_VALUE);
        if (now <= 0 || last < 0) {
            return; // a server of another version does not tell
        }
        long first = now - issue.get("sinceNs").number(now);
        out.print("       last seen " + Goroutines.nanos(last) + " ago");
        if (first > last) {
            out.print(", first " + Goroutines.nanos(first) + " ago");
        }
        out.println(issue.get("resolved").isTrue() ? "; resolved: it is not there any more" : "");
    }

    private static String link(List<JsonValue> evidence, int i) {
        return i < evidence.size() ? evidence.get(i).get("link").string("") : "";
    }

    private static void text(JsonValue issue, String field, String title, PrintWriter out) {
        String text = Text.clean(issue.get(field).string(""));
        if (!text.isEmpty()) {
            String start = "       " + title;
            for (String line : Text.wrap(text, WIDTH - start.length())) {
                out.println(start + line);
                start = " ".repeat(start.length());
            }
        }
    }
}
