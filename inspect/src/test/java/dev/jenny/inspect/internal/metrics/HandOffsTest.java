package dev.jenny.inspect.internal.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.internal.sched.Probe.PView;
import java.util.List;
import org.junit.jupiter.api.Test;

class HandOffsTest {
    private List<PView> ps = List.of();
    private final HandOffs handOffs = new HandOffs(() -> ps);

    private static PView p(int id, int switches, int slices) {
        return new PView(id, "running", 0, 0, 0, 0, switches, slices, false, false, "", 0);
    }

    @Test
    void switchesThatAreNoNewSliceAddUpOverAllPs() {
        assertThat(handOffs.look()).isZero();
        ps = List.of(p(0, 10, 4), p(1, 7, 7));
        assertThat(handOffs.look()).isEqualTo(6);
        assertThat(handOffs.look()).isEqualTo(6);
        ps = List.of(p(0, 12, 4), p(1, 20, 10));
        assertThat(handOffs.look()).isEqualTo(18);
    }

    @Test
    void theCountersOfAPWrap() {
        ps = List.of(p(0, Integer.MAX_VALUE, 0));
        assertThat(handOffs.look()).isEqualTo(Integer.MAX_VALUE);
        ps = List.of(p(0, -10, 0)); // 2^32 - 10
        long before = handOffs.look();
        assertThat(before).isEqualTo((1L << 32) - 10);
        ps = List.of(p(0, 20, 5));
        assertThat(handOffs.look()).isEqualTo(before + 25);
    }

    @Test
    void itNeverGoesDown() {
        ps = List.of(p(0, 10, 4));
        assertThat(handOffs.look()).isEqualTo(6);
        ps = List.of(p(0, 10, 5)); // the slice was seen before its switch
        assertThat(handOffs.look()).isEqualTo(6);
        ps = List.of(p(0, 11, 5));
        assertThat(handOffs.look()).isEqualTo(6);
        ps = List.of(p(0, 12, 5));
        assertThat(handOffs.look()).isEqualTo(7);
    }
}
