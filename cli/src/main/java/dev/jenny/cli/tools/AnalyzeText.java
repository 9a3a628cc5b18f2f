package dev.jenny.cli.tools;

import dev.jenny.inspect.internal.analyze.Finding;
import dev.jenny.inspect.internal.analyze.Report;
import dev.jenny.inspect.internal.model.Times;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** Prints what was found in a trace: the findings, then where the time went. */
final class AnalyzeText {
    private static final int WIDTH = 90;

    private final PrintWriter out;
    private final Report report;
    private final Links links;
    private final int top;

    AnalyzeText(PrintWriter out, Report report, Links links, int top) {
        this.out = out;
        this.report = report;
        this.links = links;
        this.top = top;
    }

    void print(TraceSource source, long events) {
        List<Finding> findings = report.findings();
        if (findings.isEmpty()) {
            out.println("nothing stands out");
        } else {
            findings.stream().limit(top).forEach(this::finding);
            out.print(findings.size() == 1 ? "1 finding" : findings.size() + " findings");
            int more = findings.size() - top;
            out.println(more > 0 ? ", " + more + " not shown: see --top=N" : "");
            out.println("to look at them: " + Text.clean(links.open()));
        }
        out.println();
        summary(source, events);
        ps();
        sites("CPU time", Report.Site::ran);
        sites("time runnable", Report.Site::ready);
        waits();
    }

    private void finding(Finding f) {
        out.printf(
                "%-6s %s%n", f.severity().text().toUpperCase(Locale.ROOT), Text.clean(f.title()));
        String who = f.site().isEmpty() ? "" : f.site();
        if (f.p() >= 0) {
            who += (who.isEmpty() ? "" : ", ") + "on P" + f.p();
        }
        text("who:  ", who);
        text(
                "when: ",
                "+%s to +%s".formatted(offset(f.from()), offset(f.to()))
                        + ", "
                        + Times.text(f.to() - f.from()));
        text("why:  ", f.cause());
        text("fix:  ", f.fix());
        f.evidence().forEach(e -> text("- ", e));
        out.println("       " + Text.clean(links.of(f)));
        out.println();
    }

    /** Seconds, to the microsecond: so exact that one finds it. */
    private String offset(long time) {
        return String.format(Locale.ROOT, "%.6fs", (time - report.from()) / 1e9);
    }

    private void text(String title, String text) {
        if (text.isEmpty()) {
            return;
        }
        String start = "       " + title;
        for (String line : Text.wrap(Text.clean(text), WIDTH - start.length())) {
            out.println(start + line);
            start = " ".repeat(start.length());
        }
    }

    private void summary(TraceSource source, long events) {
        Report r = report;
        out.println(
                "%s: %,d events in %s, %,d goroutines, %,d of them left at the end, GOMAXPROCS %d"
                        .formatted(
                                Text.clean(source.name()),
                                events,
                                Times.text(r.duration()),
                                r.goroutines(),
                                r.left(),
                                r.gomaxprocs()));
        out.println(
                r.dropped() == 0 && r.gaps() == 0
                        ? "events lost: none"
                        : "events lost: "
                                + (r.dropped() > 0 ? "%,d".formatted(r.dropped()) : "not counted")
                                + ", %,d gaps: times below are lower or higher for it"
                                        .formatted(r.gaps()));
        out.println(
                "from runnable to running: p50 %s, p99 %s, longest %s, of %,d starts"
                        .formatted(
                                Times.text(r.p50()),
                                Times.text(r.p99()),
                                Times.text(r.longest()),
                                r.starts()));
        if (r.paused() > 0) {
            out.println("paused for garbage collection: " + Times.text(r.paused()));
        }
        if (r.pausedOtherwise() > 0) {
            out.println("paused by the JVM for other things: " + Times.text(r.pausedOtherwise()));
        }
    }

    private void ps() {
        Table t = new Table("P", ">BUSY", ">RAN", ">HELD", ">SLICES");
        for (Report.P p : report.ps()) {
            t.row(
                    p.id(),
                    Math.round(100.0 * p.ran() / report.duration()) + "%",
                    Times.text(p.ran()),
                    p.held() == 0 ? "" : Times.text(p.held()),
                    "%,d".formatted(p.slices()));
        }
        print(t);
    }

    private void sites(String by, ToLongFunction<Report.Site> value) {
        List<Report.Site> sites =
                report.sites().stream()
                        .filter(s -> value.applyAsLong(s) > 0)
                        .sorted(Comparator.comparingLong(value).reversed())
                        .toList();
        if (sites.isEmpty()) {
            return;
        }
        Table t =
                new Table(
                        ">" + by.toUpperCase(Locale.ROOT),
                        ">GOROUTINES",
                        ">SLICES",
                        ">LONGEST WAIT",
                        "STARTED AT");
        for (Report.Site s : sites.subList(0, Math.min(top, sites.size()))) {
            t.row(
                    Times.text(value.applyAsLong(s)),
                    "%,d".formatted(s.seen()),
                    "%,d".formatted(s.slices()),
                    Times.text(s.longestReady()),
                    s.name());
        }
        print(t);
    }

    private record Row(Report.Site site, Report.Wait on) {}

    private void waits() {
        List<Row> rows =
                report.sites().stream()
                        .flatMap(s -> s.waits().stream().map(w -> new Row(s, w)))
                        .sorted(Comparator.comparingLong((Row r) -> -r.on().nanos()))
                        .toList();
        if (rows.isEmpty()) {
            return;
        }
        Table t = new Table(">TIME BLOCKED", ">TIMES", "ON", "AT", "STARTED AT");
        for (Row r : rows.subList(0, Math.min(top, rows.size()))) {
            t.row(
                    Times.text(r.on().nanos()),
                    "%,d".formatted(r.on().count()),
                    r.on().reason(),
                    r.on().place(),
                    r.site().name());
        }
        print(t);
    }

    private void print(Table t) {
        out.println();
        t.lines().forEach(out::println);
    }
}
