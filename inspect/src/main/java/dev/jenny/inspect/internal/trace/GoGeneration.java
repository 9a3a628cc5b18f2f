package dev.jenny.inspect.internal.trace;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A generation of a Go trace while it is read: the events of each thread, and the tables of strings
 * and stacks that they name, which may come after them.
 */
final class GoGeneration {
    private static final int EV_CPU_SAMPLES = 6;
    private static final int EV_SYNC = 50;
    private static final int EV_CLOCK_SNAPSHOT = 51;
    private static final int MAX_FRAMES = 1 << 10;
    private static final String[] OTHERS = {
        "jenny.readied",
        "java.",
        "javax.",
        "jdk.",
        "sun.",
        "dev.jenny.",
        "runtime.",
        "sync.",
        "internal/",
        "syscall.",
        "time.Sleep"
    };

    final long number;
    private final Map<Long, GoCursor> cursors = new HashMap<>();
    private final List<GoBatch> stringTables = new ArrayList<>();
    private final List<GoBatch> stackTables = new ArrayList<>();
    private final Map<Long, String> strings = new HashMap<>();
    private final Map<Long, Integer> stacks = new HashMap<>();
    private final Map<Long, Integer> entries = new HashMap<>();
    private long frequency;
    private long bytes;
    private boolean jennys = true;

    GoGeneration(long number) {
        this.number = number;
    }

    void add(GoBatch b) throws IOException {
        bytes += b.data().length;
        if (bytes > Runtime.getRuntime().maxMemory() / 3) {
            throw new TraceFormatException(
                    b.position(),
                    "generation "
                            + number
                            + " has more than "
                            + (bytes >> 20)
                            + " MB: give the command more memory with -J-Xmx");
        }
        switch (b.first()) {
            case -1, EV_CPU_SAMPLES -> {}
            case GoTraceWriter.EV_STACKS -> stackTables.add(b);
            case GoTraceWriter.EV_STRINGS -> stringTables.add(b);
            case GoTraceWriter.EV_FREQUENCY, EV_SYNC -> sync(b);
            default -> {
                GoCursor c = cursors.get(b.thread());
                if (c == null) {
                    jennys &= isJennys(b);
                    cursors.put(b.thread(), new GoCursor(b));
                } else {
                    c.add(b);
                }
            }
        }
    }

    /**
     * Whether a thread's first batch is Jenny's: it begins with the status of the P of the thread's
     * own number, which in Go's programs is another, unless the thread has none.
     */
    private static boolean isJennys(GoBatch b) {
        GoCursor c = new GoCursor(b);
        try {
            if (c.next() && c.type == GoTraceWriter.EV_PROC_STATUS) {
                return c.args[0] == c.thread;
            }
            return c.thread == GoTraceWriter.OUTSIDE_ID;
        } catch (TraceFormatException e) {
            return false;
        }
    }

    private static Input open(GoBatch b) {
        return new Input(new ByteArrayInputStream(b.data()));
    }

    private static TraceFormatException damaged(GoBatch b, Input in, String what) {
        return new TraceFormatException(b.position() + in.position(), what);
    }

    private void sync(GoBatch b) throws IOException {
        Input in = open(b);
        for (int type; (type = in.read()) >= 0; ) {
            switch (type) {
                case EV_SYNC -> {}
                case GoTraceWriter.EV_FREQUENCY -> frequency = in.varint();
                case EV_CLOCK_SNAPSHOT -> {
                    for (int i = 0; i < 4; i++) {
                        in.varint();
                    }
                }
                default -> throw damaged(b, in, "byte " + type + " among the clock's");
            }
        }
    }

    /** Whether it is whole: each ends, or begins, with the clock's frequency. */
    boolean isComplete() {
        return frequency != 0;
    }

    /** Whether {@link GoTraceWriter} wrote it, and no program of Go's. */
    boolean isJennys() {
        return jennys;
    }

    /** Ticks of the clock in a second; 0 if not known. */
    long frequency() {
        return frequency;
    }

    Collection<GoCursor> cursors() {
        return cursors.values();
    }

    String string(long id) {
        return strings.getOrDefault(id, "");
    }

    /** The number in {@link Names} of a stack of this generation. */
    int stack(long id) {
        return stacks.getOrDefault(id, Names.NONE);
    }

    /** As {@link #stack}, of one that stands for where a goroutine was started. */
    int entry(long id) {
        return entries.getOrDefault(id, Names.NONE);
    }

    /** Reads the tables. What cannot be read of them is not known; that is thrown in the end. */
    void tables(Names names) throws IOException {
        TraceFormatException broken = null;
        for (GoBatch b : stringTables) {
            broken = first(broken, read(b, this::readString));
        }
        for (GoBatch b : stackTables) {
            broken = first(broken, read(b, in -> readStack(in, names)));
        }
        stringTables.clear();
        stackTables.clear();
        if (broken != null) {
            throw broken;
        }
    }

    private static @Nullable TraceFormatException first(
            @Nullable TraceFormatException a, @Nullable TraceFormatException b) {
        return a != null ? a : b;
    }

    private interface Entry {
        void read(Input in) throws IOException;
    }

    private static @Nullable TraceFormatException read(GoBatch b, Entry entry) throws IOException {
        Input in = open(b);
        try {
            in.read();
            while (in.read() >= 0) {
                entry.read(in);
            }
            return null;
        } catch (TraceFormatException e) {
            return damaged(b, in, "a table of strings or stacks is damaged");
        }
    }

    private void readString(Input in) throws IOException {
        long id = in.varint();
        long n = in.varint();
        if (n < 0 || n > 1 << 16) {
            throw in.damaged("a string is too long");
        }
        strings.put(id, new String(in.bytes((int) n), StandardCharsets.UTF_8));
    }

    private void readStack(Input in, Names names) throws IOException {
        long id = in.varint();
        long n = in.varint();
        if (n < 0 || n > MAX_FRAMES) {
            throw in.damaged("a stack is too deep");
        }
        String place = "";
        String root = "";
        boolean own = false;
        String function = "";
        for (int i = 0; i < n; i++) {
            in.varint();
            function = string(in.varint());
            String file = string(in.varint());
            long line = in.varint();
            root = frame(function, file, line);
            if (i == 0 || (!own && isOwn(function))) {
                place = root;
                own = isOwn(function);
            }
        }
        stacks.put(id, names.stack(place, root));
        entries.put(id, names.stack(entryOf(place, function), root));
    }

    private static boolean isOwn(String function) {
        for (String other : OTHERS) {
            if (function.startsWith(other)) {
                return false;
            }
        }
        return true;
    }

    /** As {@code Main.serve(Main.java:42)}; Go tells whole paths. Empty if its name is missing. */
    private static String frame(String function, String file, long line) {
        return function.isEmpty()
                ? ""
                : function + '(' + file.substring(file.lastIndexOf('/') + 1) + ':' + line + ')';
    }

    /** Jenny tells the line of the go statement in the name of the function, as {@code .go:42}. */
    private static String entryOf(String place, String function) {
        int at = function.lastIndexOf(".go:");
        return at < 0 || !place.startsWith(function)
                ? place
                : function.substring(0, at) + place.substring(function.length());
    }
}
