package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.Select.onRecv;
import static dev.jenny.Select.otherwise;
import static dev.jenny.Select.recv;
import static dev.jenny.Select.select;
import static dev.jenny.Select.send;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A select is decided at one instant, and completes exactly one case. */
@Timeout(60)
class SelectOneInstantTest {
    private static final int ROUNDS = 20_000;

    /** Go's TestNonblockSelectRace: at every instant one of two is ready, so otherwise is wrong. */
    @Test
    void otherwiseIsWrongWhileOneOfTwoIsAlwaysReady() throws Exception {
        Chan<Boolean> done = Chan.make(1);
        for (int i = 0; i < ROUNDS; i++) {
            Chan<Integer> c1 = Chan.make(1);
            Chan<Integer> c2 = Chan.make(1);
            c1.send(1);
            go(() -> {
                // c1 is ready, or c2 is
                boolean found =
                        select(recv(c1, v -> true), recv(c2, v -> true), otherwise(() -> false));
                done.send(found);
            });
            c2.send(1);
            select(recv(c1, v -> 1), otherwise(() -> 0));
            assertThat(done.recv()).isTrue();
        }
    }

    /** Go's TestNonblockSelectRace2: the same with close. */
    @Test
    void otherwiseIsWrongIfTheSecondIsClosedBeforeTheFirstIsTaken() throws Exception {
        Chan<Boolean> done = Chan.make(1);
        for (int i = 0; i < ROUNDS; i++) {
            Chan<Integer> c1 = Chan.make(1);
            Chan<Integer> c2 = Chan.make();
            c1.send(1);
            go(() ->
                    done.send(
                            select(
                                    recv(c1, v -> true),
                                    recv(c2, v -> true),
                                    otherwise(() -> false))));
            c2.close();
            select(recv(c1, v -> 1), otherwise(() -> 0));
            assertThat(done.recv()).isTrue();
        }
    }

    /** Go's doubleselect: a value that is sent by a select over four channels arrives once. */
    @Test
    void aSelectNeverCompletesTwoCases() throws Exception {
        Chan<Integer> c1 = Chan.make();
        Chan<Integer> c2 = Chan.make();
        Chan<Integer> c3 = Chan.make();
        Chan<Integer> c4 = Chan.make();
        Chan<Integer> merged = Chan.make();
        int n = 20_000;
        go(() -> {
            for (int i = 0; i < n; i++) {
                int value = i;
                select(
                        send(c1, value, () -> 1),
                        send(c2, value, () -> 2),
                        send(c3, value, () -> 3),
                        send(c4, value, () -> 4));
            }
            for (Chan<Integer> ch : java.util.List.of(c1, c2, c3, c4)) {
                ch.close();
            }
        });
        AtomicInteger open = new AtomicInteger(4);
        for (Chan<Integer> ch : java.util.List.of(c1, c2, c3, c4)) {
            go(() -> {
                for (int v : ch) {
                    merged.send(v);
                }
                if (open.decrementAndGet() == 0) {
                    merged.close();
                }
            });
        }
        boolean[] seen = new boolean[n];
        int count = 0;
        for (int v : merged) {
            assertThat(seen[v]).as("value %s twice", v).isFalse();
            seen[v] = true;
            count++;
        }
        assertThat(count).isEqualTo(n);
    }

    /** Go's select6 (issue 2075): the case that lost leaves the queue, those behind stay in it. */
    @Test
    void losersLeaveTheQueueAndTheOthersStay() throws Exception {
        Chan<Boolean> c1 = Chan.make();
        Chan<Boolean> c2 = Chan.make();
        Chan<Boolean> c3 = Chan.make();
        Chan<Boolean> c4 = Chan.make();
        go(c1::recv);
        go(() -> {
            select(onRecv(c1, v -> {}), onRecv(c2, v -> {}));
            c3.send(true);
        });
        go(c2::recv);
        go(() -> {
            select(onRecv(c1, v -> {}), onRecv(c2, v -> {}));
            c4.send(true);
        });
        c2.send(true);
        for (int i = 0; i < 3; i++) { // which receivers are left depends on who took the first
            select(Select.onSend(c1, true, () -> {}), Select.onSend(c2, true, () -> {}));
        }
        c3.recv();
        c4.recv();
    }
}
