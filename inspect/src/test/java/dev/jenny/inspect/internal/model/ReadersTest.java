package dev.jenny.inspect.internal.model;

import static dev.jenny.Go.go;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.sync.Mutex;
import dev.jenny.sync.RWMutex;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Circles through the readers of an {@link RWMutex}, in JVMs of their own: whether readers are kept
 * is settled when the JVM starts.
 */
@Timeout(120)
class ReadersTest {
    static String run(Class<?> program, String debug) throws IOException, InterruptedException {
        Process p =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--add-opens",
                                "java.base/java.lang=ALL-UNNAMED",
                                "-Djenny.debug=" + debug,
                                "-cp",
                                System.getProperty("java.class.path"),
                                program.getName())
                        .redirectErrorStream(true)
                        .start();
        String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(p.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(p.exitValue()).as(out).isZero();
        return out;
    }

    private static void tell(Goroutine g) {
        List<WaitGraph.Cycle> cycles = Model.cycles();
        System.out.println(cycles.size() + " cycles");
        cycles.forEach(c -> System.out.println("unless " + c.unless() + "\n" + c.text()));
        Why why = Model.why(g.id());
        System.out.println(why == null ? "ended" : why.text());
        System.out.flush();
        System.exit(0); // nothing else ends it
    }

    /** A goroutine that reads waits for a mutex, whose holder waits to write. */
    static final class ReaderBehindWriter {
        public static void main(String[] args) throws InterruptedException {
            RWMutex rw = new RWMutex();
            Mutex mu = new Mutex();
            Chan<Integer> reads = Chan.make();
            Chan<Integer> locked = Chan.make();
            Goroutine reader =
                    go(() -> {
                        rw.rLock();
                        reads.send(1);
                        locked.recv();
                        mu.lock();
                        mu.unlock();
                        rw.rUnlock();
                    });
            Goroutine writer =
                    go(() -> {
                        reads.recv();
                        mu.lock();
                        locked.send(1);
                        rw.lock();
                        rw.unlock();
                        mu.unlock();
                    });
            Await.parked(reader, "sync.Mutex.Lock");
            Await.parked(writer, "sync.RWMutex.Lock");
            System.out.println("reader " + reader.id() + ", writer " + writer.id());
            tell(writer);
        }
    }

    @Test
    void a_reader_that_waits_for_what_the_writer_holds() throws Exception {
        assertThat(run(ReaderBehindWriter.class, "rwreaders=1"))
                .contains("1 cycles")
                .contains("unless somebody else unlocks one of the mutexes")
                .containsPattern(
                        "waits to write-lock sync.RWMutex#\\d+, held by goroutine \\d+, at ")
                .contains("1 reader holds sync.RWMutex#")
                .contains("; known is goroutine ")
                .contains("This is a deadlock, unless");
    }

    @Test
    void without_the_setting_nothing_is_guessed() throws Exception {
        assertThat(run(ReaderBehindWriter.class, ""))
                .contains("0 cycles")
                .contains("1 reader holds sync.RWMutex#")
                .contains("who they are is not kept")
                .contains("JENNYDEBUG=rwreaders=1")
                .doesNotContain("deadlock");
    }

    /** Readers that lock again behind a writer: one mistake, however many they are. */
    static final class ReadersThatLockAgain {
        public static void main(String[] args) throws InterruptedException {
            RWMutex rw = new RWMutex();
            Chan<Integer> reads = Chan.make();
            Chan<Integer> again = Chan.make();
            List<Goroutine> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                readers.add(
                        go(() -> {
                            rw.rLock();
                            reads.send(1);
                            again.recv();
                            rw.rLock();
                        }));
                reads.recv();
            }
            Goroutine writer = Await.parked(go(rw::lock), "sync.RWMutex.Lock");
            again.close();
            readers.forEach(g -> Await.parked(g, "sync.RWMutex.RLock"));
            tell(writer);
        }
    }

    @Test
    void readers_that_lock_again() throws Exception {
        assertThat(run(ReadersThatLockAgain.class, "rwreaders=1"))
                .contains("1 cycles")
                .contains("3 readers hold sync.RWMutex#")
                .contains("waits to read-lock sync.RWMutex#");
    }

    /** A read lock that another goroutine gives up: then nobody can tell who reads. */
    static final class UnlockedByAnother {
        public static void main(String[] args) throws InterruptedException {
            RWMutex rw = new RWMutex();
            Mutex mu = new Mutex();
            mu.lock();
            Chan<Integer> step = Chan.make();
            go(() -> {
                rw.rLock(); // and ends
                step.send(1);
            });
            step.recv();
            Goroutine reader =
                    go(() -> {
                        rw.rLock();
                        step.send(1);
                        mu.lock();
                    });
            step.recv();
            rw.rUnlock();
            Goroutine writer = Await.parked(go(rw::lock), "sync.RWMutex.Lock");
            Await.parked(reader, "sync.Mutex.Lock");
            tell(writer);
        }
    }

    @Test
    void once_somebody_unlocks_for_another_nothing_is_known() throws Exception {
        assertThat(run(UnlockedByAnother.class, "rwreaders=1"))
                .contains("0 cycles")
                .contains("1 reader holds sync.RWMutex#")
                .contains("not known");
    }

    /** A reader that goes on by itself holds up a writer, who is in no circle. */
    static final class ReaderThatSleeps {
        public static void main(String[] args) throws InterruptedException {
            RWMutex rw = new RWMutex();
            Chan<Integer> never = Chan.make();
            Goroutine reader =
                    Await.parked(
                            go(() -> {
                                rw.rLock();
                                never.recv();
                            }),
                            "chan receive");
            Goroutine writer = Await.parked(go(rw::lock), "sync.RWMutex.Lock");
            System.out.println("reader " + reader.id());
            tell(writer);
        }
    }

    @Test
    void a_reader_that_waits_for_something_else_is_named() throws Exception {
        String out = run(ReaderThatSleeps.class, "rwreaders=1");
        String reader = out.substring("reader ".length(), out.indexOf('\n'));
        assertThat(out)
                .contains("0 cycles")
                .contains("is held by goroutine " + reader + ", which waits itself: chan receive")
                .doesNotContain("deadlock");
    }

    /** Goroutines that take locks of all kinds, always in the same order: there is no deadlock. */
    static final class Busy {
        private static final int LOOKS = 100;
        private static final RWMutex RW = new RWMutex();
        private static final ReentrantLock LOCK = new ReentrantLock();
        private static final Object MONITOR = new Object();
        private static final Mutex MUTEX = new Mutex();
        private static volatile boolean over;

        private static void inner() throws Exception {
            LOCK.lock();
            try {
                synchronized (MONITOR) {
                    MONITOR.notifyAll();
                    MONITOR.wait(0, 100_000);
                    MUTEX.lock();
                    try {
                        Go.gosched();
                    } finally {
                        MUTEX.unlock();
                    }
                }
            } finally {
                LOCK.unlock();
            }
        }

        private static void work(int kind) throws Exception {
            while (!over) {
                Lock rw = kind % 2 == 0 ? RW.readLock() : RW.writeLock();
                rw.lock();
                try {
                    if (kind % 3 == 0) {
                        Go.async(
                                        () -> {
                                            inner();
                                            return 1;
                                        })
                                .get();
                    } else {
                        inner();
                    }
                } finally {
                    rw.unlock();
                }
            }
        }

        public static void main(String[] args) throws InterruptedException {
            List<Goroutine> workers = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                int kind = i;
                workers.add(go(() -> work(kind)));
            }
            for (int i = 0; i < LOOKS; i++) {
                List<WaitGraph.Cycle> cycles = Model.cycles();
                if (!cycles.isEmpty()) {
                    System.out.println(cycles);
                    System.exit(1);
                }
                Model.graph(Query.ALL, 100);
            }
            over = true;
            for (Goroutine g : workers) {
                g.join();
            }
        }
    }

    @Test
    void locks_taken_in_order_are_no_circle_however_busy() throws Exception {
        assertThat(run(Busy.class, "rwreaders=1")).isEmpty();
    }
}
