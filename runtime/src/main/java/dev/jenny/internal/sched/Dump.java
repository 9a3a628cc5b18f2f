package dev.jenny.internal.sched;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Goroutines as text, in the format of Go's tracebacks.
 *
 * <p>A dump looks at one goroutine at a time. Only the one being looked at is held, for the some
 * microseconds that the JDK takes to walk its stack; the others run on. So a dump is not a picture
 * of one instant.
 */
final class Dump {
    private static final int MAX_FRAMES = 100;

    /** Classes whose frames are the machinery between a program's line and the wait. */
    private static final Set<String> MACHINERY =
            Set.of(
                    "java.lang.VirtualThread",
                    "java.lang.VirtualThread$VThreadContinuation$1",
                    "java.lang.BaseVirtualThread",
                    "java.lang.System$1",
                    "dev.jenny.sync.WaitList",
                    "jdk.internal.vm.Continuation",
                    "java.util.concurrent.locks.LockSupport",
                    "dev.jenny.Selector",
                    "dev.jenny.internal.loom.Coroutine",
                    "dev.jenny.internal.loom.Loom");

    private Dump() {}

    /** All goroutines: the current one first, the others by number. */
    static String all() {
        List<G> gs = sorted();
        StringBuilder b = new StringBuilder(Math.min(gs.size(), 1 << 16) * 200);
        G self = G.current();
        if (self != null) {
            append(b, self);
        }
        for (G g : gs) {
            if (g != self) {
                append(b, g);
            }
        }
        return b.toString();
    }

    static List<G> sorted() {
        List<G> gs = new ArrayList<>();
        Sched.REGISTRY.forEach(gs::add);
        gs.sort(Comparator.comparingLong(g -> g.id));
        return gs;
    }

    private static void append(StringBuilder b, G g) {
        int mark = b.length();
        if (mark > 0) {
            b.append('\n');
        }
        StackTraceElement[] stack = g.thread.getStackTrace();
        GStatus s = GStatus.of(g);
        if (s.state() == GStatus.State.DEAD) {
            b.setLength(mark);
            return;
        }
        long minutes = TimeUnit.NANOSECONDS.toMinutes(s.waited());
        header(b, g.id, s.text(g, stack), minutes, g.labels);
        frames(b, stack);
        footer(b, g);
    }

    /** {@code goroutine 7 [chan receive, 2 minutes] {svc: users}:}. */
    static void header(
            StringBuilder b, long id, String status, long minutes, Map<String, String> labels) {
        b.append("goroutine ").append(id).append(" [").append(status);
        if (minutes >= 1) {
            b.append(", ").append(minutes).append(" minutes");
        }
        b.append(']').append(labels(labels)).append(":\n");
    }

    /** <code> {svc: users}</code> with a space before it; nothing if there are none. */
    static String labels(Map<String, String> labels) {
        if (labels.isEmpty()) {
            return "";
        }
        StringBuilder b = new StringBuilder(" {");
        String sep = "";
        for (Map.Entry<String, String> e : labels.entrySet()) {
            b.append(sep);
            label(b, e.getKey());
            b.append(": ");
            label(b, e.getValue());
            sep = ", ";
        }
        return b.append('}').toString();
    }

    /** Plain if it is one word, else quoted, as in Go's dumps. */
    private static void label(StringBuilder b, String s) {
        boolean plain = !s.isEmpty();
        for (int i = 0; i < s.length() && plain; i++) {
            char c = s.charAt(i);
            plain = c > ' ' && c < 0x7f && "\"\\:,{}[]".indexOf(c) < 0;
        }
        if (plain) {
            b.append(s);
            return;
        }
        b.append('"');
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c == '"' || c == '\\') {
                b.append('\\').append(c);
            } else if (c < ' ') {
                b.append(String.format("\\x%02x", (int) c));
            } else {
                b.append(c);
            }
        }
        b.append('"');
    }

    /** The frames of a stack, without the machinery of scheduling and waiting. */
    static List<StackTraceElement> trim(StackTraceElement[] stack) {
        int end = stack.length;
        while (end > 0 && (isMachinery(stack[end - 1]) || isLauncher(stack[end - 1]))) {
            end--;
        }
        List<StackTraceElement> shown = new ArrayList<>(end);
        for (int i = 0; i < end; i++) {
            if (!isMachinery(stack[i])) {
                shown.add(stack[i]);
            }
        }
        if (shown.isEmpty()) {
            // go(ch::recv): no line of the program's is on the stack
            for (StackTraceElement f : stack) {
                if (f.getClassName().startsWith("dev.jenny.internal.chan.")) {
                    shown = List.of(f);
                }
            }
        }
        return shown;
    }

    /** A stack as text: 50 frames from each end at most. */
    static void frames(StringBuilder b, StackTraceElement[] stack) {
        List<StackTraceElement> shown = trim(stack);
        int n = shown.size();
        for (int i = 0; i < n; i++) {
            if (n > MAX_FRAMES && i == MAX_FRAMES / 2) {
                int elided = n - MAX_FRAMES;
                b.append("...").append(elided).append(" frames elided...\n");
                i += elided;
            }
            frame(b, shown.get(i));
        }
    }

    static void footer(StringBuilder b, G g) {
        SpawnSite site = g.site;
        if (g.id == G.MAIN_ID || (site == null && g.parentId == 0)) {
            return;
        }
        b.append("created by ").append(site == null ? "java.lang.Thread.start" : site.function());
        if (g.parentId != 0) {
            b.append(" in goroutine ").append(g.parentId);
        }
        b.append('\n');
        if (site != null) {
            b.append('\t').append(site.location()).append('\n');
        }
    }

    private static void frame(StringBuilder b, StackTraceElement f) {
        b.append(f.getClassName()).append('.').append(f.getMethodName()).append("(...)\n\t");
        String file = f.getFileName();
        b.append(file == null ? "Unknown Source" : file);
        if (f.getLineNumber() > 0) {
            b.append(':').append(f.getLineNumber());
        } else if (f.isNativeMethod()) {
            b.append(" (native)");
        }
        b.append('\n');
    }

    private static boolean isMachinery(StackTraceElement f) {
        String c = f.getClassName();
        return MACHINERY.contains(c)
                || c.startsWith("dev.jenny.internal.")
                || (c.equals("java.lang.Thread") && f.getMethodName().equals("getStackTrace"));
    }

    /** How {@code jenny run} got to the program's main method. */
    private static boolean isLauncher(StackTraceElement f) {
        String c = f.getClassName();
        return c.startsWith("dev.jenny.cli.")
                || c.startsWith("jdk.internal.reflect.")
                || c.equals("java.lang.reflect.Method");
    }
}
