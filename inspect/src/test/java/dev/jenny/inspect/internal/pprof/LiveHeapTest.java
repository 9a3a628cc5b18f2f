package dev.jenny.inspect.internal.pprof;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class LiveHeapTest {
    private static final long MB = 1 << 20;

    private static Instant at(long second) {
        return Instant.ofEpochSecond(second);
    }

    private static void allocate(LiveHeap heap, int megabytes) {
        for (int i = 0; i < megabytes; i++) {
            heap.allocated(MB);
        }
    }

    private static double sum(double[] shares) {
        double sum = 0;
        for (double s : shares) {
            sum += s;
        }
        return sum;
    }

    @Test
    void withoutACollectionNothingIsKnownToLive() {
        LiveHeap heap = new LiveHeap(300 * MB);
        allocate(heap, 100);
        assertThat(heap.hasCollected()).isFalse();
        assertThat(heap.shares(List.of(at(1)))).containsExactly(0);
        assertThat(heap.before(200 * MB, 0)).isEqualTo(200 * MB);
    }

    @Test
    void aSurvivorStandsForItsPartOfWhatWasAllocatedInItsTime() {
        LiveHeap heap = new LiveHeap(2000 * MB);
        allocate(heap, 100);
        heap.collected(at(10), 2000 * MB);
        allocate(heap, 1024);
        heap.collected(at(20), 2000 * MB);
        double[] shares = heap.shares(List.of(at(5), at(15), at(25)));
        assertThat(shares[0]).isEqualTo(MB); // of 100
        assertThat(shares[1]).isEqualTo(1024.0 * MB / 255); // of all places but that one
        assertThat(shares[2]).isZero(); // not collected yet
        assertThat(heap.before(1000 * MB, sum(shares)))
                .isEqualTo(Math.round(1000 * MB - sum(shares)));
    }

    @Test
    void whatWasThereBeforeIsNoMoreThanTheHeapHasEverBeen() {
        LiveHeap heap = new LiveHeap(30 * MB);
        allocate(heap, 1000);
        heap.collected(at(10), 20 * MB);
        assertThat(heap.before(500 * MB, 100 * MB)).isEqualTo(20 * MB);
    }

    @Test
    void noMoreIsClaimedThanHasBeenAllocated() {
        LiveHeap heap = new LiveHeap(1000 * MB);
        allocate(heap, 10);
        heap.collected(at(10), 900 * MB);
        assertThat(heap.before(900 * MB, 500 * MB)).isEqualTo(890 * MB);
    }

    @Test
    void manyCollectionsAreMerged() {
        LiveHeap heap = new LiveHeap(MB);
        for (int i = 1; i <= 100_000; i++) {
            allocate(heap, 4);
            heap.collected(at(i), MB);
        }
        assertThat(heap.size()).isLessThanOrEqualTo(1024);
        double[] shares = heap.shares(Collections.nCopies(3, at(50_000)));
        assertThat(shares).containsOnly(MB);
        assertThat(heap.shares(List.of(at(100_000)))).containsExactly(MB);
        assertThat(heap.shares(List.of(at(100_001)))).containsExactly(0);
    }
}
