package dev.jenny.inspect.internal.trace;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file with a trace: Go's format, or what the dashboard saves. What is read goes to a {@link
 * Sink} as it comes; a piece of the file at a time is in memory. For one thread.
 */
public final class TraceFile {
    /** What a trace can be written in. */
    public enum Format {
        /** Go's execution trace. */
        GO("go"),
        /** That of the dashboard and of {@code /api/v1/trace}. */
        JTRC("jtrc");

        private final String text;

        Format(String text) {
            this.text = text;
        }

        /** The name in JSON. */
        public String text() {
            return text;
        }
    }

    /** Numbers of Ps are below it; others are damage. No machine has so many CPUs. */
    static final int MAX_PS = 1 << 14;

    private static final int HEAD = 16;
    private static final int BUFFER = 1 << 18;

    private final Path path;
    private final Format format;
    private final Names names = new Names();
    private long events;
    private long start;

    private TraceFile(Path path, Format format) {
        this.path = path;
        this.format = format;
    }

    /**
     * Looks at how the file begins.
     *
     * @throws TraceFormatException if it is no trace that can be read here; the message says what
     *     it is, if that can be seen
     */
    public static TraceFile open(Path path) throws IOException {
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new TraceFormatException("no regular file: write the trace into one first");
        }
        byte[] head;
        try (InputStream in = Files.newInputStream(path)) {
            head = in.readNBytes(HEAD);
        }
        String text = new String(head, StandardCharsets.ISO_8859_1);
        if (text.startsWith("JTRC")) {
            return new TraceFile(path, Format.JTRC);
        }
        if (head.length == HEAD && GoTraceReader.isTrace(head)) {
            return new TraceFile(path, Format.GO);
        }
        throw new TraceFormatException(whatItIs(text, head));
    }

    private static String whatItIs(String text, byte[] head) {
        if (head.length == 0) {
            return "empty: the program that writes a trace completes it when it ends, or after the"
                    + " seconds that were asked for";
        }
        if (text.startsWith("go 1.")) {
            return "cut off in its first line";
        }
        if (head[0] == 0x0a) { // field 1 of protobuf: how Perfetto's packets begin
            return "for Perfetto: open it in https://ui.perfetto.dev, or record in Go's format for"
                    + " this command: 'jenny trace -o FILE.trace', 'jenny run --trace=FILE.trace'";
        }
        if (text.startsWith("\u001f\u008b")) {
            return "compressed: unpack it with gunzip, or, if it is a profile, use 'go tool pprof'";
        }
        if (text.startsWith("FLR\0")) {
            return "a recording of JFR: use 'jfr', or JDK Mission Control";
        }
        return "no trace: this command reads what 'jenny trace', 'jenny run --trace=FILE' and"
                + " --flight write, and what the dashboard saves (.jtrc)";
    }

    /** What it is written in. */
    public Format format() {
        return format;
    }

    /** What the numbers mean that {@link #read} hands to the sink. */
    public Names names() {
        return names;
    }

    /** How many events have been read. */
    public long events() {
        return events;
    }

    /** The dashboard's moment from which times count; 0 in Go's format. */
    public long start() {
        return start;
    }

    /**
     * Reads all of it.
     *
     * @throws TraceFormatException if it breaks off or is damaged; what could be read has been told
     */
    public void read(Sink sink) throws IOException {
        if (format == Format.GO) {
            readGo(sink);
        } else {
            readJtrc(sink);
        }
    }

    private void readGo(Sink sink) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(path), BUFFER)) {
            GoTraceReader reader = new GoTraceReader(new Input(in), names, sink);
            try {
                reader.read();
            } finally {
                events = reader.events();
            }
        }
    }

    private void readJtrc(Sink sink) throws IOException {
        try (FileChannel file = FileChannel.open(path)) {
            JtrcReader reader = new JtrcReader(file, names, sink);
            try {
                reader.readHeader();
                start = reader.head().start();
                reader.readEvents();
            } catch (EOFException e) {
                throw new TraceFormatException(file.size(), "the file ends in the middle");
            } finally {
                events = reader.events();
            }
        }
    }
}
