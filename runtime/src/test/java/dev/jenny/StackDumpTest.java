package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.support.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** GoRuntime.stack(): all goroutines, in the format of Go's dumps. */
@Timeout(60)
class StackDumpTest {
    private static final Pattern HEADER =
            Pattern.compile("goroutine (\\d+) \\[([^\\],]+)(, \\d+ minutes)?\\]:");

    private final List<Goroutine> started = new ArrayList<>();

    private Goroutine start(Task task) {
        Goroutine g =
                go(() -> {
                    try {
                        task.run();
                    } catch (InterruptedException e) {
                        // the end of the test
                    }
                });
        started.add(g);
        return g;
    }

    @AfterEach
    void endAll() throws InterruptedException {
        for (Goroutine g : started) {
            while (!g.thread().join(Duration.ofMillis(10))) {
                g.thread().interrupt();
            }
        }
    }

    /** The part of a dump about one goroutine; empty if it is not there. */
    private static String partOf(Goroutine g) {
        for (String part : GoRuntime.stack().split("\n\n")) {
            if (part.startsWith("goroutine " + g.id() + " ")) {
                return part;
            }
        }
        return "";
    }

    private static void awaitStatus(Goroutine g, String status) {
        String header = "goroutine " + g.id() + " [" + status + "]:";
        eventually(() -> partOf(g).startsWith(header));
    }

    /** A sleep leaves a permit to park, which is no wake-up for what waits for a notify. */
    @Test
    void whoWaitsForANotifyAfterASleepWaits() {
        Object monitor = new Object();
        Goroutine g =
                start(() -> {
                    Thread.sleep(1);
                    synchronized (monitor) {
                        monitor.wait();
                    }
                });
        eventually(() -> g.thread().getState() == Thread.State.WAITING);
        assertThat(partOf(g)).doesNotContain("[runnable]");
    }

    @Test
    void everyPartHasAHeaderFramesAndACreator() {
        Chan<Integer> ch = Chan.make();
        for (int i = 0; i < 5; i++) {
            awaitStatus(start(() -> wait(ch)), "chan receive");
        }
        String dump = GoRuntime.stack();
        assertThat(dump).endsWith("\n").doesNotContain("\n\n\n");
        long last = 0;
        int seen = 0;
        for (String part : dump.split("\n\n")) {
            List<String> lines = part.lines().toList();
            Matcher m = HEADER.matcher(lines.getFirst());
            assertThat(m.matches()).as(part).isTrue();
            long id = Long.parseLong(m.group(1));
            assertThat(id).as("in the order of their numbers").isGreaterThan(last);
            last = id;
            assertThat((lines.size() - 1) % 2).as(part).isZero();
            for (int i = 1; i < lines.size(); i += 2) {
                assertThat(lines.get(i)).doesNotStartWith("\t");
                assertThat(lines.get(i + 1)).startsWith("\t");
            }
            if (started.stream().anyMatch(g -> g.id() == id)) {
                seen++;
                assertThat(part)
                        .contains("\ndev.jenny.StackDumpTest.wait(...)\n\tStackDumpTest.java:")
                        .containsPattern("\ncreated by dev\\.jenny\\.StackDumpTest\\.start\n\tSta");
            }
        }
        assertThat(seen).isEqualTo(5);
    }

    private static void wait(Chan<Integer> ch) throws InterruptedException {
        ch.recv();
    }

    @Test
    void waitsInJennysPrimitivesHaveGosReasons() throws Exception {
        Chan<Integer> ch = Chan.make();
        awaitStatus(start(ch::recv), "chan receive");
        Chan<Integer> full = Chan.make();
        awaitStatus(start(() -> full.send(1)), "chan send");
        awaitStatus(start(() -> Select.select(Select.onRecv(ch, v -> {}))), "select");
        awaitStatus(start(() -> Select.select()), "select (no cases)");
        awaitStatus(start(() -> Go.sleep(Duration.ofHours(1))), "sleep");
    }

    @Test
    void waitsInJdkCodeAreToldFromTheStack() throws Exception {
        awaitStatus(start(() -> Thread.sleep(Duration.ofHours(1))), "sleep");
        awaitStatus(
                start(() -> {
                    while (!Thread.interrupted()) {
                        LockSupport.park();
                    }
                }),
                "LockSupport.park");
        Object monitor = new Object();
        awaitStatus(
                start(() -> {
                    synchronized (monitor) {
                        monitor.wait();
                    }
                }),
                "Object.wait");
        ReentrantLock lock = new ReentrantLock();
        lock.lock();
        awaitStatus(start(lock::lockInterruptibly), "ReentrantLock.lock");
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Goroutine g =
                    start(() -> {
                        try {
                            listener.accept();
                        } catch (java.net.SocketException e) {
                            // closed at the end of the test
                        }
                    });
            awaitStatus(g, "IO wait");
        }
    }

    @Test
    void aMonitorThatIsTakenIsAReason() throws Exception {
        Object monitor = new Object();
        Goroutine g;
        synchronized (monitor) {
            g =
                    start(() -> {
                        synchronized (monitor) {
                            Thread.interrupted();
                        }
                    });
            awaitStatus(g, "java monitor enter");
        }
        g.join();
    }

    @Test
    void theCallerComesFirstAndIsRunning() throws Exception {
        Chan<String> dump = Chan.make(1);
        start(() -> Chan.make().recv());
        Goroutine caller = start(() -> dump.send(GoRuntime.stack()));
        assertThat(dump.recv()).startsWith("goroutine " + caller.id() + " [running]:\n");
    }

    @Test
    void theCreatorIsNamedWithItsGoroutine() throws Exception {
        Chan<Goroutine> child = Chan.make(1);
        Goroutine parent = start(() -> createChild(child));
        Goroutine g = child.recv();
        started.add(g);
        awaitStatus(g, "chan receive");
        assertThat(partOf(g))
                .containsPattern(
                        "\ncreated by dev\\.jenny\\.StackDumpTest\\.createChild in goroutine "
                                + parent.id()
                                + "\n\tStackDumpTest\\.java:\\d+$");
    }

    private void createChild(Chan<Goroutine> out) throws InterruptedException {
        out.send(
                go(() -> {
                    try {
                        Chan.make().recv();
                    } catch (InterruptedException e) {
                        // the end of the test
                    }
                }));
    }

    /** One task class, started at two lines: each goroutine names its own. */
    @Test
    void theCreatorsLineIsRightForATaskThatIsStartedInSeveralPlaces() throws Exception {
        Task task =
                () -> {
                    try {
                        Chan.make().recv();
                    } catch (InterruptedException e) {
                        // the end of the test
                    }
                };
        for (int i = 0; i < 20; i++) {
            Goroutine here = here(task);
            Goroutine there = there(task);
            started.add(here);
            started.add(there);
            awaitStatus(here, "chan receive");
            awaitStatus(there, "chan receive");
            if (i > 0) { // the first of a class that turns up at a second place may still be wrong
                assertThat(partOf(here)).contains("created by dev.jenny.StackDumpTest.here\n");
                assertThat(partOf(there)).contains("created by dev.jenny.StackDumpTest.there\n");
            }
        }
    }

    private static Goroutine here(Task task) {
        return go(task);
    }

    private static Goroutine there(Task task) {
        return go(task);
    }

    @Test
    void tenThousandGoroutines() throws Exception {
        Chan<Integer> release = Chan.make();
        int n = 10_000;
        int before = GoRuntime.numGoroutine();
        for (int i = 0; i < n; i++) {
            go(release::recv);
        }
        String dump = GoRuntime.stack();
        release.close();
        assertThat(dump.lines().filter(l -> l.startsWith("goroutine ")).count())
                .isBetween((long) n, (long) n + before);
    }

    @Test
    void aDumpWhileGoroutinesStartAndEnd() throws Exception {
        Chan<Integer> stop = Chan.make();
        for (int i = 0; i < 4; i++) {
            start(() -> {
                while (!stop.isDrained()) {
                    go(Go::gosched).join();
                }
            });
        }
        for (int i = 0; i < 200; i++) {
            for (String part : GoRuntime.stack().split("\n\n")) {
                if (!part.isEmpty()) {
                    assertThat(part.lines().findFirst().orElseThrow()).matches(HEADER);
                }
            }
        }
        stop.close();
    }
}
