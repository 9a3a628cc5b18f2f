package dev.jenny.cli.tools;

import dev.jenny.cli.UserError;
import dev.jenny.inspect.internal.Json;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jenny ps}: the programs that can be looked into. */
@Command(
        name = "ps",
        header = "List the running programs that can be looked into.",
        customSynopsis = {"jenny ps [options]", "jenny ps --tree [PID] [options]"},
        description = {
            "These are programs of yours started with 'jenny run --inspect', with",
            "Inspect.start() in the program, or turned on with 'jenny attach'.",
            "With --tree: the goroutines of one of them, by who created them."
        },
        footer = {
            "  jenny ps",
            "  jenny ps --json",
            "  jenny ps --tree -q 'age>10s'",
        })
public final class PsCommand extends ToolCommand {
    private static final Duration QUICK = Duration.ofSeconds(2);
    private static final int NODES = 100;
    private static final int MOST_NODES = 10_000;

    @Parameters(arity = "0..1", paramLabel = "PID", description = "The program, if several run.")
    private @Nullable Long pid;

    @Option(
            names = "--tree",
            description = "Its goroutines, each below the one that created it; alike ones once.")
    private boolean tree;

    @Option(
            names = {"-q", "--query"},
            paramLabel = "QUERY",
            description = "Only these goroutines (see 'jenny help stack').")
    private @Nullable String query;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Show at most N lines of the tree (default: 100).")
    private @Nullable Integer limit;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    PsCommand() {}

    /** {@code state} is null if the program did not answer. */
    private record Row(Program program, @Nullable JsonValue state) {}

    @Override
    void run(PrintWriter out) {
        if (tree) {
            tree(out);
        } else if (pid != null || query != null || limit != null) {
            throw usage("PID, -q and --limit go with --tree");
        } else {
            programs(out);
        }
    }

    private void tree(PrintWriter out) {
        if (limit != null && (limit < 1 || limit > MOST_NODES)) {
            throw usage("--limit=" + limit + ": must be 1 to " + MOST_NODES);
        }
        String request =
                Client.query("/api/v1/tree", "q", query, "limit", limit == null ? NODES : limit);
        Client client = client(pid);
        if (json) {
            print(client, request, PATIENCE);
        } else {
            Ancestry.print(client.json(request, PATIENCE), out);
        }
    }

    private void programs(PrintWriter out) {
        List<Row> rows = new ArrayList<>();
        for (Program program : new Programs().list()) {
            JsonValue state;
            try {
                state = new Client(program).json("/api/v1/state", QUICK);
            } catch (UserError e) {
                state = null;
            }
            rows.add(new Row(program, state));
        }
        if (json) {
            out.println(
                    Json.string(j -> {
                        j.array();
                        rows.forEach(row -> write(j, row));
                        j.end();
                    }));
        } else if (rows.isEmpty()) {
            out.println(
                    "no program runs with its tools on: start one with 'jenny run --inspect"
                            + " File.java',");
            out.println("or turn them on in a running one: 'jenny attach' lists Java processes");
        } else {
            Table table = new Table(">PID", "MAIN", ">UP", ">GOROUTINES", ">GOMAXPROCS", "URL");
            for (Row row : rows) {
                JsonValue state = row.state();
                table.row(
                        row.program().pid(),
                        Text.fit(row.program().main(), 40, true),
                        up(row.program()),
                        state == null ? "-" : goroutines(state),
                        state == null ? "-" : gomaxprocs(state),
                        state == null ? "(does not answer)" : row.program().url());
            }
            table.lines().forEach(out::println);
        }
    }

    private static void write(Json j, Row row) {
        write(j.object(), row.program());
        JsonValue state = row.state();
        j.field("answers", state != null);
        if (state != null) {
            j.field("goroutines", goroutines(state));
            j.field("gomaxprocs", gomaxprocs(state));
        }
        j.end();
    }

    /** The fields that need no answer of the program, into an object that is open. */
    static Json write(Json j, Program program) {
        Instant begin = begin(program);
        j.field("pid", program.pid()).field("main", program.main());
        if (begin != null) {
            j.field("started", begin.toString());
            j.field("uptimeSeconds", Duration.between(begin, Instant.now()).toSeconds());
        }
        return j.field("port", program.port()).field("url", program.url());
    }

    static long goroutines(JsonValue state) {
        return state.get("goroutines").number(-1);
    }

    static long gomaxprocs(JsonValue state) {
        return state.get("gomaxprocs").number(-1);
    }

    private static @Nullable Instant begin(Program program) {
        return ProcessHandle.of(program.pid())
                .flatMap(p -> p.info().startInstant())
                .orElse(program.started());
    }

    static String up(Program program) {
        Instant begin = begin(program);
        return begin == null ? "-" : Text.duration(Duration.between(begin, Instant.now()));
    }
}
