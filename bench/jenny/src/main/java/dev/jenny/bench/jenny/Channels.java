package dev.jenny.bench.jenny;

import static dev.jenny.Go.go;

import dev.jenny.Chan;
import dev.jenny.bench.harness.Round;
import dev.jenny.bench.harness.Work;
import dev.jenny.sync.WaitGroup;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Channels without select. Values are small Integers, which Java does not allocate. */
final class Channels {
    private Channels() {}

    static void pingPong(Round r) throws InterruptedException {
        Chan<Integer> ping = Chan.make();
        Chan<Integer> pong = Chan.make();
        go(() -> {
            for (Integer v : ping) {
                pong.send(v);
            }
            pong.close();
        });
        long n = r.ops();
        long sum = 0;
        for (long i = 0; i < n; i++) {
            ping.send((int) (i & 63));
            sum += value(pong.recv());
        }
        ping.close();
        pong.recv();
        r.check("sum", Round.sum63(n), sum);
    }

    private static final class Token {
        long left;
    }

    static void ring(Round r) throws InterruptedException {
        int size = 503;
        Chan<Integer> winner = Chan.make(1);
        Chan<Token> first = Chan.make();
        Chan<Token> in = first;
        WaitGroup ended = new WaitGroup();
        for (int i = 1; i <= size; i++) {
            Chan<Token> from = in;
            Chan<Token> to = i == size ? first : Chan.make();
            int id = i;
            ended.go(() -> {
                boolean won = false;
                for (Token t : from) {
                    if (--t.left == 0) {
                        winner.send(id);
                        to.close(); // the end goes round as the token did
                        won = true;
                    } else {
                        to.send(t);
                    }
                }
                if (!won) {
                    to.close();
                }
            });
            in = to;
        }
        Token t = new Token();
        t.left = r.ops();
        first.send(t);
        ended.await();
        r.check("the last one", (r.ops() - 1) % size + 1, value(winner.recv()));
    }

    static void spsc(Round r, int capacity) throws InterruptedException {
        Chan<Integer> ch = Chan.make(capacity);
        long n = r.ops();
        go(() -> {
            for (long i = 0; i < n; i++) {
                ch.send((int) (i & 63));
            }
            ch.close();
        });
        long sum = 0;
        for (int v : ch) {
            sum += v;
        }
        r.check("sum", Round.sum63(n), sum);
    }

    static void mpmc(Round r, int producers, int capacity, boolean work)
            throws InterruptedException {
        Chan<Integer> ch = Chan.make(capacity);
        int each = r.share(producers);
        AtomicLong sum = new AtomicLong();
        AtomicLong count = new AtomicLong();
        WaitGroup sending = new WaitGroup();
        WaitGroup receiving = new WaitGroup();
        for (int p = 0; p < producers; p++) {
            receiving.go(() -> {
                long s = 0;
                long c = 0;
                long x = 1;
                for (int v : ch) {
                    s += v;
                    c++;
                    if (work) {
                        x = Work.microsecond(x);
                    }
                }
                sum.addAndGet(s);
                count.addAndGet(x == 0 ? 0 : c);
            });
            sending.go(() -> {
                long x = 1;
                for (int i = 0; i < each; i++) {
                    if (work) {
                        x = Work.microsecond(x);
                    }
                    ch.send(x == 0 ? 0 : i & 63);
                }
            });
        }
        sending.await();
        ch.close();
        receiving.await();
        r.check("count", r.ops(), count.get());
        r.check("sum", producers * Round.sum63(each), sum.get());
    }

    static void pairs(Round r, int capacity) throws InterruptedException {
        int pairs = 10_000;
        int each = r.share(pairs);
        AtomicLong sum = new AtomicLong();
        WaitGroup wg = new WaitGroup();
        for (int p = 0; p < pairs; p++) {
            Chan<Integer> ch = Chan.make(capacity);
            wg.go(() -> {
                for (int i = 0; i < each; i++) {
                    ch.send(i & 63);
                }
                ch.close();
            });
            wg.go(() -> {
                long s = 0;
                for (int v : ch) {
                    s += v;
                }
                sum.addAndGet(s);
            });
        }
        wg.await();
        r.check("sum", pairs * Round.sum63(each), sum.get());
    }

    static void chain(Round r) throws InterruptedException {
        int stages = 10_000;
        int values = r.share(stages);
        Chan<Integer> head = Chan.make();
        Chan<Integer> in = head;
        for (int s = 1; s < stages; s++) {
            Chan<Integer> from = in;
            Chan<Integer> to = Chan.make();
            go(() -> {
                for (Integer v : from) {
                    to.send(v);
                }
                to.close();
            });
            in = to;
        }
        go(() -> {
            for (int i = 0; i < values; i++) {
                head.send(i & 63);
            }
            head.close();
        });
        long sum = 0;
        for (int v : in) {
            sum += v;
        }
        r.check("sum", Round.sum63(values), sum);
    }

    static void sieve(Round r) throws InterruptedException {
        int n = Math.toIntExact(r.ops());
        int[] primes = Work.primes(n);
        Integer[] numbers = new Integer[primes[n - 1] + 1]; // boxed before the clock starts
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i;
        }
        r.start();
        Chan<Integer> first = Chan.make();
        go(() -> {
            for (int i = 2; i < numbers.length; i++) {
                first.send(numbers[i]);
            }
            first.close();
        });
        Chan<Integer> in = first;
        long sum = 0;
        for (int i = 0; i < n; i++) {
            Chan<Integer> from = in;
            int prime = value(from.recv());
            sum += prime;
            Chan<Integer> to = Chan.make();
            go(() -> {
                for (Integer v : from) {
                    if (v % prime != 0) {
                        to.send(v);
                    }
                }
                to.close();
            });
            in = to;
        }
        r.check("what is left", 1, in.recv() == null ? 1 : 0);
        r.stop();
        long expected = 0;
        for (int p : primes) {
            expected += p;
        }
        r.check("sum of primes", expected, sum);
    }

    /** A null here is a bug of the channel: the check must not take it for a value. */
    static int value(@Nullable Integer v) {
        if (v == null) {
            throw new AssertionError("closed too early");
        }
        return v;
    }
}
