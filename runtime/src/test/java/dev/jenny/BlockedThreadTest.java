package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.support.Mode.assumeCustom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.support.JavaProcess;
import dev.jenny.support.JavaProcess.Result;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A goroutine that blocks its OS thread does not take the P along: others go on, on one P. */
@Timeout(90)
class BlockedThreadTest {
    @BeforeEach
    void customOnly() {
        assumeCustom("stalls by goroutines that block their thread");
    }

    @Test
    void aPinnedGoroutineThatWaitsOnAChannel() throws Exception {
        assertFinishes(Pinned.class);
    }

    /** A class initializer cannot be unmounted: the wait blocks the M. */
    static final class Pinned {
        static final Chan<String> RELEASE = Chan.make();

        static final class Initializer {
            static final String VALUE;

            static {
                try {
                    VALUE = RELEASE.recv();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        }

        public static void main(String[] args) throws InterruptedException {
            Chan<String> result = Chan.make();
            go(() -> result.send(Initializer.VALUE));
            Go.gosched(); // it runs, and blocks
            go(() -> RELEASE.send("released"));
            System.out.println(result.recv());
        }
    }

    @Test
    void aGoroutineInANativeCall() throws Exception {
        Process p = JavaProcess.of(Native.class).maxprocs(1).start();
        // The program does its other work first, and only then needs our line.
        p.getOutputStream().flush();
        byte[] first = p.getInputStream().readNBytes("others ran\n".length());
        assertThat(new String(first)).isEqualTo("others ran\n");
        p.getOutputStream().write('x');
        p.getOutputStream().flush();
        Result r = JavaProcess.await(p);
        assertThat(r.out()).as(r.toString()).isEqualTo("read x\n");
        assertThat(r.exitCode()).isZero();
    }

    static final class Native {
        public static void main(String[] args) throws InterruptedException {
            Chan<String> result = Chan.make();
            go(() -> result.send("read " + (char) read()));
            Go.gosched(); // it runs, and blocks
            Chan<Integer> ch = Chan.make();
            for (int i = 0; i < 1000; i++) {
                go(() -> ch.send(1));
                ch.recv();
            }
            System.out.println("others ran");
            System.out.println(result.recv());
        }

        private static int read() throws IOException {
            return System.in.read();
        }
    }

    @Test
    void manyPinnedGoroutines() throws Exception {
        assertFinishes(ManyPinned.class);
    }

    /** More pinned goroutines than Ps, all released by one that runs beside them. */
    static final class ManyPinned {
        static volatile boolean release;
        static final Chan<Integer> ENDED = Chan.make(3);

        private static Object block() {
            while (!release) {
                LockSupport.parkNanos(1_000_000);
            }
            return "";
        }

        /** Each class is initialized by a goroutine of its own. */
        static final class A {
            static final Object O = block();
        }

        static final class B {
            static final Object O = block();
        }

        static final class C {
            static final Object O = block();
        }

        public static void main(String[] args) throws InterruptedException {
            go(() -> ENDED.send(A.O.hashCode()));
            go(() -> ENDED.send(B.O.hashCode()));
            go(() -> ENDED.send(C.O.hashCode()));
            Go.gosched();
            Chan<Integer> ch = Chan.make();
            go(() -> ch.send(1));
            ch.recv();
            release = true;
            for (int i = 0; i < 3; i++) {
                ENDED.recv();
            }
            System.out.println("released");
        }
    }

    private static void assertFinishes(Class<?> program) throws InterruptedException {
        Result r = JavaProcess.of(program).maxprocs(1).run();
        assertThat(r.out()).as(r.toString()).isEqualTo("released\n");
        assertThat(r.exitCode()).isZero();
    }
}
