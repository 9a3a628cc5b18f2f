package dev.jenny.bench.jox;

import com.softwaremill.jox.Channel;
import com.softwaremill.jox.ChannelClosed;
import dev.jenny.bench.harness.Round;
import dev.jenny.bench.harness.VirtualThreads;
import dev.jenny.bench.harness.Work;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** Channels without select. */
final class Channels {
    private Channels() {}

    static <T> Channel<T> channel(int capacity) {
        return capacity == 0
                ? Channel.newRendezvousChannel()
                : Channel.newBufferedChannel(capacity);
    }

    static void pingPong(Round r) throws InterruptedException {
        Channel<Integer> ping = channel(0);
        Channel<Integer> pong = channel(0);
        Thread other =
                VirtualThreads.start(() -> {
                    for (; ; ) {
                        Object v = ping.receiveOrClosed();
                        if (v instanceof ChannelClosed) {
                            break;
                        }
                        pong.send((Integer) v);
                    }
                });
        long n = r.ops();
        long sum = 0;
        for (long i = 0; i < n; i++) {
            ping.send((int) (i & 63));
            sum += pong.receive();
        }
        ping.done();
        other.join();
        r.check("sum", Round.sum63(n), sum);
    }

    private static final class Token {
        long left;
    }

    static void ring(Round r) throws InterruptedException {
        int size = 503;
        AtomicLong winner = new AtomicLong();
        Channel<Token> first = channel(0);
        Channel<Token> in = first;
        VirtualThreads ended = new VirtualThreads();
        for (int i = 1; i <= size; i++) {
            Channel<Token> from = in;
            Channel<Token> to = i == size ? first : channel(0);
            int id = i;
            ended.add(() -> {
                boolean won = false;
                for (; ; ) {
                    Object v = from.receiveOrClosed();
                    if (v instanceof ChannelClosed) {
                        break;
                    }
                    Token t = (Token) v;
                    if (--t.left == 0) {
                        winner.set(id);
                        to.done(); // the end goes round as the token did
                        won = true;
                    } else {
                        to.send(t);
                    }
                }
                if (!won) {
                    to.done();
                }
            });
            in = to;
        }
        Token t = new Token();
        t.left = r.ops();
        first.send(t);
        ended.join();
        r.check("the last one", (r.ops() - 1) % size + 1, winner.get());
    }

    static void spsc(Round r, int capacity) throws InterruptedException {
        Channel<Integer> ch = channel(capacity);
        long n = r.ops();
        VirtualThreads.start(() -> {
            for (long i = 0; i < n; i++) {
                ch.send((int) (i & 63));
            }
            ch.done();
        });
        r.check("sum", Round.sum63(n), sum(ch));
    }

    /** Receives until the channel is done. */
    private static long sum(Channel<Integer> ch) throws InterruptedException {
        long sum = 0;
        for (; ; ) {
            Object v = ch.receiveOrClosed();
            if (v instanceof ChannelClosed) {
                return sum;
            }
            sum += (Integer) v;
        }
    }

    static void mpmc(Round r, int producers, int capacity, boolean work)
            throws InterruptedException {
        Channel<Integer> ch = channel(capacity);
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
                for (; ; ) {
                    Object v = ch.receiveOrClosed();
                    if (v instanceof ChannelClosed) {
                        break;
                    }
                    s += (Integer) v;
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
                    ch.send(x == 0 ? 0 : i & 63);
                }
            });
        }
        sending.join();
        ch.done();
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
            Channel<Integer> ch = channel(capacity);
            threads.add(() -> {
                for (int i = 0; i < each; i++) {
                    ch.send(i & 63);
                }
                ch.done();
            });
            threads.add(() -> sum.addAndGet(sum(ch)));
        }
        threads.join();
        r.check("sum", pairs * Round.sum63(each), sum.get());
    }

    static void chain(Round r) throws InterruptedException {
        int stages = 10_000;
        int values = r.share(stages);
        Channel<Integer> head = channel(0);
        Channel<Integer> in = head;
        for (int s = 1; s < stages; s++) {
            Channel<Integer> from = in;
            Channel<Integer> to = channel(0);
            VirtualThreads.start(() -> {
                for (; ; ) {
                    Object v = from.receiveOrClosed();
                    if (v instanceof ChannelClosed) {
                        break;
                    }
                    to.send((Integer) v);
                }
                to.done();
            });
            in = to;
        }
        VirtualThreads.start(() -> {
            for (int i = 0; i < values; i++) {
                head.send(i & 63);
            }
            head.done();
        });
        r.check("sum", Round.sum63(values), sum(in));
    }

    static void sieve(Round r) throws InterruptedException {
        int n = Math.toIntExact(r.ops());
        int[] primes = Work.primes(n);
        Integer[] numbers = new Integer[primes[n - 1] + 1]; // boxed before the clock starts
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i;
        }
        r.start();
        Channel<Integer> first = channel(0);
        VirtualThreads.start(() -> {
            for (int i = 2; i < numbers.length; i++) {
                first.send(numbers[i]);
            }
            first.done();
        });
        Channel<Integer> in = first;
        long sum = 0;
        for (int i = 0; i < n; i++) {
            Channel<Integer> from = in;
            int prime = from.receive();
            sum += prime;
            Channel<Integer> to = channel(0);
            VirtualThreads.start(() -> {
                for (; ; ) {
                    Object v = from.receiveOrClosed();
                    if (v instanceof ChannelClosed) {
                        break;
                    }
                    if ((Integer) v % prime != 0) {
                        to.send((Integer) v);
                    }
                }
                to.done();
            });
            in = to;
        }
        r.check("what is left", 1, in.receiveOrClosed() instanceof ChannelClosed ? 1 : 0);
        r.stop();
        long expected = 0;
        for (int p : primes) {
            expected += p;
        }
        r.check("sum of primes", expected, sum);
    }

    static void skynet(Round r) throws InterruptedException {
        int leaves = r.powerOfTen();
        Channel<Long> result = channel(0);
        VirtualThreads.start(() -> skynet(result, 0, leaves));
        r.check("sum", leaves * (leaves - 1L) / 2, result.receive());
    }

    private static void skynet(Channel<Long> out, long first, int size)
            throws InterruptedException {
        if (size == 1) {
            out.send(first);
            return;
        }
        Channel<Long> in = channel(0);
        int part = size / 10;
        for (int i = 0; i < 10; i++) {
            long start = first + (long) i * part;
            VirtualThreads.start(() -> skynet(in, start, part));
        }
        long sum = 0;
        for (int i = 0; i < 10; i++) {
            sum += in.receive();
        }
        out.send(sum);
    }

    static void parkedMemory(Round r) throws InterruptedException {
        int n = Math.toIntExact(r.ops());
        Channel<Integer> gate = channel(0);
        CountDownLatch started = new CountDownLatch(n);
        CountDownLatch ended = new CountDownLatch(n);
        AtomicLong count = new AtomicLong();
        long before = Work.liveBytes();
        long t0 = System.nanoTime();
        for (int i = 0; i < n; i++) {
            VirtualThreads.start(() -> {
                started.countDown();
                gate.receiveOrClosed();
                count.incrementAndGet();
                ended.countDown();
            });
        }
        started.await();
        r.nsPerOp((System.nanoTime() - t0) / (double) n);
        r.metric("bytes_per_op", (Work.liveBytes() - before) / (double) n);
        long t1 = System.nanoTime();
        gate.done();
        ended.await();
        r.metric("wake_ns_per_op", (System.nanoTime() - t1) / (double) n);
        r.check("count", n, count.get());
    }
}
