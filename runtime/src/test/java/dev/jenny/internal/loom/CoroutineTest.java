package dev.jenny.internal.loom;

import static dev.jenny.Go.go;
import static dev.jenny.Go.gosched;
import static dev.jenny.support.Mode.assumeCustom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Goroutine;
import dev.jenny.support.JavaProcess;
import dev.jenny.support.JavaProcess.Result;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CoroutineTest {
    private static final ScopedValue<String> NAME = ScopedValue.newInstance();

    @BeforeEach
    void customOnly() {
        assumeCustom("continuations driven directly");
        Assumptions.assumeFalse("false".equals(System.getProperty("jenny.direct")));
    }

    /** Else a JDK whose internals have moved would only make everything slower, unnoticed. */
    @Test
    void isAvailable() {
        assertThat(Coroutine.WHY_NOT).isNull();
        assertThat(Coroutine.AVAILABLE).isTrue();
    }

    /**
     * Who interrupts a goroutine may have read its carrier when the goroutine leaves that, and
     * interrupt it later. Here it does so with a carrier that would run another goroutine by then.
     */
    @Test
    void anInterruptThatComesLateIsNotForTheNextGoroutine() throws Exception {
        Result r =
                JavaProcess.of(LateInterrupt.class).option("-Djenny.maxprocs=1").embedded().run();
        assertThat(r.out()).as(r.toString()).isEqualTo("not interrupted\n");
    }

    static final class LateInterrupt {
        public static void main(String[] args) throws Exception {
            Object lock = field(Thread.class, "interruptLock").get(started().thread());
            Thread a = target;
            Field interrupted = field(Thread.class, "interrupted");
            Field carrierOf = field(Class.forName("java.lang.VirtualThread"), "carrierThread");
            Method interrupt = Thread.class.getDeclaredMethod("setInterrupt");
            interrupt.setAccessible(true);
            synchronized (lock) { // as VirtualThread.interrupt does it
                interrupted.set(a, true);
                Thread carrier = (Thread) carrierOf.get(a);
                mayLeave = true;
                while (carrierOf.get(a) != null) {
                    Thread.onSpinWait();
                }
                long end = System.nanoTime() + 50_000_000; // for the next goroutine to begin
                while (!nextRuns && System.nanoTime() < end) {
                    Thread.onSpinWait();
                }
                interrupt.invoke(carrier);
                interruptedCarrier = true;
            }
            System.out.println(RESULT.recv());
        }

        private static final Chan<String> RESULT = Chan.make(1);
        private static volatile Thread target;
        private static volatile boolean mayLeave;
        private static volatile boolean nextRuns;
        private static volatile boolean interruptedCarrier;

        private static Goroutine started() {
            Goroutine a =
                    go(() -> {
                        target = Thread.currentThread();
                        while (!mayLeave) {
                            Thread.onSpinWait();
                        }
                        go(LateInterrupt::next);
                        gosched(); // a park would first look whether it has been interrupted
                    });
            while (target == null) {
                Thread.onSpinWait();
            }
            return a;
        }

        private static void next() throws InterruptedException {
            nextRuns = true;
            while (!interruptedCarrier) {
                Thread.onSpinWait();
            }
            Object monitor = new Object();
            try {
                synchronized (monitor) {
                    monitor.wait(1);
                }
                RESULT.send("not interrupted");
            } catch (InterruptedException e) {
                RESULT.send("interrupted");
            }
        }

        private static Field field(Class<?> of, String name) throws NoSuchFieldException {
            Field f = of.getDeclaredField(name);
            f.setAccessible(true);
            return f;
        }
    }

    /**
     * A carrier that still has the continuation which it ran last keeps a goroutine alive that
     * nothing else can reach. C2 once dropped the store that forgets it, hence the many rounds.
     */
    @Test
    void anIdleCarrierHasNoContinuation() throws Exception {
        Field mounted = Thread.class.getDeclaredField("cont");
        mounted.setAccessible(true);
        Chan<Integer> there = Chan.make();
        Chan<Integer> back = Chan.make();
        go(() -> {
            for (int i : there) {
                back.send(i);
            }
        });
        go(
                        () -> {
                            for (int i = 0; i < 200_000; i++) {
                                there.send(i);
                                back.recv();
                            }
                        })
                .join();
        for (int i = 0; i < 5_000; i++) {
            there.send(i);
            back.recv();
        }
        List<Thread> carriers =
                Thread.getAllStackTraces().keySet().stream()
                        .filter(t -> t.getName().matches("jenny-m\\d+"))
                        .toList();
        assertThat(carriers).isNotEmpty();
        for (Thread carrier : carriers) {
            while (carrier.getState() == Thread.State.RUNNABLE) {
                Thread.onSpinWait(); // it looks for work before it sleeps
            }
        }
        assertThat(carriers).allSatisfy(c -> assertThat(mounted.get(c)).isNull());
        there.close();
    }

    /** The cache of scoped values belongs to the carrier while a goroutine runs. */
    @Test
    void scopedValuesStayWithTheirGoroutine() throws Exception {
        int goroutines = 50;
        List<String> wrong = Collections.synchronizedList(new ArrayList<>());
        Chan<Integer> done = Chan.make();
        Chan<Integer> token = Chan.make(1);
        for (int i = 0; i < goroutines; i++) {
            String name = "goroutine " + i;
            go(() -> {
                if (NAME.isBound()) {
                    wrong.add(name + " begins with " + NAME.get());
                }
                ScopedValue.where(NAME, name)
                        .call(() -> {
                            check(name, wrong);
                            for (int n = 0; n < 20; n++) {
                                gosched();
                                check(name, wrong);
                                token.send(n);
                                check(name, wrong);
                                token.recv();
                                check(name, wrong);
                            }
                            String inner = name + " inside";
                            ScopedValue.where(NAME, inner)
                                    .call(() -> {
                                        gosched();
                                        check(inner, wrong);
                                        return null;
                                    });
                            check(name, wrong);
                            return null;
                        });
                if (NAME.isBound()) {
                    wrong.add(name + " ends with " + NAME.get());
                }
                done.send(1);
            });
        }
        for (int i = 0; i < goroutines; i++) {
            done.recv();
        }
        assertThat(wrong).isEmpty();
    }

    private static void check(String expected, List<String> wrong) {
        if (!NAME.get().equals(expected)) {
            wrong.add(expected + " sees " + NAME.get());
        }
    }
}
