package dev.jenny.inspect.internal.trace;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads Go's execution trace, version 2: what {@link GoTraceWriter} writes, and what Go's own
 * programs do. Keeps one generation in memory at a time. For one thread.
 *
 * <p>Events of different threads come in the order of the clock, unless a goroutine's numbered
 * events say otherwise: one that is too early waits. What never comes is not waited for.
 */
final class GoTraceReader {
    private static final int HEADER = 16;
    private static final Pattern VERSION = Pattern.compile("go 1\\.(\\d{1,3}) trace\\x00*");
    private static final int OLDEST = 22;
    private static final int NEWEST = 27;

    private final Input in;
    private final GoStory story;
    private final Names names;
    private long events;

    GoTraceReader(Input in, Names names, Sink sink) {
        this.in = in;
        this.names = names;
        story = new GoStory(names, sink);
    }

    /** How many events have been read. */
    long events() {
        return events;
    }

    /** Whether a file that begins so is a Go trace, of whatever version. */
    static boolean isTrace(byte[] head) {
        return VERSION.matcher(new String(head, StandardCharsets.US_ASCII)).lookingAt();
    }

    /**
     * Reads all of it.
     *
     * @throws TraceFormatException where it breaks; what lies before it has been told
     */
    void read() throws IOException {
        header();
        GoGeneration gen = null;
        for (; ; ) {
            GoBatch b;
            try {
                b = GoBatch.read(in);
                if (gen != null && (b == null || b.generation() != gen.number)) {
                    GoGeneration whole = gen;
                    gen = null;
                    play(whole);
                }
                if (b == null) {
                    return;
                }
                if (gen == null) {
                    gen = new GoGeneration(b.generation());
                }
                gen.add(b);
            } catch (TraceFormatException e) {
                throw salvaged(gen, e);
            }
        }
    }

    private void header() throws IOException {
        String text = new String(in.bytes(HEADER), StandardCharsets.US_ASCII);
        Matcher m = VERSION.matcher(text);
        int version = m.matches() ? Integer.parseInt(m.group(1)) : 0;
        if (version < OLDEST || version > NEWEST) {
            throw new TraceFormatException(
                    "a trace of Go 1."
                            + version
                            + ", and this command reads those of Go 1."
                            + OLDEST
                            + " to 1."
                            + NEWEST
                            + ": use 'go tool trace'");
        }
    }

    /** Tells what there is of a generation that breaks off. */
    private TraceFormatException salvaged(@Nullable GoGeneration gen, TraceFormatException e)
            throws IOException {
        if (gen != null && !gen.cursors().isEmpty()) {
            try {
                play(gen);
            } catch (TraceFormatException again) {
                if (!story.hasClock()) {
                    return again;
                }
                e.addSuppressed(again);
            }
        }
        return e;
    }

    private void play(GoGeneration gen) throws IOException {
        TraceFormatException broken = null;
        try {
            gen.tables(names);
        } catch (TraceFormatException e) {
            broken = e;
        }
        story.begin(gen);
        if (!story.hasClock()) {
            throw new TraceFormatException(
                    in.position(),
                    "the file ends, or is damaged, before it tells how fast its clock goes, and"
                            + " without that nothing of it can be told");
        }
        try {
            merge(gen);
        } catch (TraceFormatException e) {
            broken = broken == null ? e : broken;
        }
        if (broken != null) {
            throw broken;
        }
        if (!gen.isComplete()) {
            throw new TraceFormatException(
                    in.position(), "the file ends in the middle: its last part has no names");
        }
    }

    private void merge(GoGeneration gen) throws IOException {
        PriorityQueue<GoCursor> queue =
                new PriorityQueue<>(Comparator.comparingLong((GoCursor c) -> c.time));
        TraceFormatException broken = null;
        for (GoCursor c : gen.cursors()) {
            c.until(story.latest());
            broken = advance(c, queue, broken);
        }
        List<GoCursor> early = new ArrayList<>();
        for (GoCursor c; (c = queue.poll()) != null || !early.isEmpty(); ) {
            if (c == null) {
                c = early.removeFirst(); // what it waits for is not there
            } else if (!story.isReady(c)) {
                early.add(c);
                continue;
            }
            GoCursor other = queue.peek();
            do {
                try {
                    story.tell(c);
                    events++;
                    if (!c.next()) {
                        c = null;
                    }
                } catch (TraceFormatException e) {
                    broken = broken == null ? e : broken;
                    c = null; // what else this thread did is left out
                }
            } while (c != null
                    && early.isEmpty()
                    && (other == null || c.time <= other.time)
                    && story.isReady(c));
            if (c != null) {
                queue.add(c);
            }
            queue.addAll(early);
            early.clear();
        }
        if (broken != null) {
            throw broken;
        }
    }

    private static @Nullable TraceFormatException advance(
            GoCursor c, PriorityQueue<GoCursor> queue, @Nullable TraceFormatException broken) {
        try {
            if (c.next()) {
                queue.add(c);
            }
            return broken;
        } catch (TraceFormatException e) {
            return broken == null ? e : broken;
        }
    }
}
