package dev.jenny;

import static dev.jenny.Select.after;
import static dev.jenny.Select.otherwise;
import static dev.jenny.Select.recv;
import static dev.jenny.Select.select;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Select.Case;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Very many channel operations: rounds of random shape, in each of which goroutines send and
 * receive some 100,000 values. What was received must be what was sent: as many, with the same sum
 * and the same sum of hashes. A round that stands still for a minute has lost a wake-up.
 *
 * <p>{@code -Djenny.stress.ops=1000000000} does a billion operations, a send and a receive being
 * two. With {@code -Djenny.stress.state=FILE} it notes there how far it has come, and a run that
 * was ended goes on from there. {@code -Djenny.stress.seed=N} repeats the shapes of another run.
 *
 * <pre>{@code
 * ./mvnw -Pstress test -pl runtime -Dtest=ChanVolumeTest \
 *     -Djenny.stress.ops=1000000000 -Djenny.stress.state=target/volume
 * }</pre>
 */
@Tag("stress")
class ChanVolumeTest {
    private static final long OPS = Long.getLong("jenny.stress.ops", 6_000_000);
    private static final int VALUES = 100_000;
    private static final Long TIMEOUT = Long.MIN_VALUE;

    /** What a round looks like. */
    private record Shape(
            int channels,
            int capacity,
            int senders,
            int receivers,
            Way sending,
            Way receiving,
            boolean interrupts) {
        static Shape random(Random random) {
            int[] capacities = {0, 0, 1, 128};
            int[] workers = {1, 1, 2, 4, 30, 300};
            Way sending = Way.values()[random.nextInt(Way.values().length)];
            Way receiving = Way.values()[random.nextInt(Way.values().length)];
            if (!sending.waits() && !receiving.waits()) {
                receiving = Way.MIXED; // on an unbuffered channel they would never meet
            }
            return new Shape(
                    1 + random.nextInt(4),
                    capacities[random.nextInt(capacities.length)],
                    workers[random.nextInt(workers.length)],
                    workers[random.nextInt(workers.length)],
                    sending,
                    receiving,
                    random.nextInt(4) == 0);
        }
    }

    /** How values are sent or received. */
    private enum Way {
        PLAIN,
        TRY,
        SELECT,
        SELECT_OTHERWISE,
        SELECT_TIMEOUT,
        MIXED;

        boolean waits() {
            return this != TRY && this != SELECT_OTHERWISE;
        }

        Way pick() {
            return this == MIXED
                    ? values()[ThreadLocalRandom.current().nextInt(values().length - 1)]
                    : this;
        }
    }

    /** Adds up values in an order that does not matter. */
    private static final class Tally {
        private final AtomicLong count = new AtomicLong();
        private final AtomicLong sum = new AtomicLong();
        private final AtomicLong hashes = new AtomicLong();

        void add(long n, long s, long h) {
            count.addAndGet(n);
            sum.addAndGet(s);
            hashes.addAndGet(h);
        }

        @Override
        public String toString() {
            return count + " values, sum " + sum + ", hashes " + hashes;
        }
    }

    private static final class Round {
        private final Shape shape;
        private final List<Chan<Long>> channels = new ArrayList<>();
        private final Tally sent = new Tally();
        private final Tally received = new Tally();
        private final AtomicBoolean over = new AtomicBoolean();

        Round(Shape shape) {
            this.shape = shape;
            for (int i = 0; i < shape.channels; i++) {
                channels.add(Chan.make(shape.capacity));
            }
        }

        void run() throws InterruptedException {
            List<Thread> senders = new ArrayList<>();
            List<Thread> receivers = new ArrayList<>();
            for (int i = 0; i < shape.receivers; i++) {
                receivers.add(Go.go(this::receive).thread());
            }
            int each = VALUES / shape.senders;
            for (int i = 0; i < shape.senders; i++) {
                long first = (long) i * each;
                senders.add(Go.go(() -> send(first, each)).thread());
            }
            Thread interrupter = null;
            if (shape.interrupts) {
                List<Thread> all = new ArrayList<>(senders);
                all.addAll(receivers);
                interrupter = Thread.ofPlatform().start(() -> interrupt(all));
            }
            await(senders);
            channels.forEach(Chan::close);
            await(receivers);
            over.set(true);
            if (interrupter != null) {
                interrupter.join();
            }
            assertThat(sent.count.get()).as("%s", shape).isEqualTo((long) each * shape.senders);
            assertThat(received.toString()).as("%s", shape).isEqualTo(sent.toString());
            assertThat(channels).allMatch(Chan::isDrained);
        }

        private void await(List<Thread> threads) throws InterruptedException {
            for (Thread t : threads) {
                if (!t.join(Duration.ofMinutes(1))) {
                    throw new AssertionError(shape + " stands still\n" + GoRuntime.stack());
                }
            }
        }

        private void interrupt(List<Thread> all) {
            while (!over.get()) {
                all.get(ThreadLocalRandom.current().nextInt(all.size())).interrupt();
                LockSupport.parkNanos(100_000);
            }
        }

        private void send(long first, int n) {
            long sum = 0;
            long hashes = 0;
            for (long v = first; v < first + n; v++) {
                for (int tries = 1; !sendOnce(v); tries++) {
                    letOthersRun(tries);
                }
                sum += v;
                hashes += hash(v);
            }
            sent.add(n, sum, hashes);
        }

        /**
         * Yields, and now and then sleeps: in fallback mode goroutines that do nothing but yield
         * keep what a timer or an interrupt has woken from running, since the JDK's workers look at
         * their own queues first.
         */
        private static void letOthersRun(int tries) {
            if (tries % 64 == 0) {
                Thread.interrupted(); // what does not wait leaves it set, and then nothing sleeps
                LockSupport.parkNanos(20_000);
            } else {
                Go.gosched();
            }
        }

        private boolean sendOnce(Long v) {
            int i = ThreadLocalRandom.current().nextInt(channels.size());
            Chan<Long> a = channels.get(i);
            try {
                return switch (shape.sending.pick()) {
                    case PLAIN, MIXED -> {
                        a.send(v);
                        yield true;
                    }
                    case TRY -> a.trySend(v);
                    case SELECT -> select(sends(v, null));
                    case SELECT_OTHERWISE -> select(sends(v, otherwise(() -> false)));
                    case SELECT_TIMEOUT ->
                            select(sends(v, after(Duration.ofNanos(50_000), () -> false)));
                };
            } catch (InterruptedException e) {
                return false; // it has not happened
            }
        }

        private Case<Boolean>[] sends(Long v, Case<Boolean> last) {
            List<Case<Boolean>> cases = new ArrayList<>();
            channels.forEach(ch -> cases.add(Select.send(ch, v, () -> true)));
            return array(cases, last);
        }

        private void receive() {
            Case<Long>[] all = receives(null);
            Case<Long>[] withDefault = receives(otherwise(() -> TIMEOUT));
            Case<Long>[] withTimeout = receives(after(Duration.ofNanos(50_000), () -> TIMEOUT));
            long n = 0;
            long sum = 0;
            long hashes = 0;
            int tries = 0;
            while (!channels.stream().allMatch(Chan::isDrained)) {
                Chan<Long> a = channels.get(ThreadLocalRandom.current().nextInt(channels.size()));
                Long v;
                try {
                    v =
                            switch (shape.receiving.pick()) {
                                // blocked on one channel it would miss values on the others
                                case PLAIN, MIXED -> channels.size() == 1 ? a.recv() : select(all);
                                case TRY -> a.tryRecv();
                                case SELECT -> select(all);
                                case SELECT_OTHERWISE -> select(withDefault);
                                case SELECT_TIMEOUT -> select(withTimeout);
                            };
                } catch (InterruptedException e) {
                    continue;
                }
                if (v == null || v.equals(TIMEOUT)) {
                    letOthersRun(++tries);
                } else {
                    n++;
                    sum += v;
                    hashes += hash(v);
                }
            }
            received.add(n, sum, hashes);
        }

        private Case<Long>[] receives(Case<Long> last) {
            List<Case<Long>> cases = new ArrayList<>();
            channels.forEach(ch -> cases.add(recv(ch, v -> v)));
            return array(cases, last);
        }

        @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
        private static <R> Case<R>[] array(List<Case<R>> cases, Case<R> last) {
            if (last != null) {
                cases.add(last);
            }
            return cases.toArray(new Case[0]);
        }

        private static long hash(long v) {
            long h = (v ^ (v >>> 30)) * 0xBF58476D1CE4E5B9L;
            return h ^ (h >>> 27);
        }
    }

    @Test
    @Timeout(24 * 3600)
    void nothingIsLost() throws Exception {
        Path state = stateFile();
        long seed = Long.getLong("jenny.stress.seed", System.nanoTime());
        long done = 0;
        if (state != null && Files.exists(state)) {
            Properties p = new Properties();
            try (Reader r = Files.newBufferedReader(state)) {
                p.load(r);
            }
            seed = Long.parseLong(p.getProperty("seed"));
            done = Long.parseLong(p.getProperty("ops"));
        }
        long start = System.nanoTime();
        long said = start;
        long before = done;
        while (done < OPS) {
            Random random = new Random(seed + done);
            random.nextLong(); // seeds that are close give close first numbers
            Round round = new Round(Shape.random(random));
            try {
                round.run();
            } catch (AssertionError e) {
                throw new AssertionError("seed " + (seed + done) + ": " + e.getMessage(), e);
            }
            done += 2 * round.received.count.get();
            long now = System.nanoTime();
            if (now - said > 10_000_000_000L || done >= OPS) {
                said = now;
                note(state, seed, done);
                System.err.printf(
                        "channel operations: %,d of %,d, %d ns each, %s mode%n",
                        done, OPS, (now - start) / Math.max(1, done - before), GoRuntime.mode());
            }
        }
    }

    private static Path stateFile() {
        String file = System.getProperty("jenny.stress.state");
        return file == null ? null : Path.of(file + "-" + GoRuntime.mode() + ".properties");
    }

    private static void note(Path state, long seed, long done) throws IOException {
        if (state == null) {
            return;
        }
        Properties p = new Properties();
        p.setProperty("seed", String.valueOf(seed));
        p.setProperty("ops", String.valueOf(done));
        try (Writer w = Files.newBufferedWriter(state)) {
            p.store(w, "ChanVolumeTest: how far it has come");
        }
    }
}
