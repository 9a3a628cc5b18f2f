package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.pprof.Profile.Sample;
import dev.jenny.inspect.internal.pprof.Profile.ValueType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * Writes a profile in pprof's format, {@code profile.proto}, compressed with gzip. The field
 * numbers are those of that file.
 */
final class ProfileWriter {
    private static final long MAPPING = 1;

    private final Profile profile;
    private final Map<String, Integer> strings = new HashMap<>();
    private final Map<Frame, Long> locations = new HashMap<>();
    private final Map<String, Long> functions = new HashMap<>();
    private final Buffer stringTable = new Buffer();
    private final Buffer locationTable = new Buffer();
    private final Buffer functionTable = new Buffer();

    private ProfileWriter(Profile profile) {
        this.profile = profile;
    }

    /** Writes {@code profile}; {@code program} is shown as the name of the binary. */
    static void write(Profile profile, String program, OutputStream out) throws IOException {
        GZIPOutputStream zip = new GZIPOutputStream(out, 1 << 16);
        new ProfileWriter(profile).write(program, zip);
        zip.finish();
    }

    private void write(String program, OutputStream out) throws IOException {
        string(""); // by definition the first
        Buffer b = new Buffer();
        for (ValueType type : profile.types()) {
            b.message(1, valueType(type));
        }
        b.to(out);
        for (Sample sample : profile.samples()) {
            b.message(2, sample(sample));
            b.to(out);
        }
        Buffer mapping = new Buffer();
        mapping.number(1, MAPPING);
        mapping.number(5, string(program));
        for (int has = 7; has <= 10; has++) {
            mapping.number(has, 1); // functions, files, lines, inlined frames: nothing to look up
        }
        b.message(3, mapping);
        b.append(locationTable);
        b.append(functionTable);
        b.number(9, ChronoUnit.NANOS.between(Instant.EPOCH, profile.time()));
        b.number(10, profile.duration().toNanos());
        b.message(11, valueType(profile.periodType()));
        b.number(12, profile.period());
        for (String comment : profile.comments()) {
            b.element(13, string(comment));
        }
        String shown = profile.defaultType();
        if (shown != null) {
            b.number(14, string(shown));
        }
        b.append(stringTable);
        b.to(out);
    }

    private Buffer valueType(ValueType type) {
        Buffer b = new Buffer();
        b.number(1, string(type.type()));
        b.number(2, string(type.unit()));
        return b;
    }

    private Buffer sample(Sample sample) {
        Buffer ids = new Buffer();
        for (Frame frame : sample.stack()) {
            ids.varint(location(frame));
        }
        Buffer values = new Buffer();
        for (int i = 0; i < profile.types().size(); i++) {
            values.varint(sample.value(i));
        }
        Buffer b = new Buffer();
        b.message(1, ids);
        b.message(2, values);
        sample.labels()
                .forEach((key, value) -> {
                    Buffer label = new Buffer();
                    label.number(1, string(key));
                    label.number(2, string(value));
                    b.message(3, label);
                });
        sample.numbers()
                .forEach((key, value) -> {
                    Buffer label = new Buffer();
                    label.number(1, string(key));
                    label.number(3, value);
                    b.message(3, label);
                });
        return b;
    }

    private long location(Frame frame) {
        Long known = locations.get(frame);
        if (known != null) {
            return known;
        }
        long id = locations.size() + 1L;
        locations.put(frame, id);
        Buffer line = new Buffer();
        line.number(1, function(frame));
        line.number(2, frame.line());
        Buffer b = new Buffer();
        b.number(1, id);
        b.number(2, MAPPING);
        b.number(3, id); // Java has no addresses to show; pprof wants them to differ
        b.message(4, line);
        locationTable.message(4, b);
        return id;
    }

    private long function(Frame frame) {
        String path = path(frame);
        String key = frame.function() + '\n' + path;
        Long known = functions.get(key);
        if (known != null) {
            return known;
        }
        long id = functions.size() + 1L;
        functions.put(key, id);
        Buffer b = new Buffer();
        b.number(1, id);
        b.number(2, string(frame.function()));
        b.number(3, string(frame.function()));
        b.number(4, string(path));
        functionTable.message(5, b);
        return id;
    }

    /** The file with its package, so that {@code pprof -list -source_path} finds it. */
    private static String path(Frame frame) {
        String function = frame.function();
        int method = function.lastIndexOf('.');
        int simple = method < 0 ? -1 : function.lastIndexOf('.', method - 1);
        return simple < 0 || frame.file().isEmpty()
                ? frame.file()
                : function.substring(0, simple).replace('.', '/') + "/" + frame.file();
    }

    private int string(String text) {
        Integer known = strings.get(text);
        if (known != null) {
            return known;
        }
        int index = strings.size();
        strings.put(text, index);
        stringTable.bytes(6, text.getBytes(StandardCharsets.UTF_8));
        return index;
    }

    /** Protobuf's wire format, as far as it is needed here. */
    private static final class Buffer {
        private byte[] bytes = new byte[64];
        private int size;

        /** A field of type int64; 0 is the default and is left out. */
        void number(int field, long value) {
            if (value != 0) {
                element(field, value);
            }
        }

        /** An element of a repeated field of type int64. */
        void element(int field, long value) {
            varint((long) field << 3);
            varint(value);
        }

        void message(int field, Buffer message) {
            if (message.size > 0 || field != 1) {
                header(field, message.size);
                append(message);
            }
        }

        void bytes(int field, byte[] value) {
            header(field, value.length);
            append(value, value.length);
        }

        private void header(int field, int length) {
            varint(((long) field << 3) | 2);
            varint(length);
        }

        void varint(long value) {
            ensure(10);
            long v = value;
            while ((v & ~0x7FL) != 0) {
                bytes[size++] = (byte) ((v & 0x7F) | 0x80);
                v >>>= 7;
            }
            bytes[size++] = (byte) v;
        }

        void append(Buffer other) {
            append(other.bytes, other.size);
        }

        private void append(byte[] more, int length) {
            ensure(length);
            System.arraycopy(more, 0, bytes, size, length);
            size += length;
        }

        private void ensure(int more) {
            if (bytes.length - size < more) {
                bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
            }
        }

        void to(OutputStream out) throws IOException {
            out.write(bytes, 0, size);
            size = 0;
        }
    }
}
