package dev.jenny.inspect.internal.trace;

import dev.jenny.internal.event.Stacks;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The strings and stacks that one generation of a Go trace uses. */
final class GoTables {
    private static final int MAX_STRING = 1 << 10;
    private static final int MAX_FRAMES = 100; // Go takes 128
    private static final StackTraceElement READIED =
            new StackTraceElement("jenny", "readied, having waited at", null, 0);

    private enum Kind {
        PLAIN,
        SPAWN,
        READY
    }

    private record StackKey(int stack, Kind kind) {}

    private final Map<String, Integer> strings = new LinkedHashMap<>();
    private final Map<StackKey, Integer> stacks = new LinkedHashMap<>();
    private final Map<String, Integer> pcs = new HashMap<>();

    void clear() {
        strings.clear();
        stacks.clear();
        pcs.clear();
    }

    int string(String s) {
        return strings.computeIfAbsent(s, k -> strings.size() + 1);
    }

    /** The id of a stack; 0 is none. */
    int stack(int stack) {
        return id(stack, Kind.PLAIN);
    }

    /**
     * The id of a stack whose one frame stands for the function that a goroutine was started with.
     * Go's tools name a group of goroutines after it.
     */
    int spawned(int site) {
        return id(site, Kind.SPAWN);
    }

    /**
     * The id of the stack for a goroutine that is readied. Go has the waker's there, which would
     * take a stack walk for each event. We have where the readied one waited, below a frame that
     * says so: the scheduler latency profile then tells whose wake-ups wait for a P.
     */
    int readied(int wait) {
        return id(wait, Kind.READY);
    }

    private int id(int stack, Kind kind) {
        if (stack == Stacks.NONE) {
            return 0;
        }
        return stacks.computeIfAbsent(new StackKey(stack, kind), k -> stacks.size() + 1);
    }

    void write(BatchWriter out) throws IOException {
        // stacks first: they add strings
        out.begin();
        out.bytes().put(GoTraceWriter.EV_STACKS);
        for (Map.Entry<StackKey, Integer> e : stacks.entrySet()) {
            Bytes one = stackBytes(e.getKey(), e.getValue());
            if (out.bytes().size() + one.size() > BatchWriter.LIMIT) {
                out.end();
                out.begin();
                out.bytes().put(GoTraceWriter.EV_STACKS);
            }
            out.bytes().put(one);
        }
        out.end();
        out.begin();
        out.bytes().put(GoTraceWriter.EV_STRINGS);
        for (Map.Entry<String, Integer> e : strings.entrySet()) {
            byte[] text = Bytes.utf8(e.getKey(), MAX_STRING);
            if (out.bytes().size() + text.length + 16 > BatchWriter.LIMIT) {
                out.end();
                out.begin();
                out.bytes().put(GoTraceWriter.EV_STRINGS);
            }
            out.bytes().put(GoTraceWriter.EV_STRING).varint(e.getValue());
            out.bytes().varint(text.length).put(text);
        }
        out.end();
    }

    private Bytes stackBytes(StackKey key, int id) {
        List<StackTraceElement> frames = new ArrayList<>(Stacks.frames(key.stack));
        if (frames.size() > MAX_FRAMES) {
            frames.subList(MAX_FRAMES / 2, frames.size() - MAX_FRAMES / 2).clear();
        }
        if (key.kind == Kind.READY) {
            frames.addFirst(READIED);
        }
        Bytes b = new Bytes();
        b.put(GoTraceWriter.EV_STACK).varint(id).varint(frames.size());
        for (StackTraceElement f : frames) {
            String function = f.getClassName() + "." + f.getMethodName();
            if (key.kind == Kind.SPAWN) {
                function += ".go:" + Math.max(0, f.getLineNumber());
            }
            String file = f.getFileName() == null ? "Unknown Source" : f.getFileName();
            int line = Math.max(0, f.getLineNumber());
            int pc = pcs.computeIfAbsent(function + '\0' + line, k -> pcs.size() + 1);
            b.varint(pc).varint(string(function)).varint(string(file)).varint(line);
        }
        return b;
    }

    /** Writes the batches of a generation that belong to no thread. */
    static final class BatchWriter {
        /** Batches may have 64 KiB. */
        static final int LIMIT = 60_000;

        private final OutputStream out;
        private final long gen;
        private final long time;
        private final Bytes bytes = new Bytes();

        BatchWriter(OutputStream out, long gen, long time) {
            this.out = out;
            this.gen = gen;
            this.time = time;
        }

        void begin() {
            bytes.clear();
        }

        Bytes bytes() {
            return bytes;
        }

        void end() throws IOException {
            GoTraceWriter.batch(out, gen, -1, time, bytes);
        }
    }
}
