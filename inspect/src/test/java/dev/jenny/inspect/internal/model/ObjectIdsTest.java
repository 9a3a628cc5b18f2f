package dev.jenny.inspect.internal.model;

import static dev.jenny.Go.go;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Goroutine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ObjectIdsTest {
    /** Numbers of a million channels would be kept for as long as these live. */
    @Test
    void aQueryGivesNoNumbers() throws Exception {
        Chan<Integer> ch = Chan.make();
        Goroutine g = go(() -> ch.recv());
        Await.parked(g);

        assertThat(Model.groups(Query.parse("object:chan id:" + g.id()), 10).matched())
                .as("by its kind it is found")
                .isEqualTo(1);
        assertThat(Model.groups(Query.parse("id:" + g.id() + " nosuchword"), 10).matched())
                .isZero();
        assertThat(ObjectIds.known(ch)).isNull();

        long number = ObjectIds.of(ch);
        assertThat(Model.groups(Query.parse("object:chan#" + number), 10).matched()).isEqualTo(1);
        ch.close();
        g.join();
    }
}
