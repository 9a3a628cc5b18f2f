package dev.jenny.cli.tools;

import dev.jenny.cli.HelpOption;
import dev.jenny.cli.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the commands that look into a program have in common. */
@Command(
        synopsisHeading = "%nUsage: ",
        parameterListHeading = "%nArguments:%n",
        optionListHeading = "%nOptions:%n",
        descriptionHeading = "%n",
        footerHeading = "%nExamples:%n")
abstract class ToolCommand implements Callable<Integer> {
    /** For answers that take the server no work to speak of, or a garbage collection at most. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    @Spec CommandSpec spec;

    @Mixin
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private HelpOption help;

    @Option(names = "--json", description = "Print JSON instead of text.")
    boolean json;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    ToolCommand() {}

    @Override
    public final Integer call() {
        run(out());
        out().flush();
        if (out() instanceof StandardOutput standard) {
            standard.check();
        }
        return ExitCode.OK;
    }

    abstract void run(PrintWriter out);

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** For what is said to people beside the output proper. */
    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    static Client client(@Nullable Long pid) {
        return new Client(new Programs().find(pid));
    }

    final ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /**
     * Prints an answer once all of it is there: while a server sends a large one, it has others
     * wait, and who reads it in {@code less} may take minutes.
     */
    final void printWhole(Client client, String query, Duration patience) {
        Path whole = Download.temporary(client, query, patience);
        try (InputStream in = Files.newInputStream(whole)) {
            Text.copy(in, out());
        } catch (IOException e) {
            throw new UserError(1, "cannot read " + whole + " (" + e + ")");
        } finally {
            Download.delete(whole);
        }
    }

    /** Prints an answer as it comes. */
    final void print(Client client, String query, Duration patience) {
        client.open(
                query,
                patience,
                body -> {
                    Text.copy(body, out());
                    return true;
                });
    }
}
