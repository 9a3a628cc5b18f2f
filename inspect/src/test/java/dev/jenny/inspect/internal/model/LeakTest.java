package dev.jenny.inspect.internal.model;

import static dev.jenny.Go.go;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.Goroutine;
import dev.jenny.RecvChan;
import dev.jenny.Select;
import dev.jenny.Task;
import dev.jenny.context.Context;
import dev.jenny.internal.event.BlockProfile;
import dev.jenny.internal.sched.Probe;
import dev.jenny.sync.Cond;
import dev.jenny.sync.Mutex;
import dev.jenny.sync.RWMutex;
import dev.jenny.sync.Semaphore;
import dev.jenny.sync.WaitGroup;
import dev.jenny.time.Ticker;
import dev.jenny.time.Timer;
import dev.jenny.time.Timers;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Seeded leaks must all be found, and nothing else. */
class LeakTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final int EACH = 3;

    /** What the live goroutines hang on. */
    private static final List<Object> ROOTS = new ArrayList<>();

    private static volatile boolean spinning;

    /** Starts goroutines and gives their numbers; keeps nothing of what they wait on. */
    private interface Seed {
        long[] plant() throws Exception;
    }

    private static long id(Task t) {
        return Await.parked(go(t)).id();
    }

    private static long[] ids(long... ids) {
        return ids;
    }

    @BeforeEach
    void clearWhatOthersLeaked() {
        Model.leaks();
    }

    @AfterEach
    void letGo() {
        LeakWatch.stop();
        spinning = false;
        ROOTS.clear();
    }

    private static Map<String, Seed> leaks() {
        Map<String, Seed> m = new LinkedHashMap<>();
        m.put(
                "receive, nobody sends",
                () -> {
                    Chan<Integer> ch = Chan.make();
                    return ids(id(ch::recv));
                });
        m.put(
                "receive, after yields",
                () -> {
                    Chan<Integer> ch = Chan.make();
                    return ids(
                            id(() -> {
                                for (int i = 0; i < 10; i++) {
                                    Go.gosched();
                                }
                                ch.recv();
                            }));
                });
        m.put(
                "send, nobody receives",
                () -> {
                    Chan<Integer> ch = Chan.make();
                    return ids(id(() -> ch.send(1)));
                });
        m.put(
                "send to a full buffer",
                () -> {
                    Chan<Integer> ch = Chan.make(1);
                    ch.send(0);
                    return ids(id(() -> ch.send(1)));
                });
        m.put(
                "range over a channel that nobody closes",
                () -> {
                    Chan<Integer> ch = Chan.make();
                    return ids(
                            id(() -> {
                                for (int i : ch) {
                                    assertThat(i).isZero();
                                }
                            }));
                });
        m.put(
                "select on null channels",
                () ->
                        ids(
                                id(() -> {
                                    RecvChan<Integer> none = null;
                                    Select.<Void>select(Select.onRecv(none, v -> {}));
                                })));
        m.put(
                "select on two channels",
                () -> {
                    Chan<Integer> a = Chan.make();
                    Chan<Integer> b = Chan.make();
                    return ids(
                            id(() ->
                                    Select.<Void>select(
                                            Select.onRecv(a, v -> {}),
                                            Select.onSend(b, 1, () -> {}))));
                });
        m.put(
                "select on one channel",
                () -> {
                    Chan<Integer> a = Chan.make();
                    return ids(id(() -> Select.<Void>select(Select.onRecv(a, v -> {}))));
                });
        m.put(
                "WaitGroup without done",
                () -> {
                    WaitGroup wg = new WaitGroup();
                    wg.add(1);
                    return ids(id(wg::await));
                });
        m.put(
                "Mutex locked twice",
                () -> {
                    Mutex mu = new Mutex();
                    mu.lock();
                    return ids(id(mu::lock));
                });
        m.put(
                "RWMutex read-locked and then locked",
                () -> {
                    RWMutex mu = new RWMutex();
                    mu.rLock();
                    return ids(id(mu::lock), id(mu::rLock));
                });
        m.put(
                "Cond without signal",
                () -> {
                    Mutex mu = new Mutex();
                    Cond c = new Cond(mu);
                    return ids(
                            id(() -> {
                                mu.lock();
                                c.await();
                            }));
                });
        m.put(
                "Semaphore without release",
                () -> {
                    Semaphore s = new Semaphore(1);
                    s.acquire();
                    return ids(id(s::acquire));
                });
        m.put(
                "ReentrantLock of a goroutine that has ended",
                () -> {
                    ReentrantLock lock = new ReentrantLock();
                    go(lock::lock).join();
                    return ids(id(lock::lock));
                });
        m.put(
                "CountDownLatch",
                () -> {
                    CountDownLatch latch = new CountDownLatch(1);
                    return ids(id(latch::await));
                });
        m.put(
                "BlockingQueue",
                () -> {
                    BlockingQueue<Integer> q = new LinkedBlockingQueue<>();
                    return ids(id(q::take));
                });
        m.put(
                "early return: the consumer takes one of three",
                () -> {
                    Chan<Integer> ch = Chan.make();
                    Goroutine producer =
                            go(() -> {
                                for (int i = 0; i < 3; i++) {
                                    ch.send(i);
                                }
                            });
                    assertThat(ch.recv()).isZero();
                    return ids(Await.parked(producer, "chan send").id());
                });
        m.put(
                "timeout: the worker answers too late",
                () -> {
                    Chan<Integer> answer = Chan.make();
                    Chan<Integer> gate = Chan.make();
                    Goroutine worker =
                            go(() -> {
                                gate.recv();
                                answer.send(42);
                            });
                    Select.<Void>select(
                            Select.onRecv(answer, v -> {}),
                            Select.onTimeout(Duration.ofMillis(1), () -> {}));
                    gate.send(1);
                    return ids(Await.parked(worker, "chan send").id());
                });
        m.put(
                "a chain: the channel is on the stack of a leaked goroutine",
                () -> {
                    Chan<Integer> a = Chan.make();
                    Chan<Integer> b = Chan.make();
                    long first = id(a::recv);
                    long second =
                            id(() -> {
                                b.recv();
                                a.send(1);
                            });
                    return ids(first, second);
                });
        m.put(
                "a circle of two",
                () -> {
                    Chan<Integer> a = Chan.make();
                    Chan<Integer> b = Chan.make();
                    long first =
                            id(() -> {
                                a.recv();
                                b.send(1);
                            });
                    long second =
                            id(() -> {
                                b.recv();
                                a.send(1);
                            });
                    return ids(first, second);
                });
        m.put(
                "a context that nobody cancels",
                () -> {
                    Context ctx = Context.background().withCancel();
                    return ids(id(() -> ctx.done().recv()));
                });
        m.put(
                "join of a leaked goroutine",
                () -> {
                    Chan<Integer> ch = Chan.make();
                    Goroutine g = Await.parked(go(ch::recv));
                    return ids(g.id(), id(g::join));
                });
        m.put(
                "a timer that was stopped",
                () -> {
                    Timer t = new Timer(LONG);
                    t.stop();
                    return ids(id(() -> t.c().recv()));
                });
        m.put(
                "a library's virtual thread",
                () -> {
                    Chan<Integer> ch = Chan.make();
                    Chan<Long> id = Chan.make();
                    Goroutine starter =
                            go(() ->
                                    Thread.startVirtualThread(() -> {
                                        try {
                                            id.send(Go.current().id());
                                            ch.recv();
                                        } catch (InterruptedException e) {
                                            throw new AssertionError(e);
                                        }
                                    }));
                    long child = id.recv();
                    starter.join(); // else it ends while the test counts
                    Await.parked(child, "chan receive");
                    return ids(child);
                });
        return m;
    }

    private static Map<String, Seed> live() {
        Map<String, Seed> m = new LinkedHashMap<>();
        m.put(
                "a channel in a static field",
                () -> {
                    Chan<Integer> ch = Chan.make();
                    ROOTS.add(ch);
                    return ids(
                            id(ch::recv),
                            id(() -> Select.<Void>select(Select.onRecv(ch, v -> {}))));
                });
        m.put(
                "a channel on the stack of a sleeper",
                () -> {
                    Chan<Integer> ch = Chan.make();
                    long receiver = id(ch::recv);
                    return ids(
                            receiver,
                            id(() -> {
                                Go.sleep(LONG);
                                ch.close();
                            }));
                });
        m.put(
                "a channel that a running goroutine has",
                () -> {
                    Chan<Integer> ch = Chan.make();
                    long receiver = id(ch::recv);
                    spinning = true;
                    go(() -> {
                        while (spinning) {
                            Go.gosched();
                        }
                        ch.close();
                    });
                    return ids(receiver);
                });
        m.put(
                "a channel that is the value in a live channel",
                () -> {
                    Chan<Chan<Integer>> outer = Chan.make(1);
                    Chan<Integer> inner = Chan.make();
                    outer.send(inner);
                    ROOTS.add(outer);
                    return ids(id(inner::recv));
                });
        m.put(
                "a select with a time limit",
                () -> {
                    Chan<Integer> ch = Chan.make();
                    return ids(
                            id(() ->
                                    Select.<Void>select(
                                            Select.onRecv(ch, v -> {}),
                                            Select.onTimeout(LONG, () -> {}))));
                });
        m.put(
                "a running timer and a ticker",
                () -> {
                    Timer t = new Timer(LONG);
                    Ticker k = new Ticker(LONG);
                    return ids(id(() -> t.c().recv()), id(() -> k.c().recv()));
                });
        m.put("a sleep", () -> ids(id(() -> Go.sleep(LONG)), id(() -> Thread.sleep(LONG))));
        m.put(
                "timed waits",
                () -> {
                    Semaphore s = new Semaphore(0);
                    Mutex mu = new Mutex();
                    mu.lock();
                    WaitGroup wg = new WaitGroup();
                    wg.add(1);
                    CountDownLatch latch = new CountDownLatch(1);
                    return ids(
                            id(() -> s.tryAcquire(1, LONG)),
                            id(() -> mu.tryLock(1, TimeUnit.HOURS)),
                            id(() -> wg.await(LONG)),
                            id(() -> latch.await(1, TimeUnit.HOURS)));
                });
        m.put(
                "a context with a deadline",
                () -> {
                    Context ctx = Context.background().withTimeout(LONG);
                    return ids(id(() -> ctx.done().recv()));
                });
        m.put(
                "a function that is to run later",
                () -> {
                    Chan<Integer> ch = Chan.make();
                    ROOTS.add(Timers.afterFunc(LONG, ch::close));
                    return ids(id(ch::recv));
                });
        m.put(
                "a mutex whose holder sleeps",
                () -> {
                    Mutex mu = new Mutex();
                    long holder =
                            id(() -> {
                                mu.lock();
                                Go.sleep(LONG);
                                mu.unlock();
                            });
                    return ids(holder, id(mu::lock));
                });
        m.put(
                "a wait group with a sleeping worker",
                () -> {
                    WaitGroup wg = new WaitGroup();
                    long worker = Await.parked(wg.go(() -> Go.sleep(LONG))).id();
                    return ids(worker, id(wg::await));
                });
        m.put(
                "a handle that is kept: somebody may interrupt",
                () -> {
                    Chan<Integer> ch = Chan.make();
                    Goroutine g = Await.parked(go(ch::recv));
                    ROOTS.add(g);
                    return ids(g.id());
                });
        m.put(
                "a join of a sleeper",
                () -> {
                    Goroutine sleeper = Await.parked(go(() -> Go.sleep(LONG)));
                    return ids(sleeper.id(), id(sleeper::join));
                });
        m.put(
                "input from a socket",
                () -> {
                    ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
                    Socket accepted = server.accept();
                    ROOTS.add(server);
                    ROOTS.add(client);
                    return ids(id(server::accept), id(() -> accepted.getInputStream().read()));
                });
        m.put(
                "an executor that is kept",
                () -> {
                    Chan<Integer> ch = Chan.make();
                    Chan<Long> id = Chan.make();
                    ExecutorService e = Go.executor();
                    ROOTS.add(e);
                    e.submit(() -> {
                        id.send(Go.current().id());
                        return ch.recv();
                    });
                    long g = id.recv();
                    Await.parked(g, "chan receive");
                    return ids(g);
                });
        m.put(
                "a live goroutine receives from the other end of a pipeline",
                () -> {
                    Chan<Integer> in = Chan.make();
                    Chan<Integer> out = Chan.make();
                    ROOTS.add(in);
                    long stage =
                            id(() -> {
                                for (int i : in) {
                                    out.send(i);
                                }
                            });
                    return ids(stage, id(out::recv));
                });
        m.put(
                "Object.wait on a live monitor",
                () -> {
                    Object monitor = new Object();
                    ROOTS.add(monitor);
                    return ids(
                            id(() -> {
                                synchronized (monitor) {
                                    monitor.wait();
                                }
                            }));
                });
        return m;
    }

    @Test
    void finds_every_leak_and_nothing_else() throws Exception {
        Map<Long, String> leaked = plant(leaks());
        Map<Long, String> alive = plant(live());
        int before = GoRuntime.numGoroutine();

        LeakReport r = Model.leaks();

        for (Map.Entry<Long, String> e : alive.entrySet()) {
            assertThat(Model.goroutine(e.getKey())).as("live: " + e.getValue()).isNotNull();
        }
        for (Map.Entry<Long, String> e : leaked.entrySet()) {
            assertThat(Model.goroutine(e.getKey())).as("leaked: " + e.getValue()).isNull();
        }
        assertThat(r.total()).isEqualTo(leaked.size());
        assertThat(r.checked()).isGreaterThanOrEqualTo(leaked.size() + alive.size() - 1);
        assertThat(r.leaks().stream().mapToLong(Leak::count).sum()).isEqualTo(leaked.size());
        assertThat(GoRuntime.numGoroutine()).isEqualTo(before - leaked.size());
        assertThat(r.leaks())
                .allSatisfy(l -> {
                    assertThat(l.reason()).isNotEmpty();
                    assertThat(l.stack()).isNotEmpty();
                    assertThat(l.goroutines()).isNotEmpty().allMatch(leaked::containsKey);
                    assertThat(leaked).containsKey(l.stackOf());
                });
        assertThat(r.leaks())
                .extracting(Leak::reason)
                .contains(
                        "chan receive",
                        "chan send",
                        "select",
                        "select (no cases)",
                        "sync.WaitGroup.Wait",
                        "sync.Mutex.Lock",
                        "sync.Cond.Wait",
                        "semacquire",
                        "ReentrantLock.lock",
                        "CountDownLatch.await",
                        "Condition.await",
                        "Goroutine.join");

        LeakReport again = Model.leaks();
        assertThat(again.total()).as("found twice").isZero();
    }

    /** Goroutines that receive from channels that nobody else has. */
    private static Map<Long, String> plantReceives() throws Exception {
        return plant(
                Map.of(
                        "leak",
                        () -> {
                            Chan<Integer> ch = Chan.make();
                            return ids(id(ch::recv));
                        }));
    }

    @Test
    void a_search_by_label_leaves_the_leaks_of_others_alone() throws Exception {
        Seed seed =
                () -> {
                    Chan<Integer> ch = Chan.make();
                    return ids(id(ch::recv));
                };
        Go.withLabels("svc", "users", () -> plant(Map.of("mine", seed)));
        Go.withLabels("svc", "prices", () -> plant(Map.of("another's", seed)));
        LeakReport users = Model.leaks("svc", "users");
        assertThat(users.total()).isEqualTo(EACH);
        assertThat(users.checked()).isEqualTo(EACH);
        assertThat(users.leaks()).allMatch(l -> l.labels().equals(Map.of("svc", "users")));
        assertThat(Model.leaks("svc", "users").total()).isZero();
        assertThat(Model.leaks().total()).isEqualTo(EACH);
    }

    private static Map<Long, String> plant(Map<String, Seed> seeds) throws Exception {
        Map<Long, String> planted = new LinkedHashMap<>();
        for (int i = 0; i < EACH; i++) {
            for (Map.Entry<String, Seed> e : seeds.entrySet()) {
                for (long id : e.getValue().plant()) {
                    planted.put(id, e.getKey());
                }
            }
        }
        return planted;
    }

    @Test
    void survivors_go_on_as_before() throws Exception {
        Chan<Integer> ch = Chan.make();
        Chan<Integer> answers = Chan.make(100);
        for (int i = 0; i < 100; i++) {
            Await.parked(go(() -> answers.send(ch.recv() + 1)), "chan receive");
        }
        int before = GoRuntime.numGoroutine();
        assertThat(Model.leaks().total()).isZero();
        for (int i = 0; i < 100; i++) {
            ch.send(i);
        }
        int sum = 0;
        for (int i = 0; i < 100; i++) {
            sum += answers.recv();
        }
        assertThat(sum).isEqualTo(5050);
        Await.until(() -> GoRuntime.numGoroutine() == before - 100, "all have ended");
    }

    @Test
    void goroutines_that_come_and_go_during_searches_are_never_leaks() throws Exception {
        Chan<Integer> ch = Chan.make();
        spinning = true;
        WaitGroup wg = new WaitGroup();
        for (int i = 0; i < 4; i++) {
            wg.go(() -> {
                while (spinning) {
                    Goroutine g = go(() -> ch.recv());
                    ch.send(1);
                    g.join();
                }
            });
        }
        long leaks = 0;
        for (int i = 0; i < 10; i++) {
            leaks += Model.leaks().total();
        }
        spinning = false;
        wg.await();
        assertThat(leaks).isZero();
    }

    @Test
    void a_search_says_that_a_p_was_held_up() throws Exception {
        CountDownLatch runs = new CountDownLatch(1);
        spinning = true;
        Goroutine hog =
                go(() -> {
                    runs.countDown();
                    while (spinning) {
                        Thread.onSpinWait();
                    }
                });
        LeakReport r;
        try {
            runs.await();
            r = Model.leaks();
        } finally {
            spinning = false;
            hog.join();
        }
        assertThat(r.psHeldUp()).isEqualTo(1);
        assertThat(r.missed()).startsWith("A P was held up").contains("search again");
        StringBuilder text = new StringBuilder();
        Dumps.leaks(text, r);
        assertThat(text).contains(r.missed());
        assertThat(Model.leaks().missed()).as("it is free again").isEmpty();
    }

    @Test
    void a_search_in_vain_says_that_ps_were_held_up() {
        assertThatThrownBy(() -> LeakFinder.find(labels -> true, canary -> 2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("hold up Ps (2)");
    }

    @Test
    void a_search_in_vain_leaves_the_program_as_it_was() {
        Queue<Throwable> panics = new ConcurrentLinkedQueue<>();
        int before = GoRuntime.numGoroutine();
        GoRuntime.onPanic((g, e) -> panics.add(e));
        try {
            assertThatThrownBy(() -> LeakFinder.find(labels -> true, canary -> 0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("-XX:+DisableExplicitGC");
            Await.until(() -> GoRuntime.numGoroutine() == before, "the search's goroutine ends");
        } finally {
            GoRuntime.onPanic(null);
        }
        assertThat(panics).isEmpty();
        assertThat(Model.leaks().total()).isZero();
    }

    @Test
    void a_search_that_fails_leaves_the_program_as_it_was() {
        int before = GoRuntime.numGoroutine();
        assertThatThrownBy(() ->
                        LeakFinder.find(
                                labels -> true,
                                canary -> {
                                    throw new IllegalStateException("as if");
                                }))
                .hasMessage("as if");
        Await.until(() -> GoRuntime.numGoroutine() == before, "the search's goroutine ends");
        assertThat(Model.leaks().total()).isZero();
    }

    /** One looks for leaks when the heap is full. */
    @Test
    void a_search_that_runs_out_of_memory_halfway_holds_all_firmly_again() throws Exception {
        long[] leaked = new long[20];
        for (int i = 0; i < leaked.length; i++) {
            leaked[i] = id(() -> Chan.<Integer>make().recv());
        }
        int[] looked = {0};
        assertThatThrownBy(() ->
                        LeakFinder.find(
                                labels -> {
                                    if (++looked[0] > leaked.length / 2) {
                                        throw new OutOfMemoryError("as if");
                                    }
                                    return true;
                                },
                                canary -> 0))
                .isInstanceOf(OutOfMemoryError.class);
        Probe.forget(50_000_000);
        System.gc();
        for (long id : leaked) {
            assertThat(Model.goroutine(id)).as("goroutine " + id).isNotNull();
        }
        assertThat(Model.leaks().total()).isEqualTo(leaked.length);
    }

    /** Each pass made new ones, which kept the stacks that the pass had read. */
    @Test
    void what_notes_have_in_common_outlives_the_pass() {
        Chan<Integer> never = Chan.make();
        Goroutine first = Await.parked(go(never::recv));
        LeakNote.Book book = new LeakNote.Book();
        LeakNote stands = book.note(Probe.goroutine(first.id()));
        for (int pass = 0; pass < 3; pass++) {
            book = book.next();
            book.keep(stands);
        }
        LeakNote later = book.note(Probe.goroutine(first.id()));
        assertThat(later.kind()).isSameAs(stands.kind());
        LeakNote after = book.next().next().note(Probe.goroutine(first.id()));
        assertThat(after.kind()).as("forgotten with its last note").isNotSameAs(stands.kind());
        never.close();
    }

    /** Other tools look at goroutines all the time, and keep them for as long as they look. */
    @Test
    @Timeout(60)
    void a_look_at_the_wrong_moment_does_not_spoil_a_search() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Thread looker =
                Thread.ofPlatform()
                        .start(() -> {
                            AtomicReference<Probe.GView> seen = new AtomicReference<>();
                            while (seen.get() == null && !over.get()) {
                                Probe.goroutines(g -> {
                                    if (g.labels().containsKey("jenny-leak-canary")) {
                                        seen.set(g);
                                    }
                                });
                            }
                            for (long before = collections();
                                    collections() < before + 3 && !over.get(); ) {
                                Thread.onSpinWait();
                            }
                            Reference.reachabilityFence(seen);
                        });
        try {
            Map<Long, String> leaked = plantReceives();
            while (!leaked.isEmpty()) { // the looker may keep one of them for a whole search
                Model.leaks().goroutines().forEach(g -> leaked.remove(g.id()));
            }
        } finally {
            over.set(true);
            looker.join();
        }
    }

    private static long collections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum();
    }

    @Test
    @Timeout(60)
    void leaks_are_found_while_waits_are_recorded() throws Exception {
        BlockProfile.setRate(1);
        try {
            Map<Long, String> leaked = plant(leaks());
            LeakReport r;
            do {
                r = Model.leaks();
                r.goroutines().forEach(g -> leaked.remove(g.id()));
            } while (!leaked.isEmpty() && !r.missed().isEmpty()); // the machine is busy
            assertThat(leaked).isEmpty();
        } finally {
            BlockProfile.setRate(0);
        }
    }

    @Test
    void the_report_reads_like_a_dump() throws Exception {
        plant(
                Map.of(
                        "leak",
                        () -> {
                            Chan<Integer> ch = Chan.make();
                            long[] id = new long[1];
                            Go.withLabels("svc", "users", () -> id[0] = id(ch::recv));
                            return ids(id[0]);
                        }));
        StringBuilder b = new StringBuilder();
        Dumps.leaks(b, Model.leaks());
        assertThat(b)
                .startsWith("3 goroutines leaked, of ")
                .containsPattern(
                        "\\[x3\\] goroutine \\d+ \\[chan receive \\(leaked\\)(, .*)?\\] \\{svc: users\\}:\n")
                .contains("created by dev.jenny.inspect.internal.model.LeakTest.");
    }

    @Test
    void what_leaked_is_remembered_without_labels_when_there_are_too_many() {
        LeakHistory.Book book = new LeakHistory.Book();
        Frame site = new Frame("Shop.serve", "Shop.java", 7);
        int kinds = LeakHistory.Book.MAX_KINDS;
        for (int i = 0; i < kinds + 10; i++) {
            Map<String, String> labels = Map.of("request", "" + i);
            List<Frame> stack = List.of(site);
            Leak l = new Leak(2, "select", "", site, labels, 0, List.of(1L), stack, 1);
            book.add(new LeakReport(List.of(l), List.of(), 2, 2, 0, 0, 0));
        }
        LeakHistory known = book.now();
        assertThat(known.total()).isEqualTo(2 * (kinds + 10));
        assertThat(known.leaks()).hasSize(kinds + 1);
        assertThat(known.leaks())
                .filteredOn(l -> l.labels().isEmpty())
                .singleElement()
                .satisfies(l -> {
                    assertThat(l.count()).isEqualTo(20);
                    assertThat(l.stack()).isEmpty();
                });
    }

    @Test
    void reports_at_each_collection_in_reclaim_mode() throws Exception {
        long before = LeakHistory.now().total();
        BlockingQueue<LeakReport> reports = new LinkedBlockingQueue<>();
        LeakWatch.start(reports::add, TimeUnit.MILLISECONDS.toNanos(20));
        Map<Long, String> leaked = plantReceives();
        Chan<Integer> live = Chan.make();
        long survivor = id(live::recv);
        long found = 0;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (found < leaked.size() && System.nanoTime() < end) {
            System.gc();
            LeakReport r = reports.poll(300, TimeUnit.MILLISECONDS);
            if (r != null) {
                found += r.total();
                assertThat(r.leaks())
                        .flatExtracting(Leak::goroutines)
                        .allMatch(leaked::containsKey);
            }
        }
        assertThat(found).isEqualTo(leaked.size());
        assertThat(LeakHistory.now().total()).isEqualTo(before + found);
        assertThat(Probe.goroutine(survivor)).isNotNull();
        live.send(1);
        Await.until(() -> Probe.goroutine(survivor) == null, "the survivor ends");
        // the mode stays on: a search still works beside it
        plantReceives();
        long more = Model.leaks().total();
        while (more < EACH && System.nanoTime() < end) {
            LeakReport r = reports.poll(300, TimeUnit.MILLISECONDS);
            more += r == null ? 0 : r.total();
        }
        assertThat(more).isEqualTo(EACH);
        LeakWatch.stop();
        assertThat(Model.leaks().total()).isZero();
    }
}
