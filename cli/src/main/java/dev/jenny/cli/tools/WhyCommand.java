package dev.jenny.cli.tools;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code jenny why}: what a goroutine waits for. */
@Command(
        name = "why",
        header = "Say what a goroutine waits for, and who could wake it.",
        customSynopsis = "jenny why [PID] GOROUTINE [options]",
        description = "If it waits in a cycle, or behind one, the cycle is shown.",
        footer = {"  jenny why 17", "  jenny why 4711 17 --json"})
public final class WhyCommand extends ToolCommand {
    @Parameters(
            arity = "0..2",
            paramLabel = "[PID] GOROUTINE",
            hideParamSyntax = true,
            description = "The program's pid, if several run; and the goroutine's number.")
    private List<String> words = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    WhyCommand() {}

    @Override
    void run(PrintWriter out) {
        Target target =
                Target.of(words, "the goroutine's number, as in 'jenny why 17'", this::usage);
        if (!target.what().matches("\\d{1,18}")) {
            throw usage("'" + target.what() + "' is not a goroutine's number");
        }
        Client client = client(target.pid());
        String request = "/api/v1/why/" + target.what();
        if (json) {
            print(client, request, PATIENCE);
        } else {
            out.println(Text.clean(client.json(request, PATIENCE).get("text").string("")).strip());
        }
    }
}
