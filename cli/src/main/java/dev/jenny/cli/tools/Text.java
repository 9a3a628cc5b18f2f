package dev.jenny.cli.tools;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Text for a terminal. */
final class Text {
    private Text() {}

    /**
     * Labels, names and messages come from the program that is looked at, perhaps from its users:
     * they must not be able to write control sequences into the terminal.
     */
    static String clean(String text) {
        if (text.chars().noneMatch(Text::isControl)) {
            return text;
        }
        StringBuilder clean = new StringBuilder(text);
        for (int i = 0; i < clean.length(); i++) {
            if (isControl(clean.charAt(i))) {
                clean.setCharAt(i, '\ufffd');
            }
        }
        return clean.toString();
    }

    private static boolean isControl(int c) {
        return (c < ' ' && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0);
    }

    /** Prints a text of any length as it comes; stops early if nobody reads any more. */
    static void copy(InputStream from, PrintWriter to) throws IOException {
        Reader reader = new InputStreamReader(from, StandardCharsets.UTF_8);
        char[] buffer = new char[8192];
        char last = '\n';
        for (int n; (n = reader.read(buffer)) >= 0; ) {
            if (n > 0) {
                to.print(clean(new String(buffer, 0, n)));
                last = buffer[n - 1];
                if (to.checkError()) {
                    return;
                }
            }
        }
        if (last != '\n') {
            to.println();
        }
        to.flush();
    }

    /** As long as {@code width} at most; what is too long loses its beginning or its end. */
    static String fit(String text, int width, boolean keepEnd) {
        if (text.length() <= width) {
            return text;
        }
        if (width < 2) {
            return text.substring(0, Math.max(width, 0));
        }
        return keepEnd
                ? "…" + text.substring(text.length() - width + 1)
                : text.substring(0, width - 1) + "…";
    }

    /** Lines of {@code width} characters at most, if the words allow it. */
    static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.strip().split("\\s+")) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    /** 850ns, 12.3µs, 4.0ms, 1.5s, 12m05s, 3h07m, 2d04h. */
    static String duration(Duration duration) {
        long nanos;
        try {
            nanos = duration.toNanos();
        } catch (ArithmeticException e) {
            nanos = Long.MAX_VALUE;
        }
        if (nanos < 1_000) {
            return nanos + "ns";
        }
        if (nanos < 1_000_000) {
            return String.format(Locale.ROOT, "%.1fµs", Math.floor(nanos / 1e2) / 10);
        }
        if (nanos < 1_000_000_000) {
            return String.format(Locale.ROOT, "%.1fms", Math.floor(nanos / 1e5) / 10);
        }
        long seconds = nanos / 1_000_000_000;
        if (seconds < 60) {
            return String.format(Locale.ROOT, "%.1fs", Math.floor(nanos / 1e8) / 10);
        }
        if (seconds < 3600) {
            return String.format(Locale.ROOT, "%dm%02ds", seconds / 60, seconds % 60);
        }
        if (seconds < 86400) {
            return String.format(Locale.ROOT, "%dh%02dm", seconds / 3600, seconds / 60 % 60);
        }
        return String.format(Locale.ROOT, "%dd%02dh", seconds / 86400, seconds / 3600 % 24);
    }

    /** 999, 12.3k, 4.5M, 1.0G. */
    static String count(double n) {
        if (n < 1000) {
            return n == Math.rint(n)
                    ? String.valueOf((long) n)
                    : String.format(Locale.ROOT, "%.1f", n);
        }
        if (n < 999_950) {
            return String.format(Locale.ROOT, "%.1fk", n / 1e3);
        }
        if (n < 999_950_000) {
            return String.format(Locale.ROOT, "%.1fM", n / 1e6);
        }
        return String.format(Locale.ROOT, "%.1fG", n / 1e9);
    }

    /** A word as a shell takes it. */
    static String quoted(String word) {
        return word.matches("[A-Za-z0-9_@%+=:,./-]+")
                ? word
                : "'" + word.replace("'", "'\\''") + "'";
    }
}
