package dev.jenny.bench.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.Select.after;
import static dev.jenny.Select.otherwise;
import static dev.jenny.Select.recv;
import static dev.jenny.Select.select;

import dev.jenny.Chan;
import dev.jenny.Select.Case;
import dev.jenny.bench.harness.Round;
import dev.jenny.time.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Select. Cases are made once and used again where their values allow it, as the API recommends for
 * loops.
 */
final class Selects {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private Selects() {}

    /** Unbuffered channels with a producer each, and one goroutine that selects among them. */
    static void among(Round r, int channels) throws InterruptedException {
        int each = r.share(channels);
        List<Case<Integer>> list = new ArrayList<>();
        for (int p = 0; p < channels; p++) {
            Chan<Integer> ch = Chan.make();
            list.add(recv(ch, Channels::value));
            go(() -> {
                for (int i = 0; i < each; i++) {
                    ch.send(i & 63);
                }
            });
        }
        Case<Integer>[] cases = array(list);
        long sum = 0;
        for (long i = r.ops(); i > 0; i--) {
            sum += select(cases);
        }
        r.check("sum", channels * Round.sum63(each), sum);
    }

    static void timeout(Round r) throws InterruptedException {
        Chan<Integer> ch = Chan.make();
        long n = r.ops();
        go(() -> {
            for (long i = 0; i < n; i++) {
                ch.send((int) (i & 63));
            }
        });
        Case<Integer>[] cases =
                array(List.of(recv(ch, Channels::value), after(SECOND, () -> -1_000_000)));
        long sum = 0;
        for (long i = 0; i < n; i++) {
            sum += select(cases);
        }
        r.check("sum", Round.sum63(n), sum);
    }

    /** A timer channel of its own for each select: Go's time.After in a loop. */
    static void afterLoop(Round r) throws InterruptedException {
        Chan<Integer> ch = Chan.make(128);
        long n = r.ops();
        go(() -> {
            for (long i = 0; i < n; i++) {
                ch.send((int) (i & 63));
            }
        });
        Case<Integer> value = recv(ch, Channels::value);
        long sum = 0;
        for (long i = 0; i < n; i++) {
            sum += select(value, recv(Timers.after(SECOND), due -> -1_000_000));
        }
        r.check("sum", Round.sum63(n), sum);
    }

    static void nonBlocking(Round r) throws InterruptedException {
        Chan<Integer> a = Chan.make(1);
        Chan<Integer> b = Chan.make(1);
        Case<Integer>[] cases =
                array(
                        List.of(
                                recv(a, Channels::value),
                                recv(b, Channels::value),
                                otherwise(() -> 1)));
        long n = r.ops();
        long sum = 0;
        for (long i = 0; i < n; i++) {
            sum += select(cases);
        }
        r.check("defaults", n, sum);
        b.send(7);
        r.check("value", 7, select(cases));
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
    static Case<Integer>[] array(List<Case<Integer>> cases) {
        return cases.toArray(new Case[0]);
    }
}
