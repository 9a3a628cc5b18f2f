package dev.jenny.cli.tools;

import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jenny chans}: channels and locks, and who waits at them. */
@Command(
        name = "chans",
        header = "Show the channels and locks that goroutines wait on.",
        customSynopsis = "jenny chans [PID] [options]",
        description = {
            "LEN/CAP: values in the buffer, and its size. SEND, RECV, WAIT: goroutines that",
            "wait to send, to receive, or for something else. OWNER: a goroutine that holds",
            "the lock.",
            "--all adds the channels that nobody waits on now, but did in the last minute; if the",
            "program was started with -Djenny.channels=all, every channel."
        },
        footer = {
            "  jenny chans",
            "  jenny chans 4711 --limit=1000",
            "  jenny chans --all",
            "  jenny chans --json"
        })
public final class ChansCommand extends ToolCommand {
    private static final int LIMIT = 100;

    @Parameters(arity = "0..1", paramLabel = "PID", description = "The program, if several run.")
    private @Nullable Long pid;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "No more than N (default: " + LIMIT + ").")
    private int limit = LIMIT;

    @Option(names = "--all", description = "Also channels that nobody waits on.")
    private boolean all;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    ChansCommand() {}

    @Override
    void run(PrintWriter out) {
        if (limit < 1) {
            throw usage("--limit=" + limit + ": must be 1 or more");
        }
        Client client = client(pid);
        String request = Client.query("/api/v1/chans", "limit", limit, "all", all ? 1 : null);
        if (json) {
            print(client, request, PATIENCE);
        } else {
            JsonValue answer = client.json(request, PATIENCE);
            print(answer, out);
            if (all && !answer.get("complete").isTrue()) {
                out.println(
                        "channels that nobody has waited on in the last minute are not known: start"
                                + " the program with -Djenny.channels=all");
            }
        }
    }

    private static void print(JsonValue answer, PrintWriter out) {
        List<JsonValue> objects = answer.get("objects").list();
        if (objects.isEmpty()) {
            out.println("no goroutine waits on a channel or a lock");
            return;
        }
        Table table =
                new Table(
                        "OBJECT",
                        ">LEN/CAP",
                        ">PASSED",
                        ">SEND",
                        ">RECV",
                        ">WAIT",
                        ">OLDEST",
                        "OWNER",
                        "STATE");
        for (JsonValue object : objects) {
            long capacity = object.get("cap").number(-1);
            long passed = object.get("passed").number(-1);
            long senders = object.get("senders").number(0);
            long receivers = object.get("receivers").number(0);
            String owner = object.get("owner").string("");
            long oldest = object.get("oldestNs").number(0);
            table.row(
                    Goroutines.name(object),
                    capacity < 0 ? "" : object.get("len").number(0) + "/" + capacity,
                    passed < 0 ? "" : passed,
                    senders == 0 ? "" : senders,
                    receivers == 0 ? "" : receivers,
                    others(object, senders + receivers),
                    oldest > 0 ? Goroutines.nanos(oldest) : "",
                    owner.isEmpty() ? "" : "goroutine " + owner,
                    state(object, capacity));
        }
        table.lines().forEach(out::println);
        long more = answer.get("total").number(objects.size()) - objects.size();
        if (more > 0) {
            out.println(more + " more: see --limit=N");
        }
    }

    private static String state(JsonValue object, long capacity) {
        if (object.get("closed").isTrue()) {
            return "closed";
        }
        // length and capacity have a column of their own
        return capacity >= 0 ? "" : Goroutines.state(object);
    }

    private static String others(JsonValue object, long sendersAndReceivers) {
        long others = object.get("waiting").number(0) - sendersAndReceivers;
        return others > 0 ? String.valueOf(others) : "";
    }
}
