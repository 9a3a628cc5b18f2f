package dev.jenny.internal.sched;

import dev.jenny.internal.loom.Loom;
import org.jspecify.annotations.Nullable;

/** Settings from outside: how many Ps, and the one line about fallback mode. */
final class Config {
    /** True once the user has said how many Ps there are to be; ends the automatic update. */
    private static volatile boolean fixed;

    private Config() {}

    /**
     * GOMAXPROCS at start: {@code jenny.maxprocs} (which {@code --gomaxprocs} sets), then {@code
     * JENNY_MAXPROCS}, then the CPU count that the JVM sees, which respects affinity and the
     * container's quota.
     */
    static int initialProcs() {
        String value = source();
        if (value != null) {
            try {
                int n = Integer.parseInt(value.strip());
                if (n > 0 && n <= Procs.MAX_TARGET) {
                    fixed = true;
                    return n;
                }
            } catch (NumberFormatException e) {
                // reported below
            }
            System.err.println(
                    "jenny: GOMAXPROCS '"
                            + value
                            + "' is not a number from 1 to "
                            + Procs.MAX_TARGET
                            + " and is ignored; using the CPU count");
        }
        return cpus();
    }

    static int cpus() {
        return Runtime.getRuntime().availableProcessors();
    }

    static boolean isFixed() {
        return fixed;
    }

    static void fix() {
        fixed = true;
    }

    static String describeProcs() {
        return cpus() + " available, GOMAXPROCS " + (fixed ? "set to " + source() : "follows them");
    }

    static void announceFallback() {
        if (Boolean.getBoolean("jenny.quiet")) {
            return;
        }
        String remedy =
                Loom.FORCED_OFF
                        ? "remove -Djenny.mode=fallback"
                        : "add " + openFlag() + " (or -javaagent:jenny-runtime.jar)";
        System.err.println(
                "jenny: "
                        + Loom.WHY_NOT
                        + ": goroutines run on the JDK's default scheduler; off are GOMAXPROCS, Go's"
                        + " scheduling order, stall detection, schedtrace, deadlock reports, traces and"
                        + " the proof of leaks. To turn them on, "
                        + remedy
                        + "; to silence this, -Djenny.quiet=true");
    }

    /** The JVM flag that opens what Jenny needs, for the way that this program is started. */
    static String openFlag() {
        Module m = Config.class.getModule();
        return "--add-opens java.base/java.lang=" + (m.isNamed() ? m.getName() : "ALL-UNNAMED");
    }

    private static @Nullable String source() {
        String property = System.getProperty("jenny.maxprocs");
        return property != null ? property : System.getenv("JENNY_MAXPROCS");
    }
}
