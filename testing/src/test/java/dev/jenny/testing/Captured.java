package dev.jenny.testing;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What is written to standard error until it is closed. */
final class Captured implements AutoCloseable {
    private final PrintStream before = System.err;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private Captured() {}

    static Captured standardError() {
        Captured c = new Captured();
        System.setErr(new PrintStream(c.bytes, true, StandardCharsets.UTF_8));
        return c;
    }

    String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        System.setErr(before);
    }
}
