package dev.jenny.context;

import dev.jenny.RecvChan;
import dev.jenny.Task;
import dev.jenny.internal.sched.CancelHook;
import dev.jenny.internal.sched.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request's cancellation, deadline and values, handed down to everything that works for it.
 *
 * {@snippet :
 * String fetch(Context parent, RecvChan<String> replies) throws Exception {
 *     try (Context ctx = parent.withTimeout(Duration.ofSeconds(2))) {
 *         go(() -> query(ctx));
 *         Optional<String> reply =
 *                 select(
 *                         recv(replies, r -> Optional.ofNullable(r)),
 *                         recv(ctx.done(), v -> Optional.empty()));
 *         ctx.throwIfDone();
 *         return reply.orElseThrow();
 *     }
 * }
 * }
 *
 * <p>Contexts form a tree. {@link #background()} is its root; each {@code with} method makes a
 * child and leaves this context as it is. When a context is cancelled, or its deadline passes, it
 * is <em>done</em>, and so are all below it: {@link #done()} is closed and {@link #err()} says why.
 * What happens first counts, all else has no effect. A context is not done because a child is.
 *
 * <p><b>Release.</b> A context from {@link #withCancel}, {@link #withTimeout} or {@link
 * #withDeadline} stays registered with its parent, and keeps its timer, until it is done. So cancel
 * it when the work is over, however that ended: it is an {@link AutoCloseable}, and {@link
 * #close()} cancels. On all other contexts {@code close()} does nothing.
 *
 * <p><b>Conventions.</b> Pass a context as the first parameter; do not keep it in a field. Use
 * values for what belongs to the request and crosses APIs, not for optional parameters.
 *
 * <p>All methods may be called from any thread, and none blocks. What a thread did before it
 * cancelled a context happens before another receives from {@code done()}, gets a non-null {@code
 * err()} or {@code cause()}, or runs a function of {@link #afterFunc}, on that context or one below
 * it.
 *
 * <p>Cancelling takes time in proportion to the number of contexts and functions below.
 *
 * <p>The rules are those of Go's {@code context} package.
 *
 * <p>The class is sealed: there are no contexts but Jenny's. Where a Go program would implement the
 * interface, wrap a context, or use a value.
 */
public abstract sealed class Context implements AutoCloseable {
    /** Null for a root. */
    final @Nullable Context parent;

    /** What cancels this context: of its own, or the nearest above; null if nothing ever will. */
    final @Nullable Node node;

    private Context(@Nullable Context parent, @Nullable Node node) {
        this.parent = parent;
        this.node = node;
    }

    /**
     * The root of all contexts: never done, no deadline, no values. For main, tests, and the start
     * of incoming requests.
     */
    public static Context background() {
        return Root.BACKGROUND;
    }

    /** The same as {@link #background()}, for where it is not clear yet which context to use. */
    public static Context todo() {
        return Root.TODO;
    }

    // ---- children ----

    /**
     * A child that {@link #cancel()} or {@link #close()} cancels.
     *
     * {@snippet :
     * try (Context ctx = parent.withCancel()) {
     *     go(() -> produce(ctx, numbers));
     *     use(numbers.recv());
     * } // the producer is told to stop
     * }
     */
    public final Context withCancel() {
        Node n = new Node(node);
        n.attach();
        return new Cancellable(this, n, null);
    }

    /**
     * A child that is done at {@code deadline}, unless it is cancelled before.
     *
     * <p>If this context's own deadline is earlier, the child is one of {@link #withCancel()}. A
     * deadline in the past makes the child done at once, with a {@link DeadlineExceededException}.
     * The time left is taken when the child is made: a later change of the system's clock does not
     * move the end.
     *
     * @param deadline the wall-clock time, to the nanosecond
     * @throws NullPointerException if {@code deadline} is null
     */
    public final Context withDeadline(Instant deadline) {
        return withDeadline(deadline, null);
    }

    /**
     * {@link #withDeadline(Instant)} with what {@link #cause()} is to return if the deadline
     * passes. It is not the cause of a {@link #cancel()}, nor if an earlier deadline of this
     * context passes.
     *
     * @param deadline the wall-clock time, to the nanosecond
     * @param cause the cause; null for none
     * @throws NullPointerException if {@code deadline} is null
     */
    public final Context withDeadline(Instant deadline, @Nullable Throwable cause) {
        Duration left = Duration.between(Instant.now(), deadline);
        return withDeadline(deadline, Clock.nanos(left), cause);
    }

    /**
     * A child that is done when {@code timeout} has passed, unless it is cancelled before;
     * otherwise like {@link #withDeadline(Instant)}.
     *
     * {@snippet :
     * try (Context ctx = parent.withTimeout(Duration.ofMillis(500))) {
     *     work(ctx);
     * }
     * }
     *
     * @param timeout how long, to the nanosecond; if not positive, the child is done at once
     * @throws NullPointerException if {@code timeout} is null
     */
    public final Context withTimeout(Duration timeout) {
        return withTimeout(timeout, null);
    }

    /**
     * {@link #withTimeout(Duration)} with what {@link #cause()} is to return if the time is up. It
     * is not the cause of a {@link #cancel()}, nor if an earlier deadline of this context passes.
     *
     * @param timeout how long, to the nanosecond; if not positive, the child is done at once
     * @param cause the cause; null for none
     * @throws NullPointerException if {@code timeout} is null
     */
    public final Context withTimeout(Duration timeout, @Nullable Throwable cause) {
        long nanos = Clock.nanos(timeout);
        return withDeadline(fromNow(timeout), nanos, cause);
    }

    private Context withDeadline(Instant deadline, long nanos, @Nullable Throwable cause) {
        long due = Clock.after(nanos);
        if (node != null && node.deadline != null && node.due < due) {
            return withCancel();
        }
        Node.WithDeadline n = new Node.WithDeadline(node, deadline, due, cause);
        n.attach();
        n.start(nanos <= 0);
        return new Cancellable(this, n, deadline);
    }

    private static Instant fromNow(Duration timeout) {
        try {
            return Instant.now().plus(timeout);
        } catch (DateTimeException | ArithmeticException e) {
            return timeout.isNegative() ? Instant.MIN : Instant.MAX;
        }
    }

    /**
     * A child that has {@code value} for {@code key}, and is done when this context is. It cannot
     * be cancelled by itself, and costs next to nothing; a look-up takes time in proportion to the
     * number of contexts on the way up.
     *
     * {@snippet :
     * static final Context.Key<String> USER = Context.Key.of("user");
     *
     * void handle(Context ctx, Request request) {
     *     reply(ctx.withValue(USER, request.user()));
     * }
     *
     * void reply(Context ctx) {
     *     System.out.println("hello " + ctx.value(USER));
     * }
     * }
     *
     * @param <V> the type of the value
     * @throws NullPointerException if {@code key} or {@code value} is null
     */
    public final <V> Context withValue(Key<V> key, V value) {
        Objects.requireNonNull(key, "nil key");
        Objects.requireNonNull(value, "nil value: a key without a value needs no context");
        return new Valued(this, key, value);
    }

    /**
     * A child with this context's values, but without its cancellation and deadline: for work that
     * is to go on when the request is over. It is never done; {@link #cause()} is null.
     *
     * {@snippet :
     * Context audit = ctx.withoutCancel();
     * go(() -> writeAuditRecord(audit));
     * }
     */
    public final Context withoutCancel() {
        return new Detached(this);
    }

    // ---- queries ----

    /**
     * A channel that is closed when this context is done. It never has a value.
     *
     * @return the channel, always the same; null if this context can never be done. A null channel
     *     disables a case of a select, so the result can be passed on as it is
     */
    public final @Nullable RecvChan<Void> done() {
        return node == null ? null : node.done();
    }

    /**
     * Why this context is done.
     *
     * @return null if it is not done, and then {@link #done()} is not closed; else a {@link
     *     CancelledException} or a {@link DeadlineExceededException}, always the same, and {@code
     *     done()} is closed
     */
    public final @Nullable ContextException err() {
        return node == null ? null : node.err();
    }

    /**
     * What made this context done: what was given to {@link #cancel(Throwable)} or to the {@code
     * with} method, here or in the context above that was cancelled; without that, {@link #err()}.
     *
     * @return null if this context is not done
     */
    public final @Nullable Throwable cause() {
        return node == null ? null : node.cause();
    }

    /**
     * Throws if this context is done: the check between two steps of a long piece of work.
     *
     * {@snippet :
     * for (Path file : files) {
     *     ctx.throwIfDone();
     *     process(file);
     * }
     * }
     *
     * @throws ContextException if it is done: of the type of {@link #err()}, with the same message
     *     and cause, and the caller's stack
     */
    public final void throwIfDone() throws ContextException {
        ContextException e = err();
        if (e != null) {
            throw e.toThrow();
        }
    }

    /**
     * When this context will be done at the latest, by the wall clock; empty if there is no limit.
     */
    public final Optional<Instant> deadline() {
        return node == null ? Optional.empty() : Optional.ofNullable(node.deadline);
    }

    /**
     * The value for {@code key} in this context or the nearest above that has one.
     *
     * @param <V> the type of the value
     * @return the value; null if there is none
     * @throws NullPointerException if {@code key} is null
     */
    public final <V> @Nullable V value(Key<V> key) {
        Objects.requireNonNull(key, "nil key");
        for (Context c = this; c != null; c = c.parent) {
            if (c instanceof Valued v && v.key == key) {
                @SuppressWarnings("unchecked") // withValue took a V with this key
                V value = (V) v.value;
                return value;
            }
        }
        return null;
    }

    // ---- cancellation ----

    /**
     * Cancels this context and all below it, unless they are done. When it returns they are, also
     * if another thread was faster; functions of {@link #afterFunc} have been started or are being
     * started. It takes no memory.
     *
     * @throws IllegalStateException if this context is not one of {@link #withCancel}, {@link
     *     #withTimeout} or {@link #withDeadline}: it cannot be cancelled by itself
     */
    public final void cancel() {
        cancel(null);
    }

    /**
     * {@link #cancel()} with what {@link #cause()} is to return.
     *
     * {@snippet :
     * try (Context ctx = Context.background().withCancel()) {
     *     ctx.cancel(new IOException("disk full"));
     *     assert ctx.err() instanceof CancelledException;
     *     assert ctx.cause() instanceof IOException;
     * }
     * }
     *
     * @param cause the cause; null for none
     * @throws IllegalStateException as for {@link #cancel()}
     */
    public final void cancel(@Nullable Throwable cause) {
        if (!(this instanceof Cancellable c)) {
            throw new IllegalStateException(
                    "cancel of a context that cannot be cancelled by itself ("
                            + describe(false)
                            + "): cancel the one that withCancel, withTimeout or withDeadline"
                            + " returned");
        }
        c.doCancel(cause);
    }

    /** {@link #cancel()}, on contexts that have it; on all others nothing. */
    @Override
    public final void close() {
        if (this instanceof Cancellable c) {
            c.doCancel(null);
        }
    }

    /**
     * Starts {@code task} in a goroutine of its own when this context is done; at once if it is
     * done already; never if it never will be. An exception that leaves the task is a panic of that
     * goroutine. It has the labels of who cancelled the context; at a deadline, of who set that. If
     * there is no memory for the goroutine, it is started once there is.
     *
     * {@snippet :
     * Context.AfterFunc hook = ctx.afterFunc(() -> socket.close()); // ends the read below
     * try {
     *     return socket.getInputStream().read(buffer);
     * } finally {
     *     hook.stop();
     * }
     * }
     *
     * @throws NullPointerException if {@code task} is null
     */
    public final AfterFunc afterFunc(Task task) {
        Objects.requireNonNull(task, "afterFunc without a task");
        Node.Hook n =
                task instanceof CancelHook own
                        ? new Node.Wake(node, own)
                        : new Node.Func(node, task);
        n.attach();
        return n;
    }

    /** A function that waits for a context to be done; see {@link Context#afterFunc}. */
    public interface AfterFunc {
        /**
         * Calls the function off and lets go of the context. Does not wait for a function that has
         * started.
         *
         * @return true if the call prevented the function: it has not started and never will; false
         *     if it has been started or was stopped before
         */
        boolean stop();
    }

    /**
     * A key for a value in a context. Two keys are the same only if they are the same object, so
     * nobody gets at a value without its key; the name is for {@link Context#toString}.
     *
     * {@snippet :
     * static final Context.Key<Locale> LOCALE = Context.Key.of("locale");
     * }
     *
     * @param <V> the type of the value
     */
    @SuppressWarnings("UnusedTypeParameter") // it ties the key to its values
    public static final class Key<V> {
        private final String name;

        private Key(String name) {
            this.name = name;
        }

        /**
         * A new key, different from all others.
         *
         * @param <V> the type of the value
         * @param name for people to read
         * @throws NullPointerException if {@code name} is null
         */
        public static <V> Key<V> of(String name) {
            return new Key<>(Objects.requireNonNull(name, "a key without a name"));
        }

        /** The name. */
        @Override
        public String toString() {
            return name;
        }
    }

    // ---- text ----

    /**
     * How this context was made, from the root down: {@code
     * context.Background.WithCancel.WithValue(user, gopher)}. Values are shown only if they are
     * strings, numbers of {@code java.lang}, booleans, characters or enums; of others it shows the
     * class.
     */
    @Override
    public final String toString() {
        return describe(true);
    }

    private String describe(boolean withValues) {
        Deque<Context> path = new ArrayDeque<>();
        for (Context c = this; c != null; c = c.parent) {
            path.push(c);
        }
        StringBuilder b = new StringBuilder();
        for (Context c : path) {
            c.describe(b, withValues);
        }
        return b.toString();
    }

    /** Appends how this context was made from its parent. */
    abstract void describe(StringBuilder b, boolean withValues);

    // ---- the kinds ----

    private static final class Root extends Context {
        static final Context BACKGROUND = new Root("context.Background");
        static final Context TODO = new Root("context.TODO");

        private final String name;

        Root(String name) {
            super(null, null);
            this.name = name;
        }

        @Override
        void describe(StringBuilder b, boolean withValues) {
            b.append(name);
        }
    }

    private static final class Cancellable extends Context {
        private final Node own;
        private final @Nullable Instant deadline;

        Cancellable(Context parent, Node own, @Nullable Instant deadline) {
            super(parent, own);
            this.own = own;
            this.deadline = deadline;
        }

        void doCancel(@Nullable Throwable cause) {
            own.cancel(cause);
        }

        @Override
        void describe(StringBuilder b, boolean withValues) {
            if (deadline == null) {
                b.append(".WithCancel");
            } else {
                b.append(".WithDeadline(").append(deadline).append(" [");
                b.append(Duration.between(Instant.now(), deadline)).append("])");
            }
        }
    }

    private static final class Valued extends Context {
        final Key<?> key;
        final Object value;

        Valued(Context parent, Key<?> key, Object value) {
            super(parent, parent.node);
            this.key = key;
            this.value = value;
        }

        @Override
        void describe(StringBuilder b, boolean withValues) {
            b.append(".WithValue(").append(key);
            if (withValues) {
                b.append(", ").append(show(value));
            }
            b.append(')');
        }

        /** Only what cannot run the user's code, or show what it would rather not. */
        private static String show(Object v) {
            return switch (v) {
                case String s -> s;
                case Boolean x -> x.toString();
                case Character x -> x.toString();
                case Enum<?> x -> x.name();
                case Number x when x.getClass().getPackageName().equals("java.lang") ->
                        x.toString();
                default -> v.getClass().getName();
            };
        }
    }

    private static final class Detached extends Context {
        Detached(Context parent) {
            super(parent, null);
        }

        @Override
        void describe(StringBuilder b, boolean withValues) {
            b.append(".WithoutCancel");
        }
    }
}
