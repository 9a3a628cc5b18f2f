package dev.jenny.internal.loom;

import static dev.jenny.Go.go;
import static dev.jenny.Go.gosched;
import static dev.jenny.support.Mode.assumeCustom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import java.lang.reflect.Field;
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
