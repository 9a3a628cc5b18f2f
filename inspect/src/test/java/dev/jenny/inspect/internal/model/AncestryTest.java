package dev.jenny.inspect.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.inspect.internal.model.Ancestry.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AncestryTest {
    private final AncestryBuilder builder = new AncestryBuilder();

    private static Frame line(int n) {
        return new Frame("App.main", "App.java", n);
    }

    private void add(long id, long parent, int line, String status) {
        builder.add(id, parent, line(line), status, 10 * id);
    }

    /** The nodes, a line each: site line, count, all, omitted. */
    private static List<String> lines(Ancestry a) {
        List<String> lines = new ArrayList<>();
        a.roots().forEach(n -> lines(n, "", lines));
        return lines;
    }

    private static void lines(Node n, String indent, List<String> to) {
        Frame site = n.site();
        String name = n.ended() ? "ended" : site == null ? "main" : ":" + site.line();
        to.add(indent + name + " " + n.count() + " " + n.all() + " " + n.omitted());
        n.children().forEach(c -> lines(c, indent + "  ", to));
    }

    private static long inNodes(List<Node> nodes) {
        return nodes.stream().mapToLong(n -> n.count() + inNodes(n.children())).sum();
    }

    @Test
    void alikeGoroutinesOfAlikeCreatorsAreOneNode() {
        builder.add(1, 0, null, "running", 0);
        for (int conn = 10; conn < 15; conn++) {
            add(100 + conn, conn, 20, "chan receive"); // children may be seen before their parents
            add(200 + conn, conn, 21, conn < 12 ? "chan send" : "sleep");
            add(conn, 1, 9, "IO wait");
        }
        Ancestry a = builder.build(100, 0);
        assertThat(lines(a))
                .containsExactly("main 1 16 0", "  :9 5 15 0", "    :20 5 5 0", "    :21 5 5 0");
        Node senders = a.roots().getFirst().children().getFirst().children().get(1);
        assertThat(senders.states()).isEqualTo(Map.of("sleep", 3L, "chan send", 2L));
        assertThat(senders.states().keySet()).containsExactly("sleep", "chan send");
        assertThat(senders.goroutines()).containsExactly(210L, 211L, 212L, 213L, 214L);
        assertThat(senders.oldestNanos()).isEqualTo(2140);
        assertThat(a.omitted()).isZero();
    }

    @Test
    void whatEndedCreatorsLeftStandsTogether() {
        builder.add(1, 0, null, "running", 0);
        add(7, 3, 5, "sleep");
        add(8, 4, 5, "sleep");
        add(9, 8, 6, "chan send");
        assertThat(lines(builder.build(100, 0)))
                .containsExactly("main 1 1 0", "ended 0 3 0", "  :5 2 3 0", "    :6 1 1 0");
    }

    @Test
    void cyclesEnd() {
        add(1, 3, 1, "sleep");
        add(2, 1, 2, "sleep");
        add(3, 2, 3, "sleep");
        add(4, 4, 4, "sleep");
        Ancestry a = builder.build(100, 0);
        assertThat(inNodes(a.roots())).isEqualTo(4);
        assertThat(a.roots()).singleElement().matches(Node::ended);
    }

    @Test
    void creatorsOfWhatMatchesAreShownThoughTheyDoNot() {
        builder.add(1, 0, null, null, 0);
        builder.add(2, 1, line(5), null, 0);
        builder.add(3, 1, line(6), null, 0);
        builder.add(4, 2, line(7), "sleep", 0);
        Ancestry a = builder.build(100, 0);
        assertThat(lines(a)).containsExactly("main 0 1 0", "  :5 0 1 0", "    :7 1 1 0");
        assertThat(a.total()).isEqualTo(4);
        assertThat(a.matched()).isEqualTo(1);
    }

    @Test
    void theBiggestPartIsShownAndTheRestCounted() {
        builder.add(1, 0, null, "running", 0);
        long id = 1;
        for (int line = 1; line <= 30; line++) {
            for (int i = 0; i < line; i++) {
                add(++id, 1, line, "sleep");
            }
        }
        Ancestry a = builder.build(4, 0);
        int shown = 30 + 29 + 28;
        int rest = 30 * 31 / 2 - shown;
        assertThat(lines(a))
                .containsExactly(
                        "main 1 466 " + rest, "  :30 30 30 0", "  :29 29 29 0", "  :28 28 28 0");
        assertThat(a.omitted()).isEqualTo(rest);
    }

    /** Each goroutine starts the next: a tree as deep as there are goroutines. */
    @Test
    void aLongChainIsCutButCounted() {
        for (int i = 1; i <= 100_000; i++) {
            add(i, i - 1, i, "sleep");
        }
        Ancestry a = builder.build(10_000, 0);
        assertThat(inNodes(a.roots())).isEqualTo(AncestryBuilder.MAX_DEPTH);
        assertThat(a.omitted()).isEqualTo(100_000 - AncestryBuilder.MAX_DEPTH);
    }

    @Test
    void eachGoStatementElsewhereIsBounded() {
        for (int i = 1; i <= 100_000; i++) {
            add(i, 0, i, "sleep");
        }
        Ancestry a = builder.build(10_000, 0);
        assertThat(a.roots()).hasSize(10_000);
        assertThat(a.omitted()).isEqualTo(90_000);
    }

    @Test
    void goroutinesThatLive() throws Exception {
        Chan<Integer> go = Chan.make();
        List<Goroutine> started = new ArrayList<>();
        Goroutine parent =
                Go.go(() -> {
                    for (int i = 0; i < 3; i++) {
                        started.add(Go.go(go::recv));
                    }
                    go.recv();
                });
        Query query = Query.parse("site~AncestryTest reason:\"chan receive\"");
        Await.until(
                () -> Model.ancestry(query, 100).matched() == 4, "all goroutines wait to receive");
        Ancestry a = Model.ancestry(query, 100);
        Node top =
                a.roots().stream()
                        .filter(n -> n.goroutines().contains(parent.id()))
                        .findFirst()
                        .orElseThrow();
        assertThat(top.states()).isEqualTo(Map.of("chan receive", 1L));
        Node children = top.children().getFirst();
        assertThat(children.goroutines())
                .containsExactlyElementsOf(started.stream().map(Goroutine::id).toList());
        go.close();
        for (Goroutine g : started) {
            g.join();
        }
    }
}
