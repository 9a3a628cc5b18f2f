package dev.jenny.internal.sched;

import java.util.ArrayList;
import java.util.List;

/**
 * What {@code JENNYDEBUG} asks for: {@code name=value} pairs, separated by commas, as in Go's
 * {@code GODEBUG}. The system property {@code jenny.debug} stands in for the variable.
 */
public final class Debug {
    static final Debug INSTANCE = new Debug(setting());

    /** Log the boot steps. */
    final boolean bootTrace;

    /** Milliseconds between SCHED lines; 0 for none. */
    final int schedTrace;

    /** Print every P, M and goroutine with each SCHED line. */
    final boolean schedDetail;

    /** Print goroutines that hold up their P. */
    final boolean hogs;

    /** Keep which threads hold an RWMutex for reading. */
    private final boolean rwReaders;

    Debug(String setting) {
        boolean boot = false;
        int trace = 0;
        boolean detail = false;
        boolean heldUp = false;
        boolean readers = false;
        List<String> problems = new ArrayList<>();
        for (String pair : setting.split(",")) {
            String[] kv = pair.strip().split("=", 2);
            String value = kv.length > 1 ? kv[1].strip() : "";
            switch (kv[0].strip()) {
                case "" -> {}
                case "boottrace" -> boot = number(pair, value, problems) != 0;
                case "schedtrace" -> trace = number(pair, value, problems);
                case "scheddetail" -> detail = number(pair, value, problems) != 0;
                case "hogs" -> heldUp = number(pair, value, problems) != 0;
                case "rwreaders" -> readers = number(pair, value, problems) != 0;
                default -> problems.add("unknown setting '" + pair.strip() + "'");
            }
        }
        for (String problem : problems) {
            System.err.println(
                    "jenny: JENNYDEBUG: "
                            + problem
                            + ", which is ignored; known: boottrace=1, schedtrace=MILLIS, scheddetail=1,"
                            + " hogs=1, rwreaders=1");
        }
        bootTrace = boot;
        schedTrace = Math.max(0, trace);
        schedDetail = detail;
        hogs = heldUp;
        rwReaders = readers;
    }

    /** Whether to keep which threads hold an {@code RWMutex} for reading. */
    public static boolean rwReaders() {
        return INSTANCE.rwReaders;
    }

    private static String setting() {
        String property = System.getProperty("jenny.debug");
        String variable = System.getenv("JENNYDEBUG");
        return property != null ? property : variable != null ? variable : "";
    }

    private static int number(String pair, String value, List<String> problems) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            problems.add("'" + pair.strip() + "' has no number and is");
            return 0;
        }
    }
}
