package dev.jenny.inspect.internal.trace;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The header of a trace of the dashboard.
 *
 * @param count how many events follow
 * @param procs GOMAXPROCS; 0 if the file does not tell
 * @param dropped how many older events were left out
 * @param start the moment from which times count
 * @param goroutines whose spawn sites are known
 * @param siteOf the index in {@code sites} for each of them, or -1
 */
record JtrcHeader(
        long count,
        int procs,
        long dropped,
        long start,
        List<String> types,
        List<String> reasons,
        List<String> sites,
        long[] goroutines,
        int[] siteOf) {
    static final JtrcHeader EMPTY =
            new JtrcHeader(0, 0, 0, 0, List.of(), List.of(), List.of(), new long[0], new int[0]);

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
            long count = -1;
            long procs = 0;
            long dropped = 0;
            long start = 0;
            List<String> types = List.of();
            List<String> reasons = List.of();
            List<String> sites = List.of();
            long[] ids = {};
            long[] siteOf = {};
            for (String name; !(name = member()).isEmpty(); ) {
                switch (name) {
                    case "count" -> count = number();
                    case "gomaxprocs" -> procs = number();
                    case "dropped" -> dropped = number();
                    case "start" -> start = number();
                    case "types" -> types = strings();
                    case "reasons" -> reasons = strings();
                    case "sites" -> sites = strings();
                    case "goroutines" -> {
                        for (String inner; !(inner = member()).isEmpty(); ) {
                            switch (inner) {
                                case "id" -> ids = numbers();
                                case "site" -> siteOf = numbers();
                                default -> skip();
                            }
                        }
                    }
                    default -> skip();
                }
            }
            if (count < 0 || count > MAX_COUNT || ids.length != siteOf.length) {
                throw damaged();
            }
            int[] small = new int[siteOf.length];
            for (int i = 0; i < small.length; i++) {
                small[i] = (int) siteOf[i];
            }
            int gomaxprocs = (int) Math.clamp(procs, 0, 1 << 16);
            return new JtrcHeader(
                    count, gomaxprocs, dropped, start, types, reasons, sites, ids, small);
        }

        private TraceFormatException damaged() {
            return new TraceFormatException(position + at, "the header is damaged");
        }

        private int peek() throws TraceFormatException {
            while (at < json.length && (json[at] <= ' ' || json[at] == ',' || json[at] == ':')) {
                at++;
            }
            if (at == json.length) {
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
            s.append(text(from, Math.min(at, json.length)));
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
