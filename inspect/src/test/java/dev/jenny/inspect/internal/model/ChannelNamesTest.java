package dev.jenny.inspect.internal.model;

import static dev.jenny.Select.recv;
import static dev.jenny.Select.select;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.internal.event.BlockProfile;
import dev.jenny.sync.Mutex;
import dev.jenny.time.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ChannelNamesTest {
    private final ChannelNames names = new ChannelNames("others");

    @Test
    void channelsHaveTheNamesOfTheList() {
        Chan<Integer> ch = Chan.make();
        String name = names.of(ch);
        assertThat(name).isEqualTo(Objects.of(ch).name()).isEqualTo(names.of(ch));
        assertThat(names.of(Chan.make())).isNotEqualTo(name);
        assertThat(names.of(new Mutex())).isEmpty();
        assertThat(names.of(new Timer(Duration.ofHours(1)).c())).isEmpty();
    }

    @Test
    void thoseBeyondTheBoundShareOneName() {
        Chan<Integer> first = Chan.make();
        String name = names.of(first);
        for (int i = 1; i < ChannelNames.LIMIT; i++) {
            assertThat(names.of(Chan.make())).startsWith("chan#");
        }
        Chan<Integer> late = Chan.make();
        assertThat(names.of(late)).isEqualTo("others");
        assertThat(names.of(late)).isEqualTo("others");
        assertThat(Objects.of(late).name()).startsWith("chan#");
        assertThat(names.of(late)).as("it has a number now").isEqualTo("others");
        assertThat(names.of(first)).isEqualTo(name);
    }

    @Test
    void aSelectIsPutDownToTheChannelThatItWentOnWith() throws Exception {
        Chan<Integer> one = Chan.make();
        Chan<Integer> two = Chan.make();
        BlockProfile.setNamer(names::of);
        BlockProfile.setRate(1);
        try {
            List<Goroutine> gs = new ArrayList<>();
            gs.add(Go.go(() -> select(recv(one, v -> v), recv(two, v -> v))));
            while (gs.getFirst().thread().getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            two.send(1);
            gs.getFirst().join();
        } finally {
            BlockProfile.setRate(0);
            BlockProfile.setNamer(on -> "");
        }
        assertThat(
                        BlockProfile.records().stream()
                                .filter(w -> w.reason().equals("select"))
                                .filter(w -> w.stack().toString().contains("ChannelNamesTest"))
                                .map(BlockProfile.Waits::instance)
                                .collect(Collectors.toSet()))
                .containsExactly(names.of(two));
    }
}
