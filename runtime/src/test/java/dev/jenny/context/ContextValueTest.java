package dev.jenny.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Values, keys, and the text of a context. */
class ContextValueTest {
    private static final Context.Key<String> USER = Context.Key.of("user");
    private static final Context.Key<Integer> DEPTH = Context.Key.of("depth");
    private static final Context BACKGROUND = Context.background();

    @Test
    void isFoundHereAndBelowNotAbove() {
        Context c = BACKGROUND.withValue(USER, "gopher");
        assertThat(c.value(USER)).isEqualTo("gopher");
        assertThat(c.withCancel().withTimeout(Duration.ZERO).withoutCancel().value(USER))
                .isEqualTo("gopher");
        assertThat(BACKGROUND.value(USER)).isNull();
        assertThat(c.value(DEPTH)).isNull();
    }

    @Test
    void theNearestCounts() {
        Context outer = BACKGROUND.withValue(USER, "outer").withValue(DEPTH, 1);
        Context inner = outer.withCancel().withValue(USER, "inner");
        assertThat(inner.value(USER)).isEqualTo("inner");
        assertThat(inner.value(DEPTH)).isEqualTo(1);
        assertThat(outer.value(USER)).isEqualTo("outer");
    }

    @Test
    void isStillThereWhenTheContextIsDone() {
        Context c = BACKGROUND.withCancel();
        Context v = c.withValue(USER, "gopher");
        c.cancel();
        assertThat(v.value(USER)).isEqualTo("gopher");
    }

    @Test
    void keysWithTheSameNameAreDifferent() {
        Context.Key<String> other = Context.Key.of("user");
        Context c = BACKGROUND.withValue(USER, "gopher");
        assertThat(c.value(other)).isNull();
        assertThat(other).isNotEqualTo(USER).hasToString("user");
    }

    @Test
    void nullIsRefused() {
        assertThatThrownBy(() -> BACKGROUND.withValue(null, "v"))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("nil key");
        assertThatThrownBy(() -> BACKGROUND.withValue(USER, null))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("nil value");
        assertThatThrownBy(() -> BACKGROUND.value(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("nil key");
        assertThatThrownBy(() -> Context.Key.of(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void aLongChainIsSearchedToItsEnd() {
        Context c = BACKGROUND.withValue(USER, "root");
        for (int i = 0; i < 100_000; i++) {
            c = c.withValue(DEPTH, i);
        }
        assertThat(c.value(USER)).isEqualTo("root");
        assertThat(c.toString()).endsWith(".WithValue(depth, 99999)");
    }

    @Test
    void theTextSaysHowItWasMade() {
        assertThat(BACKGROUND).hasToString("context.Background");
        assertThat(Context.todo()).hasToString("context.TODO");
        assertThat(BACKGROUND.withCancel().withoutCancel().withValue(USER, "gopher"))
                .hasToString("context.Background.WithCancel.WithoutCancel.WithValue(user, gopher)");
        Instant deadline = Instant.now().plusSeconds(1_000);
        try (Context c = Context.todo().withDeadline(deadline)) {
            assertThat(c.toString())
                    .startsWith("context.TODO.WithDeadline(" + deadline + " [PT")
                    .endsWith("])");
            assertThat(c.withTimeout(Duration.ofDays(1)).toString()).endsWith("]).WithCancel");
        }
    }

    @Test
    void theTextShowsPlainValuesOnly() {
        Context.Key<Object> key = Context.Key.of("k");
        assertThat(BACKGROUND.withValue(key, 1.5).toString()).endsWith("(k, 1.5)");
        assertThat(BACKGROUND.withValue(key, true).toString()).endsWith("(k, true)");
        assertThat(BACKGROUND.withValue(key, 'c').toString()).endsWith("(k, c)");
        assertThat(BACKGROUND.withValue(key, TimeUnit.DAYS).toString()).endsWith("(k, DAYS)");
        assertThat(BACKGROUND.withValue(key, List.of("secret")).toString())
                .doesNotContain("secret")
                .contains("List");
    }
}
