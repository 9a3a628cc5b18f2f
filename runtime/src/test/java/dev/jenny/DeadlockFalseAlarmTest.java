package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.support.Mode.assumeCustom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.internal.sched.JdkLocks;
import dev.jenny.internal.sched.Runtimes;
import dev.jenny.support.JavaProcess;
import dev.jenny.support.JavaProcess.Result;
import dev.jenny.time.Ticker;
import dev.jenny.time.Timers;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A program that something can still wake is never reported as a deadlock, however long it is idle.
 * Each of these is idle for 600 ms, which is many times as long as the detector waits.
 */
@Timeout(120)
class DeadlockFalseAlarmTest {
    private static final Duration IDLE = Duration.ofMillis(600);

    @BeforeEach
    void customOnly() {
        assumeCustom("deadlock reports");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sleep",
                "jdk sleep",
                "afterFunc",
                "ticker",
                "select with timeout",
                "platform thread",
                "daemon thread",
                "scheduled executor",
                "future",
                "lock",
                "monitor",
                "child process",
                "onExit",
            })
    void insideTheProgram(String how) throws Exception {
        assertIsWoken(how);
    }

    @Test
    void byAVirtualThreadThatIsNoGoroutine() throws Exception {
        assertIsWoken("jdk virtual thread");
    }

    /**
     * A goroutine that is woken while a tool looks at its stack is in no queue until that is over.
     */
    @Test
    void oneThatSleepsWhileToolsLookAtIt() throws Exception {
        Result r = JavaProcess.of(LookedAt.class).run();
        assertThat(r.out()).as(r.toString()).isEqualTo("woken\n");
        assertThat(r.exitCode()).isZero();
    }

    static final class LookedAt {
        public static void main(String[] args) throws InterruptedException {
            Thread main = Thread.currentThread();
            for (int i = 0; i < 8; i++) {
                Runtimes.helper(() -> look(main), "looks").start();
            }
            for (int i = 0; i < 60; i++) {
                Go.sleep(Duration.ofMillis(50));
            }
            System.out.println("woken");
        }

        private static void look(Thread main) {
            while (main.isAlive()) {
                JdkLocks.monitors(main);
            }
        }
    }

    private static void assertIsWoken(String how) throws InterruptedException {
        Result r = JavaProcess.of(Idle.class).args(how).run();
        assertThat(r.out()).as(r.toString()).isEqualTo("woken\n");
        assertThat(r.err()).isEmpty();
        assertThat(r.exitCode()).isZero();
    }

    static final class Idle {
        public static void main(String[] args) throws Exception {
            Chan<String> ch = Chan.make();
            switch (args[0]) {
                case "sleep" ->
                        go(() -> {
                            Go.sleep(IDLE);
                            ch.send("x");
                        });
                case "jdk sleep" ->
                        go(() -> {
                            Thread.sleep(IDLE);
                            ch.send("x");
                        });
                case "afterFunc" -> Timers.afterFunc(IDLE, () -> ch.send("x"));
                case "ticker" ->
                        go(() -> {
                            try (Ticker ticker = new Ticker(IDLE)) {
                                ticker.c().recv();
                                ch.send("x");
                            }
                        });
                case "select with timeout" ->
                        go(() ->
                                Select.select(
                                        Select.onRecv(Chan.make(), v -> {}),
                                        Select.onTimeout(IDLE, () -> ch.send("x"))));
                case "platform thread", "daemon thread" ->
                        Thread.ofPlatform()
                                .daemon(args[0].startsWith("daemon"))
                                .start(() -> {
                                    sleepUninterrupted();
                                    send(ch);
                                });
                case "scheduled executor" ->
                        Executors.newSingleThreadScheduledExecutor()
                                .schedule(() -> send(ch), IDLE.toMillis(), TimeUnit.MILLISECONDS);
                case "future" -> {
                    CompletableFuture<String> f = new CompletableFuture<>();
                    f.completeOnTimeout("x", IDLE.toMillis(), TimeUnit.MILLISECONDS);
                    go(() -> ch.send(f.get()));
                }
                case "lock" -> {
                    ReentrantLock lock = new ReentrantLock();
                    Chan<Integer> locked = Chan.make();
                    go(() -> {
                        lock.lock();
                        locked.close();
                        Thread.sleep(IDLE);
                        lock.unlock();
                    });
                    locked.recv();
                    go(() -> {
                        lock.lock();
                        ch.send("x");
                    });
                }
                case "monitor" -> {
                    Object monitor = new Object();
                    Chan<Integer> locked = Chan.make();
                    go(() -> {
                        synchronized (monitor) {
                            locked.close();
                            monitor.wait(IDLE.toMillis());
                        }
                        ch.send("x");
                    });
                    locked.recv();
                }
                case "child process" ->
                        go(() -> {
                            new ProcessBuilder("sleep", "0.6").start().waitFor();
                            ch.send("x");
                        });
                case "onExit" ->
                        new ProcessBuilder("sleep", "0.6").start().onExit().thenRun(() -> send(ch));
                case "jdk virtual thread" ->
                        Thread.ofPlatform()
                                .start(() ->
                                        Thread.ofVirtual()
                                                .start(() -> {
                                                    sleepUninterrupted();
                                                    send(ch);
                                                }))
                                .join();
                default -> throw new AssertionError(args[0]);
            }
            if (!"x".equals(ch.recv())) {
                throw new AssertionError();
            }
            System.out.println("woken");
            System.exit(0); // not every executor's thread is a daemon
        }

        private static void sleepUninterrupted() {
            try {
                Thread.sleep(IDLE);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        private static void send(Chan<String> ch) {
            try {
                ch.send("x");
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Woken from outside: by a connection, or by a line on standard input. */
    @ParameterizedTest
    @ValueSource(strings = {"accept", "read", "selector", "stdin", "main reads stdin", "signal"})
    void fromOutside(String how) throws Exception {
        Process p = JavaProcess.of(Outside.class).args(how).start();
        StringBuilder port = new StringBuilder();
        for (int c; (c = p.getInputStream().read()) != '\n'; ) {
            assertThat(c).isNotNegative();
            port.append((char) c);
        }
        Socket socket = null;
        InetAddress loopback = InetAddress.getLoopbackAddress();
        if (how.equals("read")) {
            socket = new Socket(loopback, Integer.parseInt(port.toString()));
        }
        Thread.sleep(IDLE); // while the program is idle, the detector has time to be wrong
        assertThat(p.isAlive()).isTrue();
        if (how.equals("signal")) {
            new ProcessBuilder("kill", "-USR2", String.valueOf(p.pid())).start().waitFor();
        } else if (how.contains("stdin")) {
            p.getOutputStream().write("x\n".getBytes());
            p.getOutputStream().flush();
        } else if (socket == null) {
            socket =
                    new Socket(
                            loopback, Integer.parseInt(port.toString())); // being there is enough
        } else {
            socket.getOutputStream().write('x');
        }
        Result r = JavaProcess.await(p);
        assertThat(r.out()).as(r.toString()).isEqualTo("woken\n");
        assertThat(r.err()).isEmpty();
        assertThat(r.exitCode()).isZero();
        if (socket != null) {
            socket.close();
        }
    }

    static final class Outside {
        public static void main(String[] args) throws Exception {
            InetAddress loopback = InetAddress.getLoopbackAddress();
            Chan<String> ch = Chan.make();
            try (ServerSocket listener = new ServerSocket(0, 1, loopback);
                    ServerSocketChannel channel = ServerSocketChannel.open()) {
                channel.bind(new InetSocketAddress(loopback, 0));
                int port =
                        args[0].equals("selector")
                                ? channel.socket().getLocalPort()
                                : listener.getLocalPort();
                System.out.println(port);
                switch (args[0]) {
                    case "accept" ->
                            go(() -> {
                                listener.accept();
                                ch.send("x");
                            });
                    case "read" ->
                            go(() -> {
                                listener.accept().getInputStream().read();
                                ch.send("x");
                            });
                    case "selector" ->
                            go(() -> {
                                select(channel);
                                ch.send("x");
                            });
                    case "signal" -> onSignal("USR2", () -> Idle.send(ch));
                    case "stdin" ->
                            go(() -> {
                                System.in.read();
                                ch.send("x");
                            });
                    case "main reads stdin" -> {
                        go(() -> Chan.make().recv()); // the others are asleep for ever
                        System.in.read();
                        go(() -> ch.send("x"));
                    }
                    default -> throw new AssertionError(args[0]);
                }
                ch.recv();
            }
            System.out.println("woken");
        }

        /** {@code sun.misc.Signal.handle}, of which javac warns. */
        private static void onSignal(String name, Runnable action) throws Exception {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy =
                    Proxy.newProxyInstance(
                            handler.getClassLoader(),
                            new Class<?>[] {handler},
                            (self, method, args) -> {
                                action.run();
                                return null;
                            });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        }

        private static void select(ServerSocketChannel channel) throws IOException {
            try (Selector selector = Selector.open()) {
                channel.configureBlocking(false);
                channel.register(selector, java.nio.channels.SelectionKey.OP_ACCEPT);
                selector.select();
            }
        }
    }
}
