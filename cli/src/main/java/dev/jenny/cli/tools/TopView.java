package dev.jenny.cli.tools;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What {@code jenny top} shows, made of the answers of the server. For one thread. */
final class TopView {
    private static final int KEEP = 120;
    private static final int MOST_PS = 8;

    /** So many go statements are shown by what their goroutines cost. */
    static final int MOST_SITES = 5;

    private static final String GAP = "   ";

    /** The columns of the table of goroutines; the first letter is the key that sorts by it. */
    enum Column {
        COUNT(true),
        STATE(false),
        OLDEST(true),
        TOTAL(true),
        BY(false);

        final boolean number;

        Column(boolean number) {
            this.number = number;
        }

        char key() {
            return Character.toLowerCase(name().charAt(0));
        }

        private String title(Column sort, boolean reversed) {
            String title =
                    this == BY ? "BY (the go statement)" : this == TOTAL ? "TOTAL WAIT" : name();
            return (number ? ">" : "") + title + (this != sort ? "" : reversed ? "▲" : "▼");
        }

        private Comparator<JsonValue> order() {
            return switch (this) {
                case COUNT -> by("count");
                case OLDEST -> by("oldestNs");
                case TOTAL -> by("totalNs");
                case STATE -> Comparator.comparing(Goroutines::status);
                case BY -> Comparator.comparing(Goroutines::site);
            };
        }

        private static Comparator<JsonValue> by(String field) {
            return Comparator.comparingLong((JsonValue g) -> g.get(field).number(0)).reversed();
        }
    }

    private final Program program;
    private final Deque<JsonValue> samples = new ArrayDeque<>();
    private JsonValue state = new JsonValue(null);
    private JsonValue groups = new JsonValue(null);
    private JsonValue sites = new JsonValue(null);
    private Column sort = Column.COUNT;
    private boolean reversed;
    private String note = "";

    TopView(Program program) {
        this.program = program;
    }

    /** Takes over an answer of {@code /api/v1/state}. */
    void state(JsonValue state) {
        this.state = state;
        for (JsonValue sample : state.get("samples").list()) {
            if (samples.isEmpty() || time(sample) > time(samples.getLast())) {
                samples.addLast(sample);
                if (samples.size() > KEEP) {
                    samples.removeFirst();
                }
            }
        }
    }

    /** Takes over an answer of {@code /api/v1/goroutines?group=1}. */
    void groups(JsonValue groups) {
        this.groups = groups;
    }

    /** Takes over an answer of {@code /api/v1/sites}. */
    void sites(JsonValue sites) {
        this.sites = sites;
    }

    /** Something to tell at the end of the first line; "" for nothing. */
    void note(String note) {
        this.note = note;
    }

    /** Sorts by the column with this key, if there is one; the second time the other way round. */
    void sort(int key) {
        for (Column column : Column.values()) {
            if (column.key() == Character.toLowerCase(key)) {
                reversed = sort == column && !reversed;
                sort = column;
            }
        }
    }

    /** As many lines as there are, of {@code width} characters at most. */
    List<String> lines(int width) {
        List<String> lines = new ArrayList<>();
        lines.add(title());
        JsonValue now = samples.isEmpty() ? new JsonValue(null) : samples.getLast();
        lines.add("");
        lines.add(goroutines(now));
        lines.add(queues(now, width));
        lines.add(latency(now, width));
        lines.add(scheduler(now));
        lines.add(machine(now));
        lines.add("");
        lines.addAll(ps(now));
        lines.add("");
        List<String> busiest = busiest(width);
        if (!busiest.isEmpty()) {
            lines.addAll(busiest);
            lines.add("");
        }
        lines.addAll(table(width));
        lines.replaceAll(line -> Text.fit(line, width, false));
        return lines;
    }

    private String title() {
        String mode = state.get("program", "mode").string("");
        return "jenny top "
                + Text.clean(program.main())
                + " (pid "
                + program.pid()
                + "), up "
                + PsCommand.up(program)
                + (mode.isEmpty() ? "" : ", " + mode + " scheduler")
                + (note.isEmpty() ? "" : GAP + note);
    }

    private String goroutines(JsonValue now) {
        return "Goroutines  "
                + exact(now, "live")
                + GAP
                + exact(now, "running")
                + " running"
                + GAP
                + exact(now, "runnable")
                + " runnable"
                + GAP
                + exact(now, "waiting")
                + " waiting"
                + GAP
                + rate("created")
                + " created/s";
    }

    private String queues(JsonValue now, int width) {
        return "Run queues  "
                + Text.fit(
                                Text.count(queued(now))
                                        + GAP
                                        + "global "
                                        + count(now, "gq")
                                        + " ".repeat(40),
                                40,
                                false)
                        .replace('…', ' ')
                + Sparkline.of(history(TopView::queued), spark(width));
    }

    private String latency(JsonValue now, int width) {
        String figures = "p50 " + nanos(now, "p50") + GAP + "p99 " + nanos(now, "p99");
        return "Latency     "
                + Text.fit(figures + " ".repeat(40), 40, false).replace('…', ' ')
                + Sparkline.of(history(s -> s.get("p99").real(0)), spark(width));
    }

    private String scheduler(JsonValue now) {
        return "Scheduler   "
                + rate("sw")
                + " switches/s"
                + GAP
                + rate("steals")
                + " steals/s"
                + GAP
                + rate("handoffs")
                + " hand-offs/s"
                + GAP
                + rate("wakes")
                + " wake-ups/s"
                + GAP
                + count(now, "timers")
                + " timers";
    }

    private String machine(JsonValue now) {
        long lost = now.get("drops", "events").number(0) + now.get("drops", "samples").number(0);
        return "Machine     GOMAXPROCS "
                + count(now, "procs")
                + " of "
                + count(now, "cpus")
                + " CPUs"
                + GAP
                + String.format(Locale.ROOT, "%.2f", now.get("cpu").real(0))
                + " cores used"
                + GAP
                + "heap "
                + bytes(now, "heap")
                + " of "
                + bytes(now, "heapMax")
                + GAP
                + count(now, "gcCount")
                + " GCs"
                + (lost > 0 ? GAP + lost + " events lost" : "");
    }

    private List<String> ps(JsonValue now) {
        List<JsonValue> ps =
                now.get("p").list().stream()
                        .filter(p -> !p.get("st").string("").equals("spare"))
                        .toList();
        if (ps.isEmpty()) {
            return List.of();
        }
        Table table = new Table(">P", "STATE", ">BUSY", ">QUEUE", "RUNS");
        for (JsonValue p : ps.subList(0, Math.min(MOST_PS, ps.size()))) {
            long g = p.get("g").number(0);
            String held = p.get("held").string("");
            table.row(
                    p.get("id").string("?"),
                    p.get("st").string("?") + (held.isEmpty() ? "" : " " + held),
                    Math.round(p.get("busy").real(0) * 100) + "%",
                    p.get("q").number(0) + p.get("next").number(0),
                    g > 0 ? "goroutine " + g + " " + p.get("site").string("") : "");
        }
        List<String> lines = table.lines();
        if (ps.size() > MOST_PS) {
            lines.add((ps.size() - MOST_PS) + " more Ps");
        }
        return lines;
    }

    /** Whose goroutines run and come and go, though hardly one of them may live at a time. */
    private List<String> busiest(int width) {
        List<JsonValue> all = sites.get("sites").list();
        if (all.isEmpty()) {
            return List.of();
        }
        Table table = new Table(">CORES", ">STARTED/S", "GO STATEMENT");
        for (JsonValue site : all.subList(0, Math.min(MOST_SITES, all.size()))) {
            table.row(
                    String.format(Locale.ROOT, "%.2f", site.get("cores").real(0)),
                    Text.count(site.get("startedPerS").real(0)),
                    Text.fit(Goroutines.site(site), Math.max(20, width - 30), true));
        }
        return table.lines();
    }

    private List<String> table(int width) {
        String[] titles =
                Arrays.stream(Column.values())
                        .map(column -> column.title(sort, reversed))
                        .toArray(String[]::new);
        Table table = new Table(titles);
        List<JsonValue> sorted = new ArrayList<>(groups.get("groups").list());
        sorted.sort(reversed ? sort.order().reversed() : sort.order());
        for (JsonValue group : sorted) {
            table.row(
                    group.get("count").number(0),
                    Goroutines.status(group),
                    Goroutines.nanos(group.get("oldestNs").number(0)),
                    Goroutines.nanos(group.get("totalNs").number(0)),
                    Text.fit(Goroutines.site(group), Math.max(20, width - 50), true));
        }
        return table.lines();
    }

    private static double queued(JsonValue sample) {
        double queued = sample.get("gq").real(0);
        for (JsonValue p : sample.get("p").list()) {
            queued += p.get("q").real(0) + p.get("next").real(0);
        }
        return queued;
    }

    private List<Double> history(ToDoubleFunction<JsonValue> value) {
        return samples.stream().map(s -> (Double) value.applyAsDouble(s)).toList();
    }

    private static int spark(int width) {
        return Math.max(0, width - 52);
    }

    private static String count(JsonValue sample, String field) {
        JsonValue value = sample.get(field);
        return value.isNull() ? "-" : Text.count(value.real(0));
    }

    private static String exact(JsonValue sample, String field) {
        JsonValue value = sample.get(field);
        return value.isNull() ? "-" : String.format(Locale.ROOT, "%,d", value.number(0));
    }

    private static String bytes(JsonValue sample, String field) {
        JsonValue value = sample.get(field);
        return value.isNull() ? "-" : Text.count(value.real(0)) + "B";
    }

    private static String nanos(JsonValue sample, String field) {
        JsonValue value = sample.get(field);
        return value.isNull() ? "-" : Goroutines.nanos(value.number(0));
    }

    /** Per second, over the last second that is known. */
    private String rate(String field) {
        if (samples.isEmpty()) {
            return "-";
        }
        JsonValue last = samples.getLast();
        JsonValue first = last;
        for (JsonValue sample : samples.reversed()) {
            first = sample;
            if (time(last) - time(sample) >= 1e9) {
                break;
            }
        }
        double seconds = (time(last) - time(first)) / 1e9;
        if (seconds <= 0 || last.get(field).isNull()) {
            return "-";
        }
        double rate = (last.get(field).real(0) - first.get(field).real(0)) / seconds;
        return Text.count(rate < 10 ? Math.round(rate * 10) / 10.0 : Math.rint(rate));
    }

    private static double time(JsonValue sample) {
        return sample.get("t").real(0);
    }
}
