package dev.jenny.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** Runs commands in this JVM. */
public final class Commands {
    private Commands() {}

    /** What a command has printed, and its exit code. */
    public record Result(int code, String out, String err) {}

    public static Result run(String... args) {
        StringWriter out = new StringWriter();
        Result result = run(new PrintWriter(out, true), args);
        return new Result(result.code(), out.toString(), result.err());
    }

    /** As {@link #run(String...)}, with the output to {@code out}. */
    public static Result run(PrintWriter out, String... args) {
        StringWriter err = new StringWriter();
        CommandLine commands = Main.commandLine(args);
        commands.setOut(out);
        commands.setErr(new PrintWriter(err, true));
        return new Result(commands.execute(args), "", err.toString());
    }
}
