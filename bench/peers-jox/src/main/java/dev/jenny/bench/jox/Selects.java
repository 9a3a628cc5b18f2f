package dev.jenny.bench.jox;

import static com.softwaremill.jox.Select.defaultClause;
import static com.softwaremill.jox.Select.select;
import static com.softwaremill.jox.Select.selectWithin;

import com.softwaremill.jox.Channel;
import com.softwaremill.jox.SelectClause;
import dev.jenny.bench.harness.Round;
import dev.jenny.bench.harness.VirtualThreads;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** Select, with clauses made for each call as in Jox's documentation. */
final class Selects {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private Selects() {}

    static void among(Round r, int channels) throws InterruptedException {
        int each = r.share(channels);
        @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
        Channel<Integer>[] all = new Channel[channels];
        for (int p = 0; p < channels; p++) {
            Channel<Integer> ch = Channels.channel(0);
            all[p] = ch;
            VirtualThreads.start(() -> {
                for (int i = 0; i < each; i++) {
                    ch.send(i & 63);
                }
            });
        }
        long sum = 0;
        for (long i = r.ops(); i > 0; i--) {
            if (channels == 2) {
                sum += select(all[0].receiveClause(), all[1].receiveClause());
            } else {
                @SuppressWarnings({"unchecked", "rawtypes"})
                SelectClause<Integer>[] clauses = new SelectClause[channels];
                for (int c = 0; c < channels; c++) {
                    clauses[c] = all[c].receiveClause();
                }
                sum += select(clauses);
            }
        }
        r.check("sum", channels * Round.sum63(each), sum);
    }

    static void timeout(Round r, int capacity) throws InterruptedException {
        Channel<Integer> ch = Channels.channel(capacity);
        long n = r.ops();
        VirtualThreads.start(() -> {
            for (long i = 0; i < n; i++) {
                ch.send((int) (i & 63));
            }
        });
        long sum = 0;
        for (long i = 0; i < n; i++) {
            try {
                sum += selectWithin(SECOND, ch.receiveClause());
            } catch (TimeoutException e) {
                sum -= 1_000_000;
            }
        }
        r.check("sum", Round.sum63(n), sum);
    }

    static void nonBlocking(Round r) throws InterruptedException {
        Channel<Integer> a = Channels.channel(1);
        Channel<Integer> b = Channels.channel(1);
        long n = r.ops();
        long sum = 0;
        for (long i = 0; i < n; i++) {
            sum += select(a.receiveClause(), b.receiveClause(), defaultClause(1));
        }
        r.check("defaults", n, sum);
        b.send(7);
        r.check("value", 7, select(a.receiveClause(), b.receiveClause(), defaultClause(1)));
    }
}
