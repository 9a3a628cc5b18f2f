package dev.jenny.cli.tools;

import dev.jenny.cli.UserError;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Standard output. A {@link PrintWriter} only tells that a write failed; this one also knows why,
 * so that a full disk is an error, and a pipe whose reader has seen enough is not.
 */
public final class StandardOutput extends PrintWriter {
    private final Sink sink;

    private StandardOutput(Sink sink, Charset charset) {
        super(sink, true, charset);
        this.sink = sink;
    }

    /** That of this process. */
    public static StandardOutput open() {
        return to(stream(), System.out.charset());
    }

    /**
     * Its bytes. A reader that has gone is a broken pipe, in whatever language the system says so.
     */
    static OutputStream stream() {
        return new FilterOutputStream(new FileOutputStream(FileDescriptor.out)) {
            @Override
            public void write(byte[] b, int off, int len) throws IOException {
                try {
                    out.write(b, off, len);
                } catch (IOException e) {
                    throw isPipe() ? new IOException("Broken pipe", e) : e;
                }
            }
        };
    }

    static StandardOutput to(OutputStream out, Charset charset) {
        return new StandardOutput(new Sink(out), charset);
    }

    private static final class Sink extends FilterOutputStream {
        @Nullable IOException failure;

        Sink(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] b, int off, int len) throws IOException {
            try {
                out.write(b, off, len);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
    }

    /**
     * Says so if not all has been written.
     *
     * @throws UserError unless all has been written, or nobody wanted to read it
     */
    void check() {
        IOException e = sink.failure;
        if (checkError() && e != null) {
            failed(e);
        }
    }

    /** A write to standard output has failed with {@code e}: an error unless nobody reads it. */
    static void failed(IOException e) {
        String why = String.valueOf(e.getMessage());
        if (!why.toLowerCase(Locale.ROOT).contains("pipe")) {
            throw new UserError(1, "cannot write to standard output: " + why);
        }
    }

    private static boolean isPipe() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/1"))
                    .toString()
                    .startsWith("pipe:");
        } catch (IOException | UnsupportedOperationException e) {
            return false; // not Linux
        }
    }
}
