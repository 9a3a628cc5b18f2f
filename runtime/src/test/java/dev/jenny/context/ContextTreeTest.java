package dev.jenny.context;

import static dev.jenny.Select.otherwise;
import static dev.jenny.Select.recv;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.Chan;
import dev.jenny.RecvChan;
import dev.jenny.Select;
import dev.jenny.support.Fork;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The roots, cancellation, and how it travels down the tree. */
@Timeout(60)
class ContextTreeTest {
    private static final Context.Key<String> KEY = Context.Key.of("key");
    private static final Duration LONG = Duration.ofHours(1);

    static void assertNotDone(Context... contexts) {
        for (Context c : contexts) {
            assertThat(c.err()).as("err of %s", c).isNull();
            assertThat(c.cause()).as("cause of %s", c).isNull();
            RecvChan<Void> done = c.done();
            assertThat(done == null || !done.isDrained()).as("%s is open", c).isTrue();
        }
    }

    static void assertCancelled(Context... contexts) throws InterruptedException {
        for (Context c : contexts) {
            assertThat(c.err()).as("err of %s", c).isInstanceOf(CancelledException.class);
            assertThat(c.done().isDrained()).as("%s is closed", c).isTrue();
            assertThat(c.done().recv()).isNull();
        }
    }

    @Test
    void theRootsAreNeverDone() throws Exception {
        for (Context c : List.of(Context.background(), Context.todo())) {
            assertThat(c.done()).isNull();
            assertNotDone(c);
            assertThat(c.deadline()).isEmpty();
            assertThat(c.value(KEY)).isNull();
            c.throwIfDone();
            c.close();
            assertThat(Select.<String>select(recv(c.done(), v -> "done"), otherwise(() -> "open")))
                    .isEqualTo("open");
        }
        assertThat(Context.background())
                .isSameAs(Context.background())
                .isNotEqualTo(Context.todo());
    }

    @Test
    void cancelMakesItDone() throws Exception {
        Context c = Context.background().withCancel();
        assertNotDone(c);
        assertThat(c.deadline()).isEmpty();
        assertThat(Select.<String>select(recv(c.done(), v -> "done"), otherwise(() -> "open")))
                .isEqualTo("open");
        c.cancel();
        assertCancelled(c);
        assertThat(c.err()).hasMessage("context canceled").hasNoCause();
        assertThat(c.cause()).isSameAs(c.err());
        assertThat(Select.<String>select(recv(c.done(), v -> "done"), otherwise(() -> "open")))
                .isEqualTo("done");
    }

    @Test
    void closeCancels() throws Exception {
        Context leaked;
        try (Context c = Context.background().withCancel()) {
            leaked = c;
            assertNotDone(c);
        }
        assertCancelled(leaked);
    }

    @Test
    void againIsHarmlessAndChangesNothing() throws Exception {
        Context c = Context.background().withCancel();
        c.cancel();
        ContextException err = c.err();
        c.cancel();
        c.cancel(new IOException("late"));
        c.close();
        assertThat(c.err()).isSameAs(err);
        assertThat(c.cause()).isSameAs(err);
    }

    @Test
    void theDoneChannelIsAlwaysTheSame() {
        Context c = Context.background().withCancel();
        RecvChan<Void> done = c.done();
        assertThat(c.done()).isSameAs(done);
        c.cancel();
        assertThat(c.done()).isSameAs(done);

        Context unasked = Context.background().withCancel();
        unasked.cancel();
        assertThat(unasked.done().isDrained()).isTrue();
        assertThat(unasked.done()).isSameAs(unasked.done());
    }

    @ParameterizedTest
    @EnumSource
    void cancelWakesAllThatWait(Fork.Kind kind) throws Exception {
        Context c = Context.background().withCancel();
        Context child = c.withValue(KEY, "v").withCancel();
        Chan<String> never = Chan.make();
        List<Fork> receivers = Fork.forks(kind, 4, () -> assertThat(c.done().recv()).isNull());
        List<Fork> selects =
                Fork.forks(
                        kind,
                        4,
                        () ->
                                assertThat(
                                                Select.<String>select(
                                                        recv(never, v -> "never"),
                                                        recv(child.done(), v -> "done")))
                                        .isEqualTo("done"));
        receivers.forEach(f -> f.blockedOn(c.done()));
        selects.forEach(Fork::parked);
        c.cancel();
        Fork.joinAll(receivers);
        Fork.joinAll(selects);
    }

    @Test
    void downTheTreeNotUpNorAside() throws Exception {
        Context root = Context.background().withCancel();
        Context middle = root.withValue(KEY, "v").withCancel();
        Context value = middle.withValue(KEY, "w");
        Context leaf = value.withTimeout(LONG);
        Context sibling = root.withCancel();
        middle.cancel();
        assertCancelled(middle, value, leaf);
        assertThat(leaf.err()).isSameAs(middle.err());
        assertNotDone(root, sibling);
        root.cancel();
        assertCancelled(root, sibling);
        assertThat(middle.err()).as("the first reason stays").isNotSameAs(root.err());
    }

    @Test
    void aCancelledChildDoesNotTouchItsParent() throws Exception {
        Context parent = Context.background().withCancel();
        Context a = parent.withCancel();
        Context b = parent.withCancel();
        a.cancel();
        assertCancelled(a);
        assertNotDone(parent, b);
        parent.cancel();
        assertCancelled(parent, b);
    }

    @Test
    void aChildOfADoneContextIsDoneAtOnce() throws Exception {
        IOException cause = new IOException("disk full");
        Context parent = Context.background().withCancel();
        parent.cancel(cause);
        for (Context child :
                List.of(
                        parent.withCancel(),
                        parent.withTimeout(LONG),
                        parent.withTimeout(Duration.ZERO),
                        parent.withValue(KEY, "v"),
                        parent.withCancel().withValue(KEY, "v").withCancel())) {
            assertCancelled(child);
            assertThat(child.err()).isSameAs(parent.err());
            assertThat(child.cause()).isSameAs(cause);
        }
    }

    @Test
    void childrenMadeBetweenValuesHangOnTheNearestThatCanBeCancelled() throws Exception {
        Context c = Context.background().withValue(KEY, "a");
        assertThat(c.done()).isNull();
        Context cancel = c.withCancel();
        Context below = cancel.withValue(KEY, "b").withValue(KEY, "c");
        assertThat(below.done()).isSameAs(cancel.done());
        cancel.cancel();
        assertCancelled(below);
        assertThat(below.err()).isSameAs(cancel.err());
    }

    @Test
    void withoutCancelGoesOn() throws Exception {
        Context parent = Context.background().withValue(KEY, "v").withTimeout(LONG);
        Context detached = parent.withoutCancel();
        Context child = detached.withCancel();
        parent.cancel(new IOException("over"));
        assertThat(detached.done()).isNull();
        assertNotDone(detached, child);
        assertThat(detached.deadline()).isEmpty();
        assertThat(detached.value(KEY)).isEqualTo("v");
        assertThat(detached.withoutCancel().withoutCancel().value(KEY)).isEqualTo("v");
        child.cancel();
        assertCancelled(child);
        assertThat(parent.withoutCancel().cause()).as("of a parent that is done").isNull();
    }

    @Test
    void onlyWhatIsCancellableCanBeCancelled() {
        Context parent = Context.background().withCancel();
        for (Context c :
                List.of(
                        Context.background(),
                        Context.todo(),
                        parent.withValue(KEY, "secret"),
                        parent.withoutCancel())) {
            assertThatThrownBy(c::cancel)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cannot be cancelled by itself")
                    .hasMessageNotContaining("secret");
            assertThatThrownBy(() -> c.cancel(new IOException()))
                    .isInstanceOf(IllegalStateException.class);
            c.close();
        }
        assertNotDone(parent);
    }

    @Test
    void throwIfDoneThrowsItsOwnExceptionWithTheCallersStack() throws Exception {
        IOException cause = new IOException("disk full");
        Context c = Context.background().withCancel();
        c.throwIfDone();
        c.cancel(cause);
        assertThatThrownBy(c::throwIfDone)
                .isInstanceOf(CancelledException.class)
                .hasMessage("context canceled")
                .hasCause(cause)
                .isNotSameAs(c.err())
                .satisfies(e ->
                        assertThat(e.getStackTrace())
                                .anyMatch(f -> f.getClassName().equals(getClass().getName())));
        Context late = Context.background().withTimeout(Duration.ZERO);
        assertThatThrownBy(late::throwIfDone)
                .isInstanceOf(DeadlineExceededException.class)
                .hasMessage("context deadline exceeded")
                .hasNoCause();
    }

    @Test
    void nullTasksAreRefused() {
        assertThatThrownBy(() -> Context.background().afterFunc(null))
                .isInstanceOf(NullPointerException.class);
    }
}
