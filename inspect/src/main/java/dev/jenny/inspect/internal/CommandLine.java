package dev.jenny.inspect.internal;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** The command line of this program. */
public final class CommandLine {
    private CommandLine() {}

    /**
     * {@code java}, the JVM's options, the main class, and its arguments as far as they are known.
     */
    public static List<String> arguments() {
        List<String> all = new ArrayList<>();
        all.add("java");
        all.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        all.addAll(List.of(System.getProperty("sun.java.command", "").split(" ")));
        return all;
    }
}
