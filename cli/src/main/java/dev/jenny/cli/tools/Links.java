package dev.jenny.cli.tools;

import dev.jenny.inspect.internal.analyze.Finding;
import dev.jenny.inspect.internal.analyze.Report;
import dev.jenny.inspect.internal.trace.TraceFile;

/** Where a finding can be looked at. */
abstract class Links {
    /** A window is wider than what it shows, so that one sees what came before and after. */
    private static final int PAD = 4;

    private static final long LEAST = 2_000;
    private static final int PORT = 6061;

    /** What to do first so that the links work. */
    abstract String open();

    /** The address. */
    abstract String of(Finding f);

    /** Begin of the window around {@code f}, after the trace's start. */
    private static long begin(Finding f, long start) {
        return Math.max(0, f.from() - start - pad(f));
    }

    private static long end(Finding f, long start) {
        return f.to() - start + pad(f);
    }

    private static long pad(Finding f) {
        return Math.max(LEAST, (f.to() - f.from()) / PAD);
    }

    static Links of(TraceFile.Format format, TraceSource file, Report report) {
        return format == TraceFile.Format.GO
                ? new GoTool(file.name(), report.from())
                : new Dashboard("the dashboard of any program: 'Open a file'", "", "");
    }

    /** {@code go tool trace}, which takes a window of time. */
    private static final class GoTool extends Links {
        private final String file;
        private final long start;

        GoTool(String file, long start) {
            this.file = file;
            this.start = start;
        }

        @Override
        String open() {
            return "go tool trace -http=127.0.0.1:" + PORT + " " + Text.quoted(file);
        }

        @Override
        String of(Finding f) {
            return "http://127.0.0.1:%d/trace?view=proc&start=%d&end=%d"
                    .formatted(PORT, begin(f, start), end(f, start));
        }
    }

    /** The page Trace, which has a window of time and a goroutine in its address. */
    static final class Dashboard extends Links {
        private final String open;
        private final String url;
        private final String recording;

        /**
         * @param url the dashboard's address
         * @param recording the parameters that say which recording, each followed by {@code &}
         */
        Dashboard(String open, String url, String recording) {
            this.open = open;
            this.url = url;
            this.recording = recording;
        }

        @Override
        String open() {
            return open;
        }

        @Override
        String of(Finding f) {
            return "%s#/trace?%sa=%d&b=%d%s"
                    .formatted(
                            url,
                            recording,
                            begin(f, 0),
                            end(f, 0),
                            f.goroutine() == 0 ? "" : "&g=" + f.goroutine());
        }
    }
}
