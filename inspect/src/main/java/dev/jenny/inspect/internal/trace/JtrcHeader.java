package dev.jenny.inspect.internal.trace;

import dev.jenny.inspect.internal.pause.Pause;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The header of a trace of the dashboard. */
final class JtrcHeader {
    private long count = -1;
    private int gomaxprocs;
    private long dropped;
    private long start;
    private List<String> types = List.of();
    private List<String> reasons = List.of();
    private List<String> sites = List.of();
    private List<String> more = List.of();
    private List<String> frames = List.of();
    private List<long[]> stacks = List.of();
    private long[] pauseBegins = {};
    private long[] pauseEnds = {};
    private List<String> pauseNames = List.of();
    private long[] pauseCollects = {};
    private long[] goroutines = {};
    private int[] siteOf = {};

    /** How many events follow. */
    long count() {
        return count;
    }

    /** As it was then; 0 if the file does not tell. */
    int gomaxprocs() {
        return gomaxprocs;
    }

    /** How many older events were left out. */
    long dropped() {
        return dropped;
    }

    /** The moment from which times count. */
    long start() {
        return start;
    }

    /** What the numbers of types mean. */
    List<String> types() {
        return types;
    }

    /** What the numbers of wait reasons mean. */
    List<String> reasons() {
        return reasons;
    }

    /** What the numbers of spawn sites mean. */
    List<String> sites() {
        return sites;
    }

    /** The types whose events have one more number; none in files of earlier versions. */
    List<String> more() {
        return more;
    }

    /** What the numbers in {@link #stacks} mean. */
    List<String> frames() {
        return frames;
    }

    /** What the numbers of stacks mean: indices of frames, the innermost first. */
    List<long[]> stacks() {
        return stacks;
    }

    /** How many pauses there were. */
    int pauses() {
        return pauseNames.size();
    }

    /** One of them; in files of earlier versions all are the garbage collector's. */
    Pause pause(int i) {
        boolean collects = i >= pauseCollects.length || pauseCollects[i] != 0;
        return new Pause(pauseBegins[i], pauseEnds[i], collects, pauseNames.get(i));
    }

    /** Goroutines whose spawn sites are known. */
    long[] goroutines() {
        return goroutines;
    }

    /** The index in {@link #sites} for each of them, or -1. */
    int[] siteOf() {
        return siteOf;
    }

    /** Events take 19 bytes each, and a file has less than 2^60 of these. */
    private static final long MAX_COUNT = (1L << 60) / 19;

    /** Reads it from JSON that begins at {@code position} of the file. */
    static JtrcHeader parse(byte[] json, long position) throws TraceFormatException {
        return new Parser(json, position).header();
    }

    /** Just enough of JSON, without an object for each of a million numbers. */
    private static final class Parser {
        private final byte[] json;
        private final long position;
        private int at;

        Parser(byte[] json, long position) {
            this.json = json;
            this.position = position;
        }

        JtrcHeader header() throws TraceFormatException {
            JtrcHeader h = new JtrcHeader();
            long[] siteOf = {};
            for (String name = member(); !name.isEmpty(); name = member()) {
                switch (name) {
                    case "count" -> h.count = number();
                    case "gomaxprocs" -> h.gomaxprocs = Math.clamp(number(), 0, 1 << 16);
                    case "dropped" -> h.dropped = Math.max(0, number());
                    case "start" -> h.start = number();
                    case "types" -> h.types = strings();
                    case "reasons" -> h.reasons = strings();
                    case "sites" -> h.sites = strings();
                    case "more" -> h.more = strings();
                    case "frames" -> h.frames = strings();
                    case "stacks" -> h.stacks = lists();
                    case "pauses" -> pauses(h);
                    case "goroutines" -> {
                        for (String x = member(); !x.isEmpty(); x = member()) {
                            switch (x) {
                                case "id" -> h.goroutines = numbers();
                                case "site" -> siteOf = numbers();
                                default -> skip();
                            }
                        }
                    }
                    default -> skip();
                }
            }
            if (h.count < 0 || h.count > MAX_COUNT || h.goroutines.length != siteOf.length) {
                throw damaged();
            }
            h.siteOf = new int[siteOf.length];
            for (int i = 0; i < siteOf.length; i++) {
                h.siteOf[i] = (int) siteOf[i];
            }
            return h;
        }

        private void pauses(JtrcHeader h) throws TraceFormatException {
            for (String x = member(); !x.isEmpty(); x = member()) {
                switch (x) {
                    case "begin" -> h.pauseBegins = numbers();
                    case "end" -> h.pauseEnds = numbers();
                    case "name" -> h.pauseNames = strings();
                    case "gc" -> h.pauseCollects = numbers();
                    default -> skip();
                }
            }
            int n = h.pauses();
            boolean sane = h.pauseBegins.length == n && h.pauseEnds.length == n;
            for (int i = 0; sane && i < n; i++) {
                sane =
                        0 <= h.pauseBegins[i]
                                && h.pauseBegins[i] <= h.pauseEnds[i]
                                && h.pauseEnds[i] <= TraceFormatException.MAX_TIME;
            }
            if (!sane) {
                throw damaged();
            }
        }

        private TraceFormatException damaged() {
            return new TraceFormatException(position + at, "the header is damaged");
        }

        private int peek() throws TraceFormatException {
            while (at < json.length && (json[at] <= ' ' || json[at] == ',' || json[at] == ':')) {
                at++;
            }
            if (at >= json.length) {
                throw damaged();
            }
            return json[at];
        }

        private boolean take(char c) throws TraceFormatException {
            if (peek() != c) {
                return false;
            }
            at++;
            return true;
        }

        /** The name of the next member of an object; empty after the last. */
        private String member() throws TraceFormatException {
            take('{');
            return take('}') ? "" : string();
        }

        private String string() throws TraceFormatException {
            if (!take('"')) {
                throw damaged();
            }
            StringBuilder s = new StringBuilder();
            int from = at;
            for (; at < json.length && json[at] != '"'; at++) {
                if (json[at] == '\\') {
                    s.append(text(from, at));
                    s.append(escaped());
                    from = at + 1;
                }
            }
            if (at >= json.length) {
                throw damaged();
            }
            s.append(text(from, at));
            at++;
            return s.toString();
        }

        private String text(int from, int to) throws TraceFormatException {
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(json, from, to - from))
                        .toString();
            } catch (CharacterCodingException e) {
                throw damaged();
            }
        }

        private char escaped() throws TraceFormatException {
            if (++at >= json.length) {
                throw damaged();
            }
            if (json[at] != 'u') {
                return switch (json[at]) {
                    case 'n' -> '\n';
                    case 't' -> '\t';
                    case 'r' -> '\r';
                    default -> (char) json[at];
                };
            }
            if (at + 4 >= json.length) {
                throw damaged();
            }
            try {
                char c = (char) Integer.parseInt(text(at + 1, at + 5), 16);
                at += 4;
                return c;
            } catch (NumberFormatException e) {
                throw damaged();
            }
        }

        private long number() throws TraceFormatException {
            peek();
            int from = at;
            while (at < json.length && "+-.eE0123456789".indexOf(json[at]) >= 0) {
                at++;
            }
            long v = 0;
            boolean negative = false;
            for (int i = from; i < at; i++) {
                if (json[i] == '-' && i == from) {
                    negative = true;
                } else if (json[i] >= '0' && json[i] <= '9') {
                    v = v * 10 + json[i] - '0';
                } else {
                    break; // a fraction, of which nothing here has one that matters
                }
            }
            if (from == at) {
                throw damaged();
            }
            return negative ? -v : v;
        }

        private List<String> strings() throws TraceFormatException {
            List<String> list = new ArrayList<>();
            if (!take('[')) {
                throw damaged();
            }
            while (!take(']')) {
                list.add(string());
            }
            return list;
        }

        private long[] numbers() throws TraceFormatException {
            long[] list = new long[64];
            int n = 0;
            if (!take('[')) {
                throw damaged();
            }
            while (!take(']')) {
                if (n == list.length) {
                    list = Arrays.copyOf(list, 2 * n);
                }
                list[n++] = number();
            }
            return Arrays.copyOf(list, n);
        }

        private List<long[]> lists() throws TraceFormatException {
            List<long[]> all = new ArrayList<>();
            if (!take('[')) {
                throw damaged();
            }
            while (!take(']')) {
                all.add(numbers());
            }
            return all;
        }

        private void skip() throws TraceFormatException {
            int c = peek();
            if (c == '"') {
                string();
            } else if (c == '{' || c == '[') {
                at++;
                for (int depth = 1; depth > 0; ) {
                    int d = peek();
                    if (d == '"') {
                        string();
                        continue;
                    }
                    depth += d == '{' || d == '[' ? 1 : d == '}' || d == ']' ? -1 : 0;
                    at++;
                }
            } else {
                while (at < json.length && ",}]".indexOf(json[at]) < 0) {
                    at++; // a number, true, false, null
                }
            }
        }
    }
}
