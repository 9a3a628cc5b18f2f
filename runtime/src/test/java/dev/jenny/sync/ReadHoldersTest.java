package dev.jenny.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.support.Fork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class ReadHoldersTest {
    private final ReadHolders holders = new ReadHolders();
    private final long me = Thread.currentThread().threadId();

    @Test
    void whoeverHasLockedMoreOftenThanUnlockedIsListedOnce() {
        holders.locked();
        holders.locked();
        assertThat(holders.known()).containsExactly(me);
        holders.unlocks();
        assertThat(holders.known()).containsExactly(me);
        holders.unlocks();
        assertThat(holders.known()).isEmpty();
        holders.locked();
        assertThat(holders.known()).containsExactly(me);
    }

    @Test
    void anUnlockForAnotherEndsWhatIsKnown() throws Exception {
        holders.locked();
        Fork.fork(Fork.Kind.PLATFORM, holders::unlocks).join();
        assertThat(holders.known()).isEmpty();
        holders.locked();
        assertThat(holders.known()).isEmpty();
    }

    @Test
    void moreThanItCanListEndsWhatIsKnown() {
        for (int i = 0; i < 1_024; i++) {
            holders.locked();
        }
        assertThat(holders.known()).containsExactly(me);
        holders.locked();
        assertThat(holders.known()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Fork.Kind.class)
    void manyAtOnceLoseNothing(Fork.Kind kind) throws Exception {
        holders.locked();
        Fork.joinAll(
                Fork.forks(
                        kind,
                        8,
                        () -> {
                            for (int i = 0; i < 2_000; i++) {
                                holders.locked();
                                assertThat(holders.known())
                                        .contains(me, Thread.currentThread().threadId());
                                holders.unlocks();
                            }
                        }));
        assertThat(holders.known()).containsExactly(me);
    }
}
