package dev.jenny.bench.jdk;

import dev.jenny.bench.harness.Round;
import dev.jenny.bench.harness.VirtualThreads;
import dev.jenny.bench.harness.Work;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Blocking queues in place of channels: a SynchronousQueue for an unbuffered one, an
 * ArrayBlockingQueue for a buffered one. They cannot be closed: END stands for that.
 */
final class Queues {
    private static final Integer END = -1;

    private Queues() {}

    private static <T> BlockingQueue<T> queue(int capacity) {
        return capacity == 0 ? new SynchronousQueue<>() : new ArrayBlockingQueue<>(capacity);
    }

    static void pingPong(Round r) throws InterruptedException {
        BlockingQueue<Integer> ping = queue(0);
        BlockingQueue<Integer> pong = queue(0);
        Thread other =
                VirtualThreads.start(() -> {
                    for (Integer v = ping.take(); v >= 0; v = ping.take()) {
                        pong.put(v);
                    }
                });
        long n = r.ops();
        long sum = 0;
        for (long i = 0; i < n; i++) {
            ping.put((int) (i & 63));
            sum += pong.take();
        }
        ping.put(END);
        other.join();
        r.check("sum", Round.sum63(n), sum);
    }

    private static final class Token {
        long left;
    }

    static void ring(Round r) throws InterruptedException {
        int size = 503;
        AtomicLong winner = new AtomicLong();
        BlockingQueue<Token> first = queue(0);
        BlockingQueue<Token> in = first;
        VirtualThreads ended = new VirtualThreads();
        for (int i = 1; i <= size; i++) {
            BlockingQueue<Token> from = in;
            BlockingQueue<Token> to = i == size ? first : queue(0);
            int id = i;
            ended.add(() -> {
                boolean won = false;
                for (Token t = from.take(); t.left >= 0; t = from.take()) {
                    if (--t.left == 0) {
                        winner.set(id);
                        won = true;
                        t.left = -1; // the end goes round as the token did
                    }
                    to.put(t);
                }
                if (!won) {
                    Token end = new Token();
                    end.left = -1;
                    to.put(end);
                }
            });
            in = to;
        }
        Token t = new Token();
        t.left = r.ops();
        first.put(t);
        ended.join();
        r.check("the last one", (r.ops() - 1) % size + 1, winner.get());
    }

    static void spsc(Round r, int capacity) throws InterruptedException {
        BlockingQueue<Integer> queue = queue(capacity);
        long n = r.ops();
        Thread producer =
                VirtualThreads.start(() -> {
                    for (long i = 0; i < n; i++) {
                        queue.put((int) (i & 63));
                    }
                    queue.put(END);
                });
        long sum = 0;
        for (int v = queue.take(); v >= 0; v = queue.take()) {
            sum += v;
        }
        producer.join();
        r.check("sum", Round.sum63(n), sum);
    }

    static void mpmc(Round r, int producers, int capacity, boolean work)
            throws InterruptedException {
        BlockingQueue<Integer> queue = queue(capacity);
        int each = r.share(producers);
        AtomicLong sum = new AtomicLong();
        AtomicLong count = new AtomicLong();
        VirtualThreads sending = new VirtualThreads();
        VirtualThreads receiving = new VirtualThreads();
        for (int p = 0; p < producers; p++) {
            receiving.add(() -> {
                long s = 0;
                long c = 0;
                long x = 1;
                for (int v = queue.take(); v >= 0; v = queue.take()) {
                    s += v;
                    c++;
                    if (work) {
                        x = Work.microsecond(x);
                    }
                }
                sum.addAndGet(s);
                count.addAndGet(x == 0 ? 0 : c);
            });
            sending.add(() -> {
                long x = 1;
                for (int i = 0; i < each; i++) {
                    if (work) {
                        x = Work.microsecond(x);
                    }
                    queue.put(x == 0 ? 0 : i & 63);
                }
            });
        }
        sending.join();
        for (int p = 0; p < producers; p++) {
            queue.put(END);
        }
        receiving.join();
        r.check("count", r.ops(), count.get());
        r.check("sum", producers * Round.sum63(each), sum.get());
    }

    static void pairs(Round r, int capacity) throws InterruptedException {
        int pairs = 10_000;
        int each = r.share(pairs);
        AtomicLong sum = new AtomicLong();
        VirtualThreads threads = new VirtualThreads();
        for (int p = 0; p < pairs; p++) {
            BlockingQueue<Integer> queue = queue(capacity);
            threads.add(() -> {
                for (int i = 0; i < each; i++) {
                    queue.put(i & 63);
                }
                queue.put(END);
            });
            threads.add(() -> {
                long s = 0;
                for (int v = queue.take(); v >= 0; v = queue.take()) {
                    s += v;
                }
                sum.addAndGet(s);
            });
        }
        threads.join();
        r.check("sum", pairs * Round.sum63(each), sum.get());
    }

    static void chain(Round r) throws InterruptedException {
        int stages = 10_000;
        int values = r.share(stages);
        BlockingQueue<Integer> head = queue(0);
        BlockingQueue<Integer> in = head;
        for (int s = 1; s < stages; s++) {
            BlockingQueue<Integer> from = in;
            BlockingQueue<Integer> to = queue(0);
            VirtualThreads.start(() -> {
                Integer v;
                do {
                    v = from.take();
                    to.put(v);
                } while (v >= 0);
            });
            in = to;
        }
        VirtualThreads.start(() -> {
            for (int i = 0; i < values; i++) {
                head.put(i & 63);
            }
            head.put(END);
        });
        long sum = 0;
        for (int v = in.take(); v >= 0; v = in.take()) {
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
        BlockingQueue<Integer> first = queue(0);
        VirtualThreads.start(() -> {
            for (int i = 2; i < numbers.length; i++) {
                first.put(numbers[i]);
            }
            first.put(END);
        });
        BlockingQueue<Integer> in = first;
        long sum = 0;
        for (int i = 0; i < n; i++) {
            BlockingQueue<Integer> from = in;
            int prime = from.take();
            sum += prime;
            BlockingQueue<Integer> to = queue(0);
            VirtualThreads.start(() -> {
                Integer v;
                do {
                    v = from.take();
                    if (v % prime != 0) { // END goes through
                        to.put(v);
                    }
                } while (v >= 0);
            });
            in = to;
        }
        r.check("what is left", -1, in.take());
        r.stop();
        long expected = 0;
        for (int p : primes) {
            expected += p;
        }
        r.check("sum of primes", expected, sum);
    }

    /** There is no select: what one writes instead is one queue that all producers share. */
    static void among(Round r, int producers) throws InterruptedException {
        int each = r.share(producers);
        BlockingQueue<Integer> queue = queue(0);
        for (int p = 0; p < producers; p++) {
            VirtualThreads.start(() -> {
                for (int i = 0; i < each; i++) {
                    queue.put(i & 63);
                }
            });
        }
        long sum = 0;
        for (long i = r.ops(); i > 0; i--) {
            sum += queue.take();
        }
        r.check("sum", producers * Round.sum63(each), sum);
    }

    static void timeout(Round r, int capacity) throws InterruptedException {
        BlockingQueue<Integer> queue = queue(capacity);
        long n = r.ops();
        VirtualThreads.start(() -> {
            for (long i = 0; i < n; i++) {
                queue.put((int) (i & 63));
            }
        });
        long sum = 0;
        for (long i = 0; i < n; i++) {
            Integer v = queue.poll(1, TimeUnit.SECONDS);
            sum += v == null ? -1_000_000 : v;
        }
        r.check("sum", Round.sum63(n), sum);
    }

    static void nonBlocking(Round r) {
        BlockingQueue<Integer> a = queue(1);
        BlockingQueue<Integer> b = queue(1);
        long n = r.ops();
        long sum = 0;
        for (long i = 0; i < n; i++) {
            sum += poll(a, b);
        }
        r.check("defaults", n, sum);
        b.add(7);
        r.check("value", 7, poll(a, b));
    }

    private static int poll(BlockingQueue<Integer> a, BlockingQueue<Integer> b) {
        Integer v = a.poll();
        if (v == null) {
            v = b.poll();
        }
        return v == null ? 1 : v;
    }
}
