package dev.jenny.cli.tools;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jenny leaks}: goroutines that nothing can wake any more. */
@Command(
        name = "leaks",
        header = "Find goroutines that wait for ever.",
        customSynopsis = "jenny leaks [PID] [options]",
        description = {
            "A leak is proven if nothing that lives can reach what the goroutine waits",
            "for: a garbage collection in the program decides that. Suspected are places",
            "whose goroutines wait long and become more."
        },
        footer = {"  jenny leaks", "  jenny leaks 4711 --json", "  jenny leaks --no-gc"})
public final class LeaksCommand extends ToolCommand {
    /** The collection of a large heap takes its time. */
    private static final Duration LONG = Duration.ofMinutes(3);

    @Parameters(arity = "0..1", paramLabel = "PID", description = "The program, if several run.")
    private @Nullable Long pid;

    @Option(
            names = "--no-gc",
            description = "Show what is known already, without a garbage collection.")
    private boolean known;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    LeaksCommand() {}

    @Override
    void run(PrintWriter out) {
        Client client = client(pid);
        String request = Client.query("/api/v1/leaks", "check", known ? null : 1);
        if (json) {
            print(client, request, LONG);
        } else {
            print(client.json(request, LONG), out);
        }
    }

    static void print(JsonValue answer, PrintWriter out) {
        List<JsonValue> proven = answer.get("proven").list();
        List<JsonValue> suspected = answer.get("suspected").list();
        for (JsonValue leak : proven) {
            Goroutines.printGroup(leak, out);
            out.println();
        }
        for (JsonValue place : suspected) {
            out.println(
                    "suspected: %d goroutines of %s [%s], the oldest for %s"
                            .formatted(
                                    place.get("count").number(0),
                                    Goroutines.site(place),
                                    Goroutines.status(place),
                                    Goroutines.nanos(place.get("oldestNs").number(0))));
            List<JsonValue> growth = place.get("growth").list();
            if (growth.size() > 1) {
                out.println(
                        "    count over time: "
                                + growth.stream()
                                        .map(n -> n.string("?"))
                                        .collect(Collectors.joining(" ")));
            }
        }
        if (!suspected.isEmpty()) {
            out.println();
        }
        long newest = answer.get("newest").number(Long.MAX_VALUE);
        long leaked = proven.stream().mapToLong(g -> g.get("count").number(0)).sum();
        if (answer.get("supported").raw() instanceof Boolean supported && !supported) {
            String why =
                    answer.get("note")
                            .string(
                                    "the JVM must run with -Djdk.trackAllThreads=false, as 'jenny"
                                            + " run' has it");
            out.println("leaks cannot be proven here: " + Text.clean(why));
        } else if (answer.get("checked").raw() instanceof Boolean checked && !checked) {
            out.println("not searched yet: 'jenny leaks' without --no-gc does");
        } else {
            String missed = Text.clean(answer.get("missed").string(""));
            out.println(
                    leaked == 0
                            ? missed.isEmpty() ? "no leaks" : "no leaks found"
                            : leaked
                                    + (leaked == 1 ? " goroutine waits" : " goroutines wait")
                                    + " for ever: nothing that lives can reach what would wake"
                                    + " them"
                                    + (newest < leaked
                                            ? " (found by this search: " + newest + ")"
                                            : ""));
            if (!missed.isEmpty()) {
                out.println(missed);
            }
        }
    }
}
