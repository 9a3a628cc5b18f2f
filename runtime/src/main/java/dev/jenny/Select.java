package dev.jenny;

import dev.jenny.internal.chan.Channel;
import dev.jenny.internal.sched.Clock;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Go's select statement: waits until one of several channel operations can proceed, and does that
 * one. Meant for static import.
 *
 * {@snippet :
 * String result =
 *         select(
 *                 recv(replies, reply -> "got " + reply),
 *                 recv(ctx.done(), v -> "cancelled"),
 *                 after(Duration.ofSeconds(1), () -> "timed out"));
 * }
 *
 * <p>If several cases can proceed, one is chosen uniformly at random; {@link #otherwise} only if
 * none can. All is decided at one instant. A case whose channel is null is never ready. The same
 * channel may stand in several cases. With no case that could ever be ready, select blocks for
 * ever, until interrupted.
 *
 * <p>The cases {@link #recv}, {@link #send}, {@link #after} and {@link #otherwise} have a value,
 * which select returns; {@link #onRecv}, {@link #onSend}, {@link #onTimeout} and {@link #onDefault}
 * are the same as statements. A case is immutable and may be used again and again, by any thread.
 *
 * <p>In a hot loop, make the cases once, before the loop. Only a {@link #send} case is made anew
 * for each value, since its value is fixed.
 *
 * {@snippet :
 * Case<String> next = recv(replies, r -> r);
 * Case<String> end = recv(stop, v -> null);
 * for (String r; (r = select(next, end)) != null; ) {
 *     System.out.println(r);
 * }
 * }
 *
 * <p>Actions run in the calling thread after the choice is made, holding no lock. The memory
 * effects are those of the channel operation that was done.
 */
public final class Select {
    private Select() {}

    /**
     * An action of a {@link #recv} case.
     *
     * @param <T> the type of the channel's values
     * @param <R> the type of the result
     */
    @FunctionalInterface
    public interface RecvAction<T, R extends @Nullable Object> {
        /** Gets the value that was received; null if the channel is closed and drained. */
        R apply(@Nullable T value) throws InterruptedException;
    }

    /**
     * An action of a case that receives nothing.
     *
     * @param <R> the type of the result
     */
    @FunctionalInterface
    public interface Action<R extends @Nullable Object> {
        /** Runs the action. */
        R run() throws InterruptedException;
    }

    /**
     * An action of an {@link #onRecv} case.
     *
     * @param <T> the type of the channel's values
     */
    @FunctionalInterface
    public interface VoidRecvAction<T> {
        /** Gets the value that was received; null if the channel is closed and drained. */
        void accept(@Nullable T value) throws InterruptedException;
    }

    /** An action without a value. */
    @FunctionalInterface
    public interface VoidAction {
        /** Runs the action. */
        void run() throws InterruptedException;
    }

    enum Kind {
        RECV,
        SEND,
        AFTER,
        OTHERWISE
    }

    /**
     * One case of a select.
     *
     * @param <R> the type of its result
     */
    public static final class Case<R extends @Nullable Object> {
        final Kind kind;
        final @Nullable Channel<Object> channel;
        final @Nullable Object value;
        final long nanos;
        private final RecvAction<Object, R> action;

        private Case(
                Kind kind,
                @Nullable Channel<Object> channel,
                @Nullable Object value,
                long nanos,
                RecvAction<Object, R> action) {
            this.kind = kind;
            this.channel = channel;
            this.value = value;
            this.nanos = nanos;
            this.action = action;
        }

        R act(@Nullable Object received) throws InterruptedException {
            return action.apply(received);
        }

        @Override
        public String toString() {
            return "Case[" + kind + (channel == null ? "" : " " + channel) + "]";
        }
    }

    /**
     * A case that receives from {@code ch}.
     *
     * @param ch the channel; null disables the case
     * @param action gets the value, or null if the channel is closed and drained
     * @throws NullPointerException if {@code action} is null
     * @throws IllegalArgumentException if {@code ch} is not a channel that Jenny made
     */
    @SuppressWarnings("unchecked")
    public static <T, R extends @Nullable Object> Case<R> recv(
            @Nullable RecvChan<T> ch, RecvAction<T, R> action) {
        Objects.requireNonNull(action);
        return new Case<>(Kind.RECV, channel(ch), null, 0, (RecvAction<Object, R>) action);
    }

    /**
     * A case that sends {@code value} on {@code ch}.
     *
     * @param ch the channel; null disables the case
     * @param value what to send, never null unless the channel is
     * @param action runs when the value has been sent
     * @throws NullPointerException if {@code action} is null, or {@code value} is null and {@code
     *     ch} is not
     * @throws IllegalArgumentException if {@code ch} is not a channel that Jenny made
     */
    public static <T, R extends @Nullable Object> Case<R> send(
            @Nullable SendChan<T> ch, @Nullable T value, Action<R> action) {
        Objects.requireNonNull(action);
        if (ch != null) {
            Objects.requireNonNull(value, "send of null: a channel's values are never null");
        }
        return new Case<>(Kind.SEND, channel(ch), value, 0, v -> action.run());
    }

    /**
     * A case that becomes ready when {@code d} has passed since the start of the select; at once if
     * {@code d} is not positive. It takes no thread and leaves no timer behind. Of several such
     * cases in one select the shortest counts, of equal ones the first; those that are ready at
     * once are chosen among at random, like other cases.
     *
     * @throws NullPointerException if {@code d} or {@code action} is null
     */
    public static <R extends @Nullable Object> Case<R> after(Duration d, Action<R> action) {
        Objects.requireNonNull(action);
        return new Case<>(Kind.AFTER, null, null, Clock.nanos(d), v -> action.run());
    }

    /**
     * The case to take if no other is ready: Go's {@code default}.
     *
     * @throws NullPointerException if {@code action} is null
     */
    public static <R extends @Nullable Object> Case<R> otherwise(Action<R> action) {
        Objects.requireNonNull(action);
        return new Case<>(Kind.OTHERWISE, null, null, 0, v -> action.run());
    }

    /** {@link #recv} as a statement. */
    public static <T> Case<@Nullable Void> onRecv(
            @Nullable RecvChan<T> ch, VoidRecvAction<T> action) {
        Objects.requireNonNull(action);
        return Select.<T, @Nullable Void>recv(
                ch,
                v -> {
                    action.accept(v);
                    return null;
                });
    }

    /** {@link #send} as a statement. */
    public static <T> Case<@Nullable Void> onSend(
            @Nullable SendChan<T> ch, @Nullable T value, VoidAction action) {
        return Select.<T, @Nullable Void>send(ch, value, statement(action));
    }

    /** {@link #after} as a statement. */
    public static Case<@Nullable Void> onTimeout(Duration d, VoidAction action) {
        return Select.<@Nullable Void>after(d, statement(action));
    }

    /** {@link #otherwise} as a statement. */
    public static Case<@Nullable Void> onDefault(VoidAction action) {
        return Select.<@Nullable Void>otherwise(statement(action));
    }

    /**
     * Waits until a case can proceed, does it, runs its action and returns the action's result.
     *
     * @param cases the cases, in any order; an array that must not change before the return, or the
     *     channels in it are damaged
     * @throws InterruptedException if the thread is interrupted before a case was chosen; then no
     *     channel has been touched. Also what an action throws
     * @throws SendOnClosedChannelException if a send case was chosen whose channel is closed
     * @throws IllegalArgumentException if there is more than one {@link #otherwise}
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public static <R extends @Nullable Object> R select(Case<? extends R>... cases)
            throws InterruptedException {
        return Selector.select(cases);
    }

    private static Action<@Nullable Void> statement(VoidAction action) {
        Objects.requireNonNull(action);
        return () -> {
            action.run();
            return null;
        };
    }

    @SuppressWarnings("unchecked")
    private static @Nullable Channel<Object> channel(@Nullable Object ch) {
        if (ch == null || ch instanceof Channel<?>) {
            return (Channel<Object>) ch;
        }
        throw new IllegalArgumentException(
                "select works on channels made by Jenny, not on a " + ch.getClass().getName());
    }
}
