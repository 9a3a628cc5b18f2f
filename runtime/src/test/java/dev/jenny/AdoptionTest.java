package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.support.Eventually.eventually;
import static dev.jenny.support.Fork.fork;
import static dev.jenny.support.Mode.assumeCustom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.support.Fork.Kind;
import dev.jenny.support.JavaProcess;
import dev.jenny.support.JavaProcess.Result;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A virtual thread that library code starts inside a goroutine is a goroutine, too. */
@Timeout(90)
class AdoptionTest {
    @BeforeEach
    void customOnly() {
        assumeCustom("adoption of virtual threads");
    }

    @Test
    void theJdksSocketPollersAreNoGoroutines() throws Exception {
        Result r = JavaProcess.of(FirstSocket.class).run();
        assertThat(r.out()).as(r.toString()).isEqualTo("ok\n");
        assertThat(r.exitCode()).isZero();
    }

    /** The first blocking socket operation of the JVM is a goroutine's. */
    static final class FirstSocket {
        public static void main(String[] args) throws Exception {
            InetAddress loopback = InetAddress.getLoopbackAddress();
            Chan<Integer> got = Chan.make();
            try (ServerSocket listener = new ServerSocket(0, 1, loopback)) {
                go(() -> {
                    try (Socket peer = listener.accept()) {
                        got.send(peer.getInputStream().read());
                    }
                });
                try (Socket client = new Socket(loopback, listener.getLocalPort())) {
                    eventually(() -> GoRuntime.stack().contains("IO wait"));
                    boolean adopted = GoRuntime.stack().contains("subPollerLoop");
                    int goroutines = GoRuntime.numGoroutine();
                    client.getOutputStream().write(7);
                    boolean ok = got.recv() == 7 && !adopted && goroutines == 2;
                    System.out.println(ok ? "ok" : goroutines + "\n" + GoRuntime.stack());
                }
            }
        }
    }

    @Test
    void itHasAHandleOfItsOwnAndCounts() throws Exception {
        fork(
                        Kind.GOROUTINE,
                        () -> {
                            int before = GoRuntime.numGoroutine();
                            Chan<Goroutine> current = Chan.make(1);
                            Chan<Integer> release = Chan.make();
                            Thread t =
                                    Thread.startVirtualThread(() -> {
                                        try {
                                            current.send(Go.current());
                                            release.recv();
                                        } catch (InterruptedException e) {
                                            throw new AssertionError(e);
                                        }
                                    });
                            Goroutine child = current.recv();
                            assertThat(child).isNotNull().isNotSameAs(Go.current());
                            assertThat(child.thread()).isSameAs(t);
                            assertThat(child.isAlive()).isTrue();
                            assertThat(GoRuntime.numGoroutine()).isGreaterThan(before);
                            String header = "goroutine " + child.id() + " [chan receive]:\n";
                            eventually(() -> GoRuntime.stack().contains(header));
                            assertThat(GoRuntime.stack())
                                    .containsPattern(
                                            "created by java\\.lang\\.Thread\\.start in goroutine "
                                                    + Go.current().id()
                                                    + "\n");
                            release.close();
                            child.join();
                            assertThat(child.isAlive()).isFalse();
                            eventually(() -> GoRuntime.numGoroutine() <= before);
                        })
                .join();
    }

    @Test
    void itParksYieldsAndBlocksLikeAnyOther() throws Exception {
        fork(
                        Kind.GOROUTINE,
                        () -> {
                            Chan<Integer> ch = Chan.make();
                            List<Thread> threads = new ArrayList<>();
                            for (int i = 0; i < 100; i++) {
                                int value = i;
                                threads.add(
                                        Thread.startVirtualThread(() -> {
                                            try {
                                                Thread.yield();
                                                LockSupport.parkNanos(1000);
                                                Thread.sleep(1);
                                                ch.send(value);
                                            } catch (InterruptedException e) {
                                                throw new AssertionError(e);
                                            }
                                        }));
                            }
                            int sum = 0;
                            for (int i = 0; i < 100; i++) {
                                sum += ch.recv();
                            }
                            assertThat(sum).isEqualTo(4950);
                            for (Thread t : threads) {
                                t.join();
                            }
                        })
                .join();
    }

    @Test
    void itRunsOnJennysThreadsAndItsChildrenToo() throws Exception {
        fork(
                        Kind.GOROUTINE,
                        () -> {
                            Chan<String> names = Chan.make(2);
                            Thread.startVirtualThread(
                                            () -> {
                                                names.trySend(carrier());
                                                Thread.startVirtualThread(
                                                        () -> names.trySend(carrier()));
                                            })
                                    .join();
                            assertThat(names.recv()).startsWith("jenny-m");
                            assertThat(names.recv()).startsWith("jenny-m");
                        })
                .join();
    }

    /** A running virtual thread's toString ends with its carrier's name. */
    private static String carrier() {
        String s = Thread.currentThread().toString();
        return s.substring(s.indexOf('@') + 1);
    }

    @Test
    void executorsOfTheJdkStartGoroutinesInsideAGoroutine() throws Exception {
        fork(
                        Kind.GOROUTINE,
                        () -> {
                            try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
                                List<Future<Boolean>> all = new ArrayList<>();
                                for (int i = 0; i < 200; i++) {
                                    all.add(executor.submit(() -> Go.current() != null));
                                }
                                for (Future<Boolean> f : all) {
                                    assertThat(f.get()).isTrue();
                                }
                            }
                        })
                .join();
    }

    @Test
    void outsideAGoroutineVirtualThreadsStayTheJdks() throws Exception {
        int before = GoRuntime.numGoroutine();
        Goroutine[] current = new Goroutine[1];
        Thread.startVirtualThread(() -> current[0] = Go.current()).join();
        assertThat(current[0]).isNull();
        assertThat(GoRuntime.numGoroutine()).isLessThanOrEqualTo(before);
    }

    @Test
    void anAdoptedThreadKeepsTheProgramFromADeadlock() throws Exception {
        Result r = JavaProcess.of(Adopted.class).run();
        assertThat(r.out()).as(r.toString()).isEqualTo("woken\n");
    }

    static final class Adopted {
        public static void main(String[] args) throws InterruptedException {
            Chan<String> ch = Chan.make();
            Thread.startVirtualThread(() -> {
                try {
                    Thread.sleep(500);
                    ch.send("woken");
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            System.out.println(ch.recv());
        }
    }

    @Test
    void manyComeAndGo() throws Exception {
        int before = GoRuntime.numGoroutine();
        fork(
                        Kind.GOROUTINE,
                        () -> {
                            for (int i = 0; i < 5000; i++) {
                                Thread.startVirtualThread(Thread::yield).join();
                            }
                        })
                .join();
        eventually(() -> GoRuntime.numGoroutine() <= before);
        go(() -> {}).join();
    }
}
