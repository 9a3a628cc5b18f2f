package dev.jenny.context;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which cause counts. */
@Timeout(60)
class ContextCauseTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Context.Key<String> KEY = Context.Key.of("key");

    private final Throwable parentCause = new IOException("parent");
    private final Throwable childCause = new IOException("child");
    private final Throwable tooSlow = new IOException("too slow");
    private final Context parent = Context.background().withCancel();

    private static void check(Context c, Class<? extends ContextException> err, Throwable cause) {
        assertThat(c.err()).isExactlyInstanceOf(err);
        assertThat(c.cause()).isSameAs(cause == null ? c.err() : cause);
        assertThat(c.err().getCause()).isSameAs(cause);
        Context value = c.withValue(KEY, "v");
        assertThat(value.err()).isSameAs(c.err());
        assertThat(value.cause()).isSameAs(c.cause());
    }

    @Test
    void ofACancelWithoutOneIsTheError() {
        parent.cancel();
        check(parent, CancelledException.class, null);
        Context other = Context.background().withCancel();
        other.cancel(null);
        check(other, CancelledException.class, null);
    }

    @Test
    void ofACancelIsWhatItWasGiven() {
        parent.cancel(parentCause);
        check(parent, CancelledException.class, parentCause);
    }

    @Test
    void goesDownTheTree() {
        Context child = parent.withCancel();
        Context grandchild = child.withValue(KEY, "v").withTimeout(LONG, tooSlow);
        parent.cancel(parentCause);
        check(child, CancelledException.class, parentCause);
        check(grandchild, CancelledException.class, parentCause);
    }

    @Test
    void childFirst() {
        Context child = parent.withCancel();
        child.cancel(childCause);
        parent.cancel(parentCause);
        check(child, CancelledException.class, childCause);
        check(parent, CancelledException.class, parentCause);
    }

    @Test
    void parentFirst() {
        Context child = parent.withCancel();
        parent.cancel(parentCause);
        child.cancel(childCause);
        check(child, CancelledException.class, parentCause);
    }

    @Test
    void childFirstWithoutACause() {
        Context child = parent.withCancel();
        child.cancel();
        parent.cancel(parentCause);
        check(child, CancelledException.class, null);
    }

    @Test
    void parentFirstWithoutACause() {
        Context child = parent.withCancel();
        parent.cancel();
        child.cancel(childCause);
        check(child, CancelledException.class, null);
        assertThat(child.cause()).isSameAs(parent.err());
    }

    @Test
    void ofADeadlineThatPassed() {
        check(parent.withTimeout(Duration.ZERO, tooSlow), DeadlineExceededException.class, tooSlow);
        check(
                parent.withDeadline(Instant.now().minusSeconds(1), tooSlow),
                DeadlineExceededException.class,
                tooSlow);
        check(parent.withTimeout(Duration.ZERO), DeadlineExceededException.class, null);
        check(parent.withTimeout(Duration.ZERO, null), DeadlineExceededException.class, null);
    }

    @Test
    void ofADeadlineThatPassesLater() throws Exception {
        Context c = parent.withTimeout(Duration.ofMillis(5), tooSlow);
        Context child = c.withCancel();
        c.done().recv();
        check(c, DeadlineExceededException.class, tooSlow);
        child.done().recv();
        check(child, DeadlineExceededException.class, tooSlow);
    }

    @Test
    void ofADeadlineIsNotThatOfACancel() {
        Context a = parent.withTimeout(LONG, tooSlow);
        a.cancel();
        check(a, CancelledException.class, null);
        Context b = parent.withTimeout(LONG, tooSlow);
        b.cancel(childCause);
        check(b, CancelledException.class, childCause);
    }

    @Test
    void ofACancelAfterTheDeadlineDoesNotCount() {
        Context c = parent.withTimeout(Duration.ZERO, tooSlow);
        c.cancel(childCause);
        check(c, DeadlineExceededException.class, tooSlow);
    }

    @Test
    void ofALaterDeadlineThanTheParentsDoesNotCount() throws Exception {
        Context p = parent.withTimeout(Duration.ofMillis(5), parentCause);
        Context c = p.withTimeout(LONG, tooSlow);
        c.done().recv();
        check(c, DeadlineExceededException.class, parentCause);
    }

    @Test
    void ofNothingIsNull() {
        assertThat(parent.cause()).isNull();
        assertThat(Context.background().cause()).isNull();
        parent.cancel(parentCause);
        assertThat(parent.withoutCancel().cause()).isNull();
    }

    @Test
    void mayBeTheErrorOfAnotherContext() {
        parent.cancel();
        Context other = Context.background().withCancel();
        other.cancel(parent.err());
        check(other, CancelledException.class, parent.err());
    }
}
