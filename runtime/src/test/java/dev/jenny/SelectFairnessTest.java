package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.Select.recv;
import static dev.jenny.Select.select;
import static dev.jenny.Select.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Select.Case;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Among ready cases, each is as likely as another. */
@Timeout(60)
class SelectFairnessTest {
    private static final int TRIALS = 10_000;

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7})
    void readyReceives(int n) throws Exception {
        int[] taken = new int[n];
        List<Case<Integer>> cases = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            int number = i;
            Chan<Integer> ch = Chan.make();
            ch.close(); // always ready
            cases.add(recv(ch, v -> taken[number]++));
        }
        choose(cases);
        assertEven(taken, n);
    }

    @Test
    void readySends() throws Exception {
        int[] taken = new int[2];
        Chan<Integer> a = Chan.make(TRIALS);
        Chan<Integer> b = Chan.make(TRIALS);
        choose(List.of(send(a, 1, () -> taken[0]++), send(b, 1, () -> taken[1]++)));
        assertEven(taken, 2);
        assertThat(a.len()).isEqualTo(taken[0]);
    }

    @Test
    void casesThatAreNotReadyDoNotShiftTheOdds() throws Exception {
        int[] taken = new int[2];
        Chan<Integer> ready = Chan.make();
        ready.close();
        Chan<Integer> empty = Chan.make();
        choose(
                List.of(
                        recv(empty, v -> 0),
                        recv(ready, v -> taken[0]++),
                        recv((Chan<Integer>) null, v -> 0),
                        Select.after(Duration.ofHours(1), () -> 0),
                        recv(ready, v -> taken[1]++)));
        assertEven(taken, 2);
    }

    /** Go's TestSelectFairness: two channels that goroutines keep filling. */
    @Test
    void channelsThatGoroutinesFeed() throws Exception {
        Chan<Integer> a = Chan.make(TRIALS + 1);
        Chan<Integer> b = Chan.make(TRIALS + 1);
        for (int i = 0; i < TRIALS; i++) {
            a.send(1);
            b.send(2);
        }
        int[] taken = new int[2];
        Chan<Integer> never = Chan.make();
        for (int i = 0; i < TRIALS; i++) {
            select(
                    recv(never, v -> 0),
                    recv(a, v -> taken[0]++),
                    recv(b, v -> taken[1]++),
                    recv(never, v -> 0));
        }
        assertEven(taken, 2);
    }

    /** Go's TestPseudoRandomSend: a receiver sees both of a sender's two cases often enough. */
    @ParameterizedTest
    @ValueSource(ints = {0, 10})
    void aBlockedReceiverGetsBothKindsOfValue(int cap) throws Exception {
        int n = 10_000;
        Chan<Integer> ch = Chan.make(cap);
        int[] got = new int[2];
        Goroutine receiver =
                go(() -> {
                    for (int i = 0; i < n; i++) {
                        Go.gosched();
                        got[ch.recv()]++;
                    }
                });
        for (int i = 0; i < n; i++) {
            select(send(ch, 0, () -> 0), send(ch, 1, () -> 0));
        }
        receiver.join();
        assertThat(got[0]).isGreaterThan(n / 10);
        assertThat(got[1]).isGreaterThan(n / 10);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static void choose(List<Case<Integer>> cases) throws InterruptedException {
        Case<Integer>[] array = cases.toArray(new Case[0]);
        for (int i = 0; i < TRIALS; i++) {
            select(array);
        }
    }

    /** Within ten standard deviations: wrong once in 10^23 runs. */
    private static void assertEven(int[] taken, int n) {
        double p = 1.0 / n;
        double sigma = Math.sqrt(TRIALS * p * (1 - p));
        for (int t : taken) {
            assertThat((double) t).isBetween(TRIALS * p - 10 * sigma, TRIALS * p + 10 * sigma);
        }
    }
}
