package dev.jenny.inspect.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Random queries: right ones mean what they should, and wrong ones are answered clearly. */
@Timeout(60)
class QueryRandomTest {
    private static final int ROUNDS = 50_000;

    private static final GoroutineInfo G =
            new GoroutineInfo(
                    17,
                    "waiting",
                    "chan receive",
                    12_300_000_000L,
                    new ObjectInfo("chan", 5, "chan#5[len=0, cap=16]"),
                    3,
                    new Frame("com.acme.Main.startWorkers", "Main.java", 42),
                    Map.of("svc", "users"),
                    "w-17",
                    99,
                    -1,
                    false,
                    List.of(new Frame("com.acme.Worker.run", "Worker.java", 7)));

    private static final List<String> TRUE_TERMS =
            List.of(
                    "id:17",
                    "state=waiting",
                    "age>10s",
                    "age<=1h30m",
                    "reason:\"chan receive\"",
                    "site~worker",
                    "site:Main.java:42",
                    "label.svc=users",
                    "object:chan#5",
                    "stack~Worker.run",
                    "p=-1",
                    "name!~x",
                    "chan",
                    "\"chan receive\"");

    private static final List<String> FALSE_TERMS =
            List.of(
                    "id!=17",
                    "state:running",
                    "age>1m",
                    "age:0s",
                    "reason~send",
                    "site:Main",
                    "label.svc!=users",
                    "label.none~a",
                    "object:sync.Mutex",
                    "stack~Nowhere",
                    "parent<3",
                    "nothing",
                    "\" or \"");

    private static final List<String> PIECES =
            List.of(
                    " ",
                    " ",
                    " ",
                    "(",
                    ")",
                    "-",
                    "!",
                    "not ",
                    "or ",
                    "and ",
                    "\"",
                    "\\",
                    ":",
                    "=",
                    "!=",
                    "~",
                    "!~",
                    "<",
                    "<=",
                    ">",
                    ">=",
                    "state",
                    "reason",
                    "age",
                    "site",
                    "id",
                    "label.",
                    "label.svc",
                    "stack",
                    "object",
                    "p",
                    "17",
                    "10s",
                    "1h30m",
                    "9e9",
                    "waiting",
                    "chan",
                    "\u00b5s",
                    "\ud83d\ude00",
                    "\u0000",
                    "\t",
                    "\n",
                    "*",
                    "%",
                    "[");

    /** A query and whether it lets {@link #G} through. */
    private record Expected(String text, boolean value) {}

    private static Expected query(Random random, int depth) {
        int kind = depth == 0 ? 0 : random.nextInt(6);
        switch (kind) {
            case 1 -> {
                Expected inner = query(random, depth - 1);
                String not = List.of("not ", "-", "!", "NOT ").get(random.nextInt(4));
                return new Expected(not + "(" + inner.text() + ")", !inner.value());
            }
            case 2 -> {
                Expected inner = query(random, depth - 1);
                return new Expected("( " + inner.text() + " )", inner.value());
            }
            case 3, 4 -> {
                Expected a = query(random, depth - 1);
                Expected b = query(random, depth - 1);
                String and = random.nextBoolean() ? " " : " and ";
                return new Expected(
                        "(" + a.text() + ")" + and + "(" + b.text() + ")", a.value() && b.value());
            }
            case 5 -> {
                Expected a = query(random, depth - 1);
                Expected b = query(random, depth - 1);
                return new Expected(a.text() + " or " + b.text(), a.value() || b.value());
            }
            default -> {
                boolean value = random.nextBoolean();
                List<String> terms = value ? TRUE_TERMS : FALSE_TERMS;
                return new Expected(terms.get(random.nextInt(terms.size())), value);
            }
        }
    }

    @Test
    void rightQueriesMeanWhatTheyShould() {
        Random random = new Random(4711);
        for (int i = 0; i < ROUNDS; i++) {
            Expected e = query(random, 4);
            assertThat(Query.parse(e.text()).test(G)).as(e.text()).isEqualTo(e.value());
        }
    }

    @Test
    void anythingIsReadOrAnsweredWithAPlace() {
        Random random = new Random(42);
        int read = 0;
        for (int i = 0; i < ROUNDS; i++) {
            String text =
                    IntStream.range(0, 1 + random.nextInt(12))
                            .mapToObj(n -> PIECES.get(random.nextInt(PIECES.size())))
                            .collect(Collectors.joining());
            try {
                Query.parse(text).test(G);
                read++;
            } catch (QueryException e) {
                assertThat(e.position()).as(text).isBetween(0, text.length());
                assertThat(e).hasMessageContaining(text).hasMessageEndingWith("^");
            }
        }
        assertThat(read).isBetween(ROUNDS / 100, ROUNDS - ROUNDS / 100); // both happen
    }

    @Test
    void anyCharacters() {
        Random random = new Random(7);
        for (int i = 0; i < ROUNDS; i++) {
            char[] chars = new char[random.nextInt(40)];
            for (int k = 0; k < chars.length; k++) {
                chars[k] = (char) random.nextInt(random.nextInt(4) == 0 ? 0x10000 : 0x80);
            }
            String text = new String(chars);
            try {
                Query.parse(text).test(G);
            } catch (QueryException e) {
                assertThat(e.position()).as(text).isBetween(0, text.length());
            }
        }
    }
}
