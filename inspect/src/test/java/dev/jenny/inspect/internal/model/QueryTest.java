package dev.jenny.inspect.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryTest {
    private static final GoroutineInfo WORKER =
            new GoroutineInfo(
                    17,
                    "waiting",
                    "chan receive",
                    12_300_000_000L,
                    new ObjectInfo("chan", 5, "chan#5[len=0, cap=16]"),
                    3,
                    new Frame("com.acme.Main.startWorkers", "Main.java", 42),
                    Map.of("svc", "users", "tenant", "a b"),
                    "w-17",
                    99,
                    -1,
                    false,
                    List.of(new Frame("com.acme.Worker.run", "Worker.java", 7)));

    private static final GoroutineInfo RUNNING =
            new GoroutineInfo(
                    1, "running", "", 0, null, 0, null, Map.of(), "", 30, 1, false, List.of());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "state:waiting",
                "state:wait",
                "state=WAITING",
                "state!=running",
                "reason:\"chan receive\"",
                "reason~chan",
                "reason!~send",
                "age>10s",
                "age>=12300ms",
                "age<1m",
                "age<0.5h",
                "age>0m10s",
                "site~Workers",
                "site:com.acme.Main.startWorkers",
                "site:Main.java:42",
                "site:main.java",
                "site~main.java:42",
                "label.svc=users",
                "label.svc:users",
                "label.svc!=orders",
                "label.tenant=\"a b\"",
                "label.none=\"\"",
                "id:17",
                "id>16 id<18",
                "parent=3",
                "p:-1",
                "name~w-1",
                "object:chan",
                "object:chan#5",
                "object~cap=16",
                "object!=chan#6",
                "stack~Worker.run",
                "stack!~Other",
                "chan#5",
                "startWorkers",
                "\"chan receive\"",
                "state:waiting reason~chan age>10s site~Worker label.svc=users",
                "state:running or id:17",
                "not state:running",
                "-state:running",
                "!state:running",
                "(state:running or reason~chan) and id:17",
                "not (state:running or reason~send)",
                "id:1 or id:2 or id:17",
            })
    void lets_the_worker_through(String query) {
        assertThat(Query.parse(query).test(WORKER)).as(query).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "state:running",
                "state:runnable",
                "reason:chan",
                "reason~send",
                "age>13s",
                "age<=12.2s",
                "age:0s",
                "site~Nobody",
                "site:Main",
                "label.svc=orders",
                "label.svc!=users",
                "label.none~x",
                "id!=17",
                "id:17 id:18",
                "object:sync.Mutex",
                "object:chan#6",
                "stack~Nowhere",
                "nothing",
                "not id:17",
                "-id:17",
                "id:17 and not reason~chan",
                "id:1 or id:2 id:17",
            })
    void keeps_the_worker_out(String query) {
        assertThat(Query.parse(query).test(WORKER)).as(query).isFalse();
    }

    @Test
    void a_running_goroutine_has_no_object_site_or_labels() {
        assertThat(Query.parse("state:running p:1").test(RUNNING)).isTrue();
        assertThat(Query.parse("object:chan").test(RUNNING)).isFalse();
        assertThat(Query.parse("object!=chan").test(RUNNING)).isTrue();
        assertThat(Query.parse("site~Main").test(RUNNING)).isFalse();
        assertThat(Query.parse("label.svc=users").test(RUNNING)).isFalse();
        assertThat(Query.parse("age>1s").test(RUNNING)).isFalse();
    }

    @Test
    void an_empty_query_lets_everything_through() {
        assertThat(Query.parse(" ").isAll()).isTrue();
        assertThat(Query.parse("id:1").isAll()).isFalse();
        assertThat(Query.parse("id:1")).hasToString("id:1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "stat:waiting | 0 | no field 'stat'; fields: id, parent",
                "state:wating | 6 | no state 'wating'; states: running, runnable, waiting",
                "state:run | 6 | no state 'run'",
                "age>10 | 4 | '10' is not a time; write 500ms",
                "age>10x | 4 | '10x' is not a time",
                "age~10s | 4 | '~' compares texts",
                "id:x | 3 | 'x' is not a whole number",
                "site>5 | 5 | '>' compares numbers",
                "reason: | 7 | a value is missing after 'reason:'",
                "reason:\"chan | 7 | this quote is not closed",
                "(id:1 | 0 | this '(' is not closed",
                "id:1) | 4 | unexpected ')'",
                "id:1 or | 7 | a term is missing here",
                "not | 3 | a term is missing here",
                ":x | 0 | a field is missing before ':'",
                "label.=x | 0 | no field 'label.'",
                ") | 0 | a term is missing here",
                "id:17 () | 7 | a term is missing here",
                "not ) | 4 | a term is missing here",
            })
    void says_where_it_does_not_understand(String query, int position, String message) {
        assertThatThrownBy(() -> Query.parse(query))
                .isInstanceOf(QueryException.class)
                .hasMessageStartingWith(message)
                .hasMessageContaining("\n  " + query + "\n  " + " ".repeat(position) + "^")
                .extracting(e -> ((QueryException) e).position())
                .isEqualTo(position);
    }

    /** Reading and testing recurse; a request must not be able to use the stack up. */
    @Test
    void hasBounds() {
        assertThat(Query.parse("not ".repeat(50) + "id:17").test(WORKER)).isTrue();
        assertThat(Query.parse("(".repeat(50) + "id:17" + ")".repeat(50)).test(WORKER)).isTrue();
        assertThat(Query.parse("id:17 ".repeat(200)).test(WORKER)).isTrue();
        for (String open : List.of("(", "-", "!", "not ", "not(", "-(")) {
            assertThatThrownBy(() -> Query.parse(open.repeat(100_000)))
                    .isInstanceOf(QueryException.class)
                    .hasMessageStartingWith("more than 50 parentheses and nots in each other");
        }
        for (String more : List.of("a ", "a or ", "a and ", "id:1 not id:2 ", "(a) ")) {
            assertThatThrownBy(() -> Query.parse(more.repeat(100_000)))
                    .isInstanceOf(QueryException.class)
                    .hasMessageStartingWith("more than 200 terms");
        }
        assertThatThrownBy(() -> Query.parse("age>" + "9".repeat(1_000_000)))
                .isInstanceOf(QueryException.class)
                .hasMessageContaining("is not a time");
    }
}
