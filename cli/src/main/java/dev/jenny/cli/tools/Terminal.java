package dev.jenny.cli.tools;

import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The screen and the keys, by ANSI sequences and {@code stty}. What it changes is put back at the
 * end, also after Ctrl-C. Without {@code stty} the keys do nothing, and Ctrl-C ends.
 */
final class Terminal implements AutoCloseable {
    private static final File TTY = new File("/dev/tty");
    private static final int ESCAPE = 0x1b;
    private static final String ESC = "\u001b[";

    private final PrintStream out =
            new PrintStream(
                    new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    private final @Nullable String savedModes;
    private final @Nullable InputStream keys;
    private final Thread restore = new Thread(this::restore, "jenny-restore-terminal");
    private boolean restored;

    record Size(int rows, int columns) {}

    private Terminal(@Nullable String savedModes, @Nullable InputStream keys) {
        this.savedModes = savedModes;
        this.keys = keys;
    }

    /** Whether input and output are a terminal that understands ANSI sequences. */
    static boolean isThere() {
        String type = System.getenv("TERM");
        if (type == null || type.isEmpty() || type.equals("dumb")) {
            return false;
        }
        try {
            // System.console() says different things in different releases of the JDK
            return new ProcessBuilder("sh", "-c", "test -t 0 && test -t 1")
                            .inheritIO()
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Takes the screen over. */
    static Terminal open() {
        String modes = stty("-g");
        InputStream keys = null;
        if (modes != null) {
            try {
                keys = new FileInputStream(TTY);
                // A read returns after 0.1 s at the latest. Ctrl-C still works; Ctrl-Z would leave
                // the shell with our screen.
                stty("-icanon", "-echo", "min", "0", "time", "1", "susp", "undef");
            } catch (IOException e) {
                modes = null;
            }
        }
        Terminal terminal = new Terminal(modes, keys);
        Runtime.getRuntime().addShutdownHook(terminal.restore);
        // the other screen, no cursor, no wrapping of long lines
        terminal.out.print(ESC + "?1049h" + ESC + "?25l" + ESC + "?7l");
        terminal.out.flush();
        return terminal;
    }

    /** Fills the screen with these lines; what does not fit is left out. */
    void draw(List<String> lines, Size size) {
        StringBuilder screen = new StringBuilder(ESC).append('H');
        for (int i = 0; i < Math.min(lines.size(), size.rows()); i++) {
            screen.append(i == 0 ? "" : "\r\n").append(lines.get(i)).append(ESC).append("0K");
        }
        screen.append(ESC).append("0J");
        out.print(screen);
        out.flush();
    }

    /** A key that was hit within the time, or -1. */
    int key(long millis) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long left; (left = end - System.nanoTime()) > 0; ) {
            if (keys == null) {
                TimeUnit.NANOSECONDS.sleep(left);
            } else {
                int key = key(keys);
                if (key >= 0) {
                    return key;
                }
            }
        }
        return -1;
    }

    /**
     * A key with a character; -1 if there is none yet, or another: arrows, function keys and the
     * wheel of the mouse send sequences that end in a letter, which nobody has hit.
     */
    static int key(InputStream keys) throws IOException {
        int key = keys.read(); // -1 after 0.1 s: not the end
        if (key != ESCAPE) {
            return key;
        }
        int next = keys.read();
        if (next == 'O') {
            keys.read();
        } else if (next == '[') {
            do {
                next = keys.read();
            } while (next >= 0 && (next < '@' || next > '~'));
        }
        return -1;
    }

    /** Asked anew each time: windows change. */
    Size size() {
        String size = stty("size");
        if (size != null && size.matches("[1-9]\\d{0,4} [1-9]\\d{0,4}")) {
            String[] numbers = size.split(" ");
            return new Size(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
        }
        return new Size(24, 80);
    }

    @Override
    public void close() {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(restore);
        } catch (IllegalStateException e) {
            // the JVM is ending, and the hook has run
        }
    }

    private synchronized void restore() {
        if (!restored) {
            restored = true;
            out.print(ESC + "?7h" + ESC + "?25h" + ESC + "?1049l");
            out.flush();
            if (savedModes != null) {
                stty(savedModes);
            }
        }
    }

    private static @Nullable String stty(String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "stty";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectInput(TTY)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            String answer =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                            .strip();
            return process.waitFor() == 0 ? answer : null;
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
