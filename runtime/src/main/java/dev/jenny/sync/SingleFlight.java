package dev.jenny.sync;

import dev.jenny.internal.sched.GoexitSignal;
import dev.jenny.internal.sched.Runtimes;
import dev.jenny.internal.sched.WaitReason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Suppresses duplicate work: while a call for a key is under way, others that ask for the same key
 * wait for its result instead of making the call again; Go's {@code x/sync/singleflight}.
 *
 * <p>It is not a cache: when the call has ended, the next one for the key is made anew.
 *
 * {@snippet :
 * import dev.jenny.sync.SingleFlight;
 *
 * class Users {
 *     private final SingleFlight<Long, String> flight = new SingleFlight<>();
 *
 *     String name(long id) throws Exception {
 *         return flight.run(id, () -> queryDatabase(id));
 *     }
 *
 *     private String queryDatabase(long id) {
 *         return "user " + id;
 *     }
 * }
 * }
 *
 * <p><b>Failures.</b> What the call throws reaches everybody who waits for it: as the same object,
 * except that an InterruptedException reaches those who did not make the call as the cause of an
 * {@link java.util.concurrent.ExecutionException}, since they have not been interrupted. If the
 * call ends its goroutine with {@code goexit}, those who wait get an {@link IllegalStateException}.
 *
 * <p><b>Memory.</b> What the call does happens before its result is returned to anybody.
 *
 * @param <K> the type of the keys, with {@code equals} and {@code hashCode}
 * @param <V> the type of the results, which may be null
 */
// Invariant: a call that is in the map is being made, or about to be. Whoever put it there ends it,
// whatever is thrown meanwhile: it leaves the map, `ended` opens, its futures are completed. In a
// full heap the end waits for memory, for nobody else would wake those who wait.
public final class SingleFlight<K, V extends @Nullable Object> {
    private final Mutex mu = new Mutex(); // not a SpinLock: keys run user code
    private final Map<K, Call<V>> calls = new HashMap<>(); // guarded by mu

    /** Makes an object with no call under way. */
    public SingleFlight() {}

    /**
     * A result and how it came about.
     *
     * @param value what the call returned
     * @param shared whether it was given to more than one caller
     * @param <V> the type of the result
     */
    public record Result<V extends @Nullable Object>(V value, boolean shared) {}

    private static final class Call<V extends @Nullable Object> {
        final Latch ended = new Latch();
        volatile @Nullable Thread thread; // who makes it
        int duplicates; // guarded by mu
        final List<CompletableFuture<Result<V>>> futures = new ArrayList<>(0); // guarded by mu

        // written before ended opens
        @Nullable V value;
        @Nullable Throwable failure;

        /** The result, once the call has ended. */
        @SuppressWarnings("NullAway") // value is null only where V allows it
        V value() {
            return value;
        }
    }

    /**
     * Calls {@code callable}, or waits for the call for {@code key} that is under way, and returns
     * the result.
     *
     * @param key what is asked for
     * @param callable finds the result; used only if no call for {@code key} is under way
     * @return what the call returned
     * @throws Exception what the call threw; see the class comment
     * @throws InterruptedException if the thread was interrupted while it waited for another's
     *     call, which goes on undisturbed
     * @throws IllegalStateException if it is called for a key by the call for that key: it would
     *     wait for itself
     */
    public V run(K key, Callable<? extends V> callable) throws Exception {
        return runShared(key, callable).value();
    }

    /**
     * Like {@link #run}, and tells whether others got the same result.
     *
     * @param key what is asked for
     * @param callable finds the result; used only if no call for {@code key} is under way
     * @return what the call returned, and whether others got it too
     * @throws Exception as {@link #run}
     */
    @SuppressWarnings("ReferenceEquality") // of threads
    public Result<V> runShared(K key, Callable<? extends V> callable) throws Exception {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(callable, "callable");
        Call<V> call;
        boolean mine;
        mu.lock();
        try {
            call = calls.get(key);
            mine = call == null;
            if (call == null) {
                call = new Call<>();
                begin(key, call);
            } else if (call.thread == Thread.currentThread()) {
                throw new IllegalStateException(
                        "singleflight: the call for key "
                                + key
                                + " asks for its own result, which would wait for itself");
            } else {
                call.duplicates++;
            }
        } finally {
            mu.unlock();
        }
        if (!mine) {
            await(call);
            Throwable f = call.failure;
            if (f != null) {
                throw Failures.rethrowToOther(f);
            }
            return new Result<>(call.value(), true);
        }
        boolean shared = perform(key, call, callable);
        Throwable f = call.failure;
        if (f != null) {
            throw Failures.rethrow(f);
        }
        return new Result<>(call.value(), shared);
    }

    /**
     * Like {@link #runShared}, without waiting: the call, if it has to be made, is made by a
     * goroutine of its own. The future fails with what the call threw. Cancelling it does not
     * disturb the call.
     *
     * @param key what is asked for
     * @param callable finds the result; used only if no call for {@code key} is under way
     * @return a future of this caller's own
     */
    public Future<Result<V>> async(K key, Callable<? extends V> callable) {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(callable, "callable");
        CompletableFuture<Result<V>> future = new CompletableFuture<>();
        Call<V> call;
        mu.lock();
        try {
            Call<V> other = calls.get(key);
            if (other != null) {
                other.futures.add(future);
                other.duplicates++;
                return future;
            }
            call = new Call<>();
            call.futures.add(future);
            begin(key, call);
        } finally {
            mu.unlock();
        }
        try {
            Runtimes.go(() -> perform(key, call, callable), callable);
        } catch (Throwable t) { // no memory for a goroutine
            call.failure = t;
            end(key, call);
            throw t;
        }
        return future;
    }

    /**
     * Forgets the call for {@code key} that is under way, if any: the next caller makes a call of
     * its own instead of waiting. Those who wait already get the old call's result.
     *
     * @param key what was asked for
     */
    public void forget(K key) {
        mu.lock();
        try {
            calls.remove(key);
        } finally {
            mu.unlock();
        }
    }

    /** Puts the call into the map, or throws and leaves it out. The caller has locked. */
    private void begin(K key, Call<V> call) {
        try {
            calls.put(key, call);
        } catch (Throwable t) {
            calls.remove(key, call); // a map that finds no memory to grow has linked it by then
            throw t;
        }
    }

    /** Makes the call; returns whether its result is shared. */
    private boolean perform(K key, Call<V> call, Callable<? extends V> callable) {
        call.thread = Thread.currentThread();
        boolean shared = false;
        try {
            call.value = callable.call();
        } catch (GoexitSignal goexit) {
            call.failure = endedWithGoexit();
            throw goexit;
        } catch (Throwable t) {
            call.failure = t;
        } finally {
            shared = end(key, call);
        }
        return shared;
    }

    private static Throwable endedWithGoexit() {
        try {
            return new IllegalStateException("singleflight: the call ended with goexit");
        } catch (OutOfMemoryError e) {
            return e;
        }
    }

    /** Waits for a call that another makes. Who is interrupted gets nothing of it. */
    private void await(Call<V> call) throws InterruptedException {
        boolean ended = false;
        try {
            call.ended.await(WaitReason.WAITGROUP_WAIT, this);
            ended = true;
        } finally {
            if (!ended) {
                mu.lock();
                try {
                    call.duplicates--;
                } finally {
                    mu.unlock();
                }
            }
        }
    }

    /** Ends the call, whose outcome has been noted; returns whether that is shared. */
    private boolean end(K key, Call<V> call) {
        boolean shared;
        lockToEnd();
        try {
            shared = call.duplicates > 0;
            calls.remove(key, call); // it may have been forgotten, and another be under way
        } catch (Throwable e) { // of the key, which others of its kind need not know
            removeUnasked(call);
            shared = call.duplicates > 0;
            if (call.failure == null) {
                call.failure = e;
            }
        } finally {
            mu.unlock();
        }
        // nobody finds the call any more: its lists are ours
        call.ended.open();
        for (int i = 0; i < call.futures.size(); i++) {
            complete(call.futures.get(i), call, shared);
        }
        return shared;
    }

    private void lockToEnd() {
        for (; ; ) {
            try {
                mu.lock();
                return;
            } catch (OutOfMemoryError e) { // for something to wait with
                Thread.onSpinWait();
            }
        }
    }

    /** Removes the call without asking its key. */
    private void removeUnasked(Call<V> call) {
        for (; ; ) {
            try {
                calls.values().removeIf(c -> c == call);
                return;
            } catch (OutOfMemoryError e) {
                Thread.onSpinWait();
            }
        }
    }

    private void complete(CompletableFuture<Result<V>> f, Call<V> call, boolean shared) {
        for (; ; ) {
            try {
                Throwable failure = call.failure;
                if (failure != null) {
                    // of one wrapper the future takes what is in it; it has not been cancelled.
                    // With a message, or the wrapper would ask the failure for its own
                    f.completeExceptionally(new CompletionException("singleflight", failure));
                } else {
                    f.complete(new Result<>(call.value(), shared));
                }
                return;
            } catch (OutOfMemoryError e) {
                Thread.onSpinWait();
            }
        }
    }
}
