package dev.jenny.cli.tools;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jenny stack}: what the goroutines do. */
@Command(
        name = "stack",
        header = "Show the goroutines of a program and their stacks.",
        customSynopsis = "jenny stack [PID [ID...]] [options]",
        description = {
            "Those that have waited longest come first. The program is not stopped, so an",
            "answer is no picture of one instant.",
            "",
            "A QUERY is made of terms that all must hold, such as",
            "  state:waiting  reason:\"chan receive\"  age>10s  site~Worker  id=17",
            "  object:chan  label.user=ann  stack~handle  name~http",
            "with 'or', 'not' and parentheses; a word alone is looked for everywhere."
        },
        footer = {
            "  jenny stack                         of the only program that runs",
            "  jenny stack 4711 17 18              these two",
            "  jenny stack 4711 -q 'age>10s'       those that have waited long",
            "  jenny stack --grouped               one stack for all that are alike",
            "  jenny stack --grouped --json > before.json",
            "  jenny stack --diff before.json      what has come and gone since"
        })
public final class StackCommand extends ToolCommand {
    private static final int LIMIT = 100;
    private static final int MOST_GROUPS = 10_000;
    private static final int MOST_GOROUTINES = 200_000;

    @Parameters(
            arity = "0..*",
            paramLabel = "PID [ID...]",
            hideParamSyntax = true,
            description =
                    "The program, if several run; and the goroutines' numbers, if not all are meant.")
    private List<String> words = new ArrayList<>();

    @Option(
            names = {"-q", "--query"},
            paramLabel = "QUERY",
            description = "Only these goroutines.")
    private @Nullable String asked;

    @Option(names = "--grouped", description = "One entry for all goroutines that are alike.")
    private boolean grouped;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description =
                    "No more goroutines or groups than N, up to 10,000 (default: "
                            + LIMIT
                            + "); with --full up to 200,000.")
    private @Nullable Integer limit;

    @Option(
            names = "--full",
            description = "All of them (up to 200,000), in the format of Go's dumps.")
    private boolean full;

    @Option(
            names = "--diff",
            paramLabel = "FILE",
            description = "Compare with what 'jenny stack --grouped --json' wrote before.")
    private @Nullable Path before;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    StackCommand() {}

    @Override
    void run(PrintWriter out) {
        if (full && (grouped || before != null || json)) {
            throw usage("--full goes with -q and --limit only");
        }
        if (before != null && json && limit != null) {
            throw usage("--diff with --json gives all changes: leave out --limit");
        }
        if (limit != null && limit < 1) {
            throw usage("--limit=" + limit + ": must be 1 or more");
        }
        StackDiff.Snapshot old = before == null ? null : StackDiff.read(before);
        List<Long> numbers = words.stream().map(this::number).toList();
        Client client = client(numbers.isEmpty() ? null : numbers.getFirst());
        String query = query(numbers);
        if (full) {
            String request =
                    Client.query(
                            "/debug/pprof/goroutine",
                            "debug",
                            2,
                            "q",
                            query,
                            "limit",
                            limit == null ? MOST_GOROUTINES : limit);
            printWhole(client, request, PATIENCE);
        } else if (old != null) {
            diff(old, client, query, out);
        } else {
            String request =
                    Client.query(
                            "/api/v1/goroutines",
                            "q",
                            query,
                            "limit",
                            limit != null ? limit : json && grouped ? MOST_GROUPS : LIMIT,
                            "group",
                            grouped ? 1 : null,
                            "stacks",
                            1,
                            "creators",
                            numbers.size() > 1 ? 1 : null);
            if (json) {
                print(client, request, PATIENCE);
            } else {
                print(client.json(request, PATIENCE), grouped, out);
            }
        }
    }

    static void print(JsonValue answer, boolean grouped, PrintWriter out) {
        List<JsonValue> entries = answer.get(grouped ? "groups" : "goroutines").list();
        for (JsonValue entry : entries) {
            if (grouped) {
                Goroutines.printGroup(entry, out);
            } else {
                Goroutines.print(entry, out);
            }
            out.println();
        }
        long total = answer.get("total").number(0);
        long matched = answer.get("matched").number(total);
        out.print(total == 1 ? "1 goroutine" : total + " goroutines");
        if (matched != total) {
            out.print(", " + matched + " match");
        }
        if (grouped) {
            out.print(", in " + entries.size() + (entries.size() == 1 ? " group" : " groups"));
            long shown = entries.stream().mapToLong(g -> g.get("count").number(0)).sum();
            if (shown < matched) {
                out.print(" and others with " + (matched - shown) + ": see --limit=N");
            }
        } else if (entries.size() < matched) {
            out.print(
                    ", "
                            + (matched - entries.size())
                            + " not shown: see --grouped, -q QUERY, --limit=N, --full");
        }
        out.println();
    }

    /** picocli would say of a word that it is too many, and not why. */
    private Long number(String word) {
        if (!word.matches("\\d{1,18}")) {
            throw usage("'" + word + "' is not a number");
        }
        return Long.valueOf(word);
    }

    /** The query, and the numbers as one. */
    private @Nullable String query(List<Long> numbers) {
        if (numbers.size() < 2) {
            return asked;
        }
        String ids =
                numbers.stream().skip(1).map(id -> "id:" + id).collect(Collectors.joining(" or "));
        return asked == null ? ids : "(" + asked + ") (" + ids + ")";
    }

    private void diff(
            StackDiff.Snapshot old, Client client, @Nullable String query, PrintWriter out) {
        String request =
                Client.query(
                        "/api/v1/goroutines",
                        "q",
                        query,
                        "group",
                        1,
                        "limit",
                        MOST_GROUPS,
                        "stacks",
                        1);
        StackDiff diff = StackDiff.between(old, StackDiff.of(client.json(request, PATIENCE)));
        if (json) {
            out.println(diff.json());
        } else {
            diff.print(limit == null ? LIMIT : limit, out);
        }
    }
}
