package dev.jenny.cli.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopViewTest {
    private static final String SAMPLE =
            """
            {"t":%d,"procs":2,"cpus":4,"live":1204,"running":2,"runnable":31,"waiting":1171,
             "created":%d,"gq":2,"timers":3,"sw":%d,"steals":%d,"handoffs":7,"wakes":0,
             "p50":1200,"p99":45000,"cpu":1.934,"heap":120000000,"heapMax":4000000000,"gcCount":3,
             "drops":{"events":5,"samples":0},
             "p":[{"id":0,"st":"running","g":17,"site":"App.work(App.java:20)","q":12,"next":1,"busy":0.98},
                  {"id":1,"st":"idle","g":0,"q":0,"next":0,"busy":0},
                  {"id":2,"st":"spare","g":0}]}
            """;

    private final TopView view =
            new TopView(
                    new Program(
                            ProcessHandle.current().pid(), 1, "t", null, "App.java", Path.of("x")));

    @Test
    void showsGaugesRatesAndHistory() {
        view.state(state(sample(0, 1000, 5000, 0), sample(500, 1500, 2_005_000, 1)));
        view.state(state(sample(500, 1500, 2_005_000, 1), sample(1500, 2700, 3_005_000, 5)));
        String screen = String.join("\n", view.lines(120));
        assertThat(screen)
                .contains("jenny top App.java (pid ", "custom scheduler")
                .contains(
                        "Goroutines  1,204   2 running   31 runnable   1,171 waiting   1.2k created/s")
                .contains("Run queues  15   global 2 ", "███")
                .contains("p50 1.2µs   p99 45.0µs")
                .contains("1.0M switches/s   4 steals/s   0 hand-offs/s")
                .contains("GOMAXPROCS 2 of 4 CPUs   1.93 cores used   heap 120.0MB of 4.0GB")
                .contains("5 events lost")
                .contains("0  running   98%     13  goroutine 17 App.work(App.java:20)")
                .contains("1  idle       0%      0")
                .doesNotContain("spare");
    }

    @Test
    void showsWhichGoStatementsCost() {
        assertThat(view.lines(100)).noneMatch(line -> line.contains("GO STATEMENT"));
        view.sites(
                JsonParser.parse(
                        """
                        {"windowNs":10000000000,"omitted":0,"sites":[
                        {"site":"App.serve(App.java:7)","cores":1.25,"startedPerS":57000,"started":1e6},
                        {"site":"App.tick(App.java:9)","cores":0,"startedPerS":12.8,"started":128}]}
                        """));
        assertThat(String.join("\n", view.lines(100)))
                .contains("CORES  STARTED/S  GO STATEMENT")
                .containsPattern("1\\.25 +57\\.0k  App\\.serve\\(App\\.java:7\\)")
                .containsPattern("0\\.00 +12\\.8  App\\.tick");
    }

    @Test
    void sortsAsToldAndBack() {
        view.groups(
                JsonParser.parse(
                        """
                        {"groups":[
                        {"count":1,"state":"waiting","reason":"select","site":"B","oldestNs":9,"totalNs":9},
                        {"count":5,"state":"running","reason":"","site":"A","oldestNs":0,"totalNs":0},
                        {"count":3,"state":"waiting","reason":"chan receive","site":"C","oldestNs":4,"totalNs":12}]}
                        """));
        assertThat(order()).containsExactly("A", "C", "B");
        assertThat(view.lines(100)).anyMatch(line -> line.contains("COUNT▼"));
        view.sort('c');
        assertThat(order()).containsExactly("B", "C", "A");
        assertThat(view.lines(100)).anyMatch(line -> line.contains("COUNT▲"));
        view.sort('o');
        assertThat(order()).containsExactly("B", "C", "A");
        view.sort('t');
        assertThat(order()).containsExactly("C", "B", "A");
        view.sort('s');
        assertThat(order()).containsExactly("C", "A", "B");
        view.sort('B');
        assertThat(order()).containsExactly("A", "B", "C");
        view.sort('x');
        assertThat(order()).containsExactly("A", "B", "C");
    }

    @Test
    void worksWithoutAnythingToShow() {
        assertThat(view.lines(40)).allMatch(line -> line.length() <= 40);
        view.state(JsonParser.parse("{}"));
        assertThat(String.join("\n", view.lines(80))).contains("Goroutines  -");
    }

    @Test
    void sparklines() {
        assertThat(Sparkline.of(List.of(0.0, 7.0, 3.5), 10)).isEqualTo("▁█▅");
        assertThat(Sparkline.of(List.of(9.0, 1.0, 2.0), 2)).isEqualTo("▅█");
        assertThat(Sparkline.of(List.of(0.0, 0.0), 5)).isEqualTo("▁▁");
        assertThat(Sparkline.of(List.of(), 5)).isEmpty();
    }

    private List<String> order() {
        List<String> lines = view.lines(100);
        return lines.subList(lines.size() - 3, lines.size()).stream()
                .map(line -> line.substring(line.length() - 1))
                .toList();
    }

    private static String sample(long millis, long created, long switches, long steals) {
        return SAMPLE.formatted(millis * 1_000_000, created, switches, steals);
    }

    private static JsonValue state(String... samples) {
        return JsonParser.parse(
                "{\"program\":{\"mode\":\"custom\"},\"samples\":[%s]}"
                        .formatted(String.join(",", samples)));
    }
}
