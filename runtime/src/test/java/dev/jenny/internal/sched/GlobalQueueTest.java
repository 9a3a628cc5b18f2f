package dev.jenny.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GlobalQueueTest {
    private final GlobalQueue<Integer> queue = new GlobalQueue<>();

    @Test
    void what_was_added_at_once_is_taken_in_pieces_and_in_order() {
        queue.add(1);
        queue.addAll(new @Nullable Object[] {2, 3, 4, 5, null}, 4);
        queue.add(6);
        queue.addAll(new @Nullable Object[] {7}, 0);
        queue.addAll(new @Nullable Object[] {7, 8}, 2);
        assertThat(queue.size()).isEqualTo(8);

        assertThat(take(3)).containsExactly(1, 2, 3);
        assertThat(take(1)).containsExactly(4);
        assertThat(take(3)).containsExactly(5, 6, 7);
        assertThat(queue.size()).isEqualTo(1);
        queue.add(9);
        assertThat(take(5)).containsExactly(8, 9);
        assertThat(queue.isEmpty()).isTrue();
        assertThat(take(5)).isEmpty();
    }

    @Test
    void the_caller_may_use_its_array_again() {
        @Nullable Object[] batch = {1, 2};
        queue.addAll(batch, 2);
        Arrays.fill(batch, null);

        assertThat(take(2)).containsExactly(1, 2);
    }

    @Test
    void each_is_taken_once_and_those_of_one_producer_in_order() throws Exception {
        int producers = 2;
        int each = 60_000;
        AtomicInteger left = new AtomicInteger(producers * each);
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<List<Integer>>> consumers = new ArrayList<>();
            for (int c = 0; c < 2; c++) {
                consumers.add(threads.submit(() -> consume(left)));
            }
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int p = 0; p < producers; p++) {
                int first = p * each;
                tasks.add(() -> produce(first, first + each));
            }
            for (Future<Void> f : threads.invokeAll(tasks)) {
                f.get();
            }
            int sum = 0;
            boolean[] seen = new boolean[producers * each];
            for (Future<List<Integer>> c : consumers) {
                int[] last = {-1, -1};
                for (int x : c.get()) {
                    assertThat(seen[x]).as("%d for the second time", x).isFalse();
                    seen[x] = true;
                    assertThat(x).isGreaterThan(last[x / each]);
                    last[x / each] = x;
                    sum++;
                }
            }
            assertThat(sum).isEqualTo(producers * each);
        }
    }

    private @Nullable Void produce(int from, int to) {
        RandomGenerator random = RandomGenerator.getDefault();
        @Nullable Object[] batch = new @Nullable Object[100];
        for (int x = from; x < to; ) {
            if (random.nextInt(3) == 0) {
                queue.add(x++);
            } else {
                int n = Math.min(1 + random.nextInt(batch.length), to - x);
                for (int i = 0; i < n; i++) {
                    batch[i] = x++;
                }
                queue.addAll(batch, n);
            }
        }
        return null;
    }

    private List<Integer> consume(AtomicInteger left) {
        RandomGenerator random = RandomGenerator.getDefault();
        List<Integer> taken = new ArrayList<>();
        while (left.get() > 0) {
            List<Integer> some = take(1 + random.nextInt(70));
            left.addAndGet(-some.size());
            taken.addAll(some);
        }
        return taken;
    }

    private List<Integer> take(int max) {
        @Nullable Object[] into = new @Nullable Object[max];
        int n = queue.poll(into, max);
        List<Integer> taken = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            taken.add((Integer) into[i]);
        }
        return taken;
    }
}
