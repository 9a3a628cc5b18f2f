package dev.jenny.inspect.internal.trace;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Reads what {@code /api/v1/trace} answers and the dashboard saves: a header, and the events in
 * columns, of which a piece at a time is in memory. For one thread.
 */
final class JtrcReader {
    private static final int NO_P = 0xffff;
    private static final int PREFIX = 12;

    private final FileChannel file;
    private final Names names;
    private final Sink sink;
    private long events;
    private JtrcHeader head = new JtrcHeader();
    private long columns; // where they begin in the file
    private long[] whole = {}; // goroutines of more than 32 bits, the last 32 in front, in order
    private int[] stacks = {}; // the numbers of the header's
    private int pauses; // how many of them have been told
    private long[] started = {}; // when what runs on each P began to

    JtrcReader(FileChannel file, Names names, Sink sink) {
        this.file = file;
        this.names = names;
        this.sink = sink;
    }

    long events() {
        return events;
    }

    JtrcHeader head() {
        return head;
    }

    /** A column of the file, from which numbers are taken in turn. */
    private final class Column {
        private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        private final long position;
        private long at;
        private final long end;

        Column(long position, long count, int width) {
            this.position = position;
            at = position;
            end = position + count * width;
            buffer.order(ByteOrder.LITTLE_ENDIAN).limit(0);
        }

        ByteBuffer next(int width) throws IOException {
            if (buffer.remaining() < width) {
                if (end - at < width) {
                    throw new EOFException();
                }
                buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
                while (buffer.hasRemaining()) {
                    int n = file.read(buffer, at);
                    if (n < 0) {
                        throw new EOFException();
                    }
                    at += n;
                }
                buffer.flip();
            }
            return buffer;
        }
    }

    /** Reads what comes before the events. */
    void readHeader() throws IOException {
        ByteBuffer prefix = ByteBuffer.allocate(PREFIX).order(ByteOrder.LITTLE_ENDIAN);
        file.read(prefix, 0);
        if (prefix.hasRemaining()) {
            throw new TraceFormatException(file.size(), "the file ends in its header");
        }
        int version = prefix.getInt(4);
        int size = prefix.getInt(8);
        if (version != 1) {
            throw new TraceFormatException(
                    "a trace of the dashboard in version "
                            + version
                            + ", and this command knows version 1: use the jenny that wrote it");
        }
        if (size < 0 || size > file.size() - PREFIX) {
            throw new TraceFormatException(file.size(), "the file ends in its header");
        }
        if (size > Runtime.getRuntime().maxMemory() / 4) {
            throw new TraceFormatException(
                    PREFIX,
                    "its header has "
                            + (size >> 20)
                            + " MB: give the command more memory with -J-Xmx");
        }
        ByteBuffer json = ByteBuffer.allocate(size);
        while (json.hasRemaining() && file.read(json, PREFIX + json.position()) > 0) {}
        head = JtrcHeader.parse(json.array(), PREFIX);
        int[] numbers = new int[head.sites().size()];
        Arrays.setAll(numbers, i -> names.stack(head.sites().get(i), head.sites().get(i)));
        int[] sites = head.siteOf();
        for (int i = 0; i < sites.length; i++) {
            sites[i] = sites[i] < 0 || sites[i] >= numbers.length ? Names.NONE : numbers[sites[i]];
        }
        stacks = head.stacks().stream().mapToInt(this::stack).toArray();
        names.spawned(head.goroutines(), sites);
        whole =
                LongStream.of(head.goroutines())
                        .filter(id -> id >>> 32 != 0)
                        .map(id -> Long.rotateLeft(id, 32))
                        .sorted()
                        .toArray();
        columns = PREFIX + (long) size;
    }

    private int stack(long[] frames) {
        List<String> texts = head.frames();
        for (long f : frames) {
            if (f < 0 || f >= texts.size()) {
                return Names.NONE;
            }
        }
        return frames.length == 0
                ? Names.NONE
                : names.stack(
                        texts.get((int) frames[0]), texts.get((int) frames[frames.length - 1]));
    }

    /** Reads the events, after the header. */
    void readEvents() throws IOException {
        long n = head.count();
        Column time = new Column(columns, n, 8);
        Column g = new Column(time.end, n, 4);
        Column arg = new Column(g.end, n, 4);
        Column p = new Column(arg.end, n, 2);
        long whole = Math.clamp(file.size() - p.end, 0, n);
        Column type = new Column(p.end, whole, 1);
        // The last column has a number for each event of some types; so it may be empty.
        long last = columns + (type.end - columns + 3) / 4 * 4;
        Column more = new Column(last, Math.max(0, file.size() - last) / 4, 4);
        List<String> types = head.types();
        if (head.gomaxprocs() > 0) {
            sink.procs(Sink.OUTSIDE, 0, head.gomaxprocs());
        }
        if (head.dropped() > 0) {
            sink.dropped(Sink.OUTSIDE, 0, head.dropped());
        }
        for (long i = 0; i < whole; i++, events++) {
            double nanos = time.next(8).getDouble();
            if (!(nanos >= 0 && nanos <= TraceFormatException.MAX_TIME)) {
                throw TraceFormatException.ofTime(time.position + 8 * i);
            }
            long t = (long) nanos;
            long id = g.next(4).getInt() & 0xffff_ffffL;
            long other = arg.next(4).getInt() & 0xffff_ffffL;
            int proc = p.next(2).getShort() & 0xffff;
            if (proc >= TraceFile.MAX_PS && proc != NO_P) {
                throw new TraceFormatException(p.position + 2 * i, "a P of the number " + proc);
            }
            int what = type.next(1).get();
            if (what < 0 || what >= types.size()) {
                throw new TraceFormatException(
                        type.position + i, "an event of the unknown type " + what);
            }
            paused(t);
            String name = types.get(what);
            long extra = whole == n && head.more().contains(name) ? more.next(4).getInt() : 0;
            tell(name, t, proc == NO_P ? Sink.OUTSIDE : proc, id, other, extra);
        }
        if (whole < n) {
            throw new TraceFormatException(
                    file.size(),
                    "the file ends in the middle: of its " + n + " events " + whole + " are whole");
        }
        paused(Long.MAX_VALUE);
    }

    /** Tells of the pauses that had ended at {@code t}. */
    private void paused(long t) throws IOException {
        for (; pauses < head.pauses() && head.pause(pauses).end() <= t; pauses++) {
            sink.pause(head.pause(pauses));
        }
    }

    /** All bits of the number of a goroutine, of which an event has the last 32. */
    private long whole(long last) {
        int i = -1 - Arrays.binarySearch(whole, last << 32); // it is not there: the first 32 are 0
        return i < whole.length && whole[i] >>> 32 == last ? Long.rotateLeft(whole[i], 32) : last;
    }

    private void tell(String type, long t, int p, long number, long arg, long more)
            throws IOException {
        long g = whole(number);
        switch (type) {
            case "create" -> sink.create(p, t, g, names.site(g));
            case "start" -> {
                if (p >= started.length) {
                    started = Arrays.copyOf(started, 2 * p + 8);
                }
                if (p >= 0) {
                    started[p] = t;
                }
                sink.start(p, t, g);
            }
            case "park" -> {
                List<String> reasons = head.reasons();
                int why = arg < reasons.size() ? names.reason(reasons.get((int) arg)) : -1;
                int at = more > 0 && more < stacks.length ? stacks[(int) more] : Names.NONE;
                sink.stop(p, t, g, Sink.Stop.BLOCK, why, at);
            }
            case "ready" -> sink.ready(p, t, g);
            case "yield" -> sink.stop(p, t, g, Sink.Stop.YIELD, -1, Names.NONE);
            case "end" -> sink.stop(p, t, g, Sink.Stop.END, -1, Names.NONE);
            case "steal" -> sink.steal(p, t, (int) arg, (int) number);
            case "idle" -> sink.proc(p, t, false);
            case "wake" -> sink.proc(p, t, true);
            case "stall" -> stall(p, t, number * 1000, arg);
            default -> {} // rejoin, and what later versions add
        }
    }

    /** What the monitor saw; {@code arg} is 1 for one that burns CPU, 2 for one that blocks. */
    private void stall(int p, long t, long held, long arg) throws IOException {
        if (arg == 1) {
            sink.burns(p, t);
        } else if (arg == 2 && p >= 0) {
            long began = p < started.length ? started[p] : 0;
            sink.blocked(p, Math.max(began, t - held), t, Names.NONE);
        }
    }
}
