package dev.jenny.internal.sched;

import dev.jenny.Goroutine;
import dev.jenny.Task;
import dev.jenny.internal.event.Events;
import dev.jenny.internal.loom.Coroutine;
import dev.jenny.internal.loom.Coroutine.Claim;
import dev.jenny.internal.loom.Loom;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A goroutine: a virtual thread together with what the scheduler and the dumps know of it.
 *
 * <p>In custom mode the G is the {@link Executor} of its own virtual thread (decision D2): the JDK
 * calls {@link #execute} whenever the thread becomes runnable, and {@code execute} needs no map to
 * know whose continuation it got. A virtual thread that library code starts inside a goroutine
 * inherits the executor; {@code execute} then sees a foreign task and adopts it as a goroutine.
 *
 * <p>It is also its own {@link Waiter}, so most of its waits need no other object.
 *
 * <p>Its fields about waiting are written by the goroutine itself, without fences: dumps read them
 * as they are and say what they saw. JDK code in which a goroutine waits tells nobody. Its M sees
 * it stop with no {@link #waitReason()}, and writes the fields in its place before it can be woken.
 */
public final class G extends Waiter implements Executor, Runnable, Goroutine {
    /** The goroutine of {@code jenny run}'s main method. */
    static final long MAIN_ID = 1;

    private static final @Nullable ThreadLocal<G> FALLBACK_CURRENT =
            Loom.CUSTOM ? null : new ThreadLocal<>();

    final long id;
    final long parentId; // 0: created outside any goroutine
    final @Nullable SpawnSite site;
    final boolean adopted;
    final Thread thread;

    /** Immutable; replaced by the goroutine itself only. */
    Map<String, String> labels;

    private @Nullable Runnable continuation;

    /** Place in the {@link Registry}. */
    int slot = -1;

    /**
     * Whether it is the JDK's thread that waits for the sockets of others. Set before it starts.
     */
    boolean poller;

    /**
     * Whether the waiter that it is itself is in use; for good, if an error kept a wait from its
     * end. Goroutine only.
     */
    boolean waiterInUse;

    /** The memory of this goroutine's last select, for its next. Goroutine only. */
    @Nullable Selection selection;

    /**
     * Its task, until it runs; then the goroutine whose end it waits for, or what was noted of its
     * wait in JDK code, a {@link JdkWait}.
     */
    @Nullable Object note;

    /**
     * The WaitGroup that it was started through, until it ends. Set before it starts; it leads to
     * nothing that the goroutine's own stack does not lead to.
     */
    @Nullable Object group;

    /** Why it waits: the reason's number and 1. 0 if it does not wait, or waits in JDK code. */
    private byte reason;

    /** When its last wait began; one in JDK code only if it was driven directly. */
    long waitSince;

    /** Whether {@link #waitSince} was read from the clock for the block profile. */
    boolean waitExact;

    /** How often it became runnable, plus its id: tells which times are sampled. */
    int readies;

    /** How many of its slices have been recorded. By the M that runs it. */
    int slices;

    /** When it became runnable, if this is one of the times that are measured; else 0. */
    int readySince;

    /** A goroutine for {@code task}, not started. */
    G(long id, Task task, @Nullable G parent, @Nullable SpawnSite site) {
        this.id = id;
        this.parentId = parent == null ? 0 : parent.id;
        this.site = site;
        this.labels = parent == null ? Labels.current() : parent.labels;
        this.adopted = false;
        this.note = task;
        this.readies = (int) id;
        this.thread = Loom.newVirtualThread(this, this);
    }

    /** A goroutine for a virtual thread that library code started inside {@code parent}. */
    private G(long id, Thread thread, Runnable continuation, G parent) {
        this.id = id;
        this.parentId = parent.id;
        this.site = null;
        this.labels = parent.labels;
        this.adopted = true;
        this.readies = (int) id;
        this.thread = thread;
        this.continuation = continuation;
    }

    /** The calling goroutine; null if the caller is not one. */
    public static @Nullable G current() {
        return current(Thread.currentThread());
    }

    /** The goroutine that {@code t}, the current thread, is. */
    static @Nullable G current(Thread t) {
        if (!Loom.CUSTOM) {
            ThreadLocal<G> current = FALLBACK_CURRENT;
            return t.isVirtual() && current != null ? current.get() : null;
        }
        return t.isVirtual() && Loom.scheduler(t) instanceof G g && g.thread == t ? g : null;
    }

    /**
     * Makes the continuation runnable. Called by the JDK, with the caller pinned if it is a virtual
     * thread: never blocks, parks or calls user code (decision D6).
     */
    @Override
    public void execute(Runnable r) {
        if (r == continuation) {
            readiedAfterWait(reason == 0);
            Sched.readyByJdk(this);
        } else if (continuation == null) {
            continuation = r; // the start of our own thread: it comes before any child's
            if (slot < 0) {
                Sched.registered(this); // made by the thread factory
            }
            started();
            Sched.ready(this);
        } else {
            adopt(r);
        }
    }

    /** Counts that the goroutine is about to become runnable again. Before anyone can run it. */
    private void readied() {
        if ((++readies & Hooks.SAMPLE_MASK) == 0 || Events.wakes) {
            Hooks.ready(this);
        }
    }

    /** As {@link #readied}, after a wait in JDK code or one of ours. */
    private void readiedAfterWait(boolean jdk) {
        readied();
        if (jdk && note instanceof JdkWait w) {
            Hooks.readyAfterJdk(this, w);
        }
    }

    /** A library's virtual thread starts: make it a goroutine. */
    private void adopt(Runnable r) {
        G g = newGoroutine(Loom.threadOf(r), r);
        g.started();
        Sched.ready(g);
    }

    private void started() {
        if ((++readies & Hooks.SAMPLE_MASK) == 0 || Events.wakes) {
            Hooks.created(this);
        }
    }

    private G newGoroutine(@Nullable Thread child, Runnable r) {
        if (child == null) {
            // Cannot be told apart: run it under a G made for this one submission.
            return new G(0, thread, r, this);
        }
        G g = new G(Sched.nextId(), child, r, this);
        if (Loom.setScheduler(child, g)) {
            if (Loom.isPoller(child)) {
                g.poller = true;
                Deadlock.pollerStarted(); // a part of the runtime, in no list of goroutines
            } else {
                Sched.registered(g);
            }
        }
        return g;
    }

    /**
     * Runs the goroutine on {@code m}, the calling M, until it parks, yields or ends.
     *
     * @return false if it was not to be run: the queue's entry was left over
     */
    boolean resume(M m) {
        Runnable r = continuation;
        if (r == null) {
            return false;
        }
        boolean ended;
        if (isDriven()) {
            Claim claim = Coroutine.claim(thread);
            if (claim == Claim.NONE) {
                return false;
            }
            ended = drive(m, claim);
        } else {
            starts(m, Loom.hasYielded(thread));
            r.run();
            ended = !thread.isAlive();
        }
        if (ended) {
            if (Events.tracing) {
                Hooks.ended(m, this);
            }
            if (adopted && slot >= 0) {
                Sched.ended(this);
            }
        }
        return true;
    }

    /** Whether Ms claim and drive it, not the JDK. */
    boolean isDriven() {
        return Coroutine.AVAILABLE && id != 0;
    }

    /**
     * Tells the hooks that it is about to run. It has been claimed before, unless the JDK does
     * that: only then is its stack not also looked at, or run, by others.
     */
    private void starts(M m, boolean yielded) {
        if (readySince != 0) {
            Hooks.measuredStart(m.p, this, yielded);
        }
        if (Events.tracing) {
            Hooks.start(m, this);
        }
    }

    /** True if it has ended: another M may have run it since it parked. */
    private boolean drive(M m, Claim claim) {
        Object continuation = Coroutine.continuation(thread);
        do {
            starts(m, claim == Claim.YIELDED);
            switch (Coroutine.run(thread, continuation, m)) {
                case PARKING -> {
                    if (Events.tracing) {
                        Hooks.parked(m, this, continuation); // before a waker says it is ready
                    }
                    boolean inJdk = reason == 0;
                    if (inJdk) {
                        waitsInJdk(continuation);
                    }
                    if (!Coroutine.parked(thread, m)) {
                        return false;
                    }
                    readiedAfterWait(inJdk);
                }
                case YIELDED -> {
                    readied();
                    Sched.yielded(m, this);
                    return false;
                }
                case BLOCKING -> {
                    if (Events.tracing) {
                        Hooks.parked(m, this, continuation);
                    }
                    if (reason == 0) {
                        waitsInJdk(continuation);
                    }
                    Coroutine.blocked(thread, m);
                    return false;
                }
                case ENDED -> {
                    return true;
                }
            }
            claim = Coroutine.claim(thread);
        } while (claim != Claim.NONE);
        return false;
    }

    /** It has stopped in JDK code. Called by the M that ran it, before anyone can wake it. */
    private void waitsInJdk(Object continuation) {
        waitSince = Clock.coarse();
        note = Events.waits ? Hooks.jdkWait(this, continuation) : null;
    }

    /** The body of the virtual thread. */
    @Override
    public void run() {
        ThreadLocal<G> current = FALLBACK_CURRENT;
        if (current != null) {
            current.set(this);
        }
        if (slot < 0) {
            Sched.registered(this); // made by the thread factory, in fallback mode
        }
        Object t = note;
        note = null; // what the task captured may be collected as soon as it no longer needs it
        try {
            if (t instanceof Task task) {
                task.run();
            }
        } catch (GoexitSignal s) {
            // goexit ends the goroutine, not the program
        } catch (Throwable e) {
            Panics.uncaught(this, e);
        } finally {
            selection = null;
            group = null;
            Sched.ended(this);
            Deadlock.goroutineEnded();
        }
    }

    /**
     * Parks this goroutine, the calling one, until {@link #unpark}, an interrupt, or for nothing.
     */
    void park(Object on) {
        if (Coroutine.AVAILABLE) {
            LockSupport.setCurrentBlocker(on);
            Coroutine.park(thread);
            LockSupport.setCurrentBlocker(null);
        } else {
            LockSupport.park(on);
        }
    }

    /** Makes the parked goroutine runnable, or its next park return at once. A full fence. */
    void unpark() {
        if (!Coroutine.AVAILABLE) {
            LockSupport.unpark(thread);
        } else if (Coroutine.unpark(thread)) {
            readied();
            Sched.ready(this);
        }
    }

    /** Why it waits; null if it does not, or waits in JDK code. */
    @Nullable WaitReason waitReason() {
        int r = reason;
        return r == 0 ? null : WaitReason.of(r - 1);
    }

    void beginWait(WaitReason why, Object on) {
        waitSince = Loom.CUSTOM ? Clock.coarse() : Clock.now();
        reason = (byte) (why.number() + 1);
        if (Events.waits) {
            Hooks.beginWait(this, why, on);
        }
    }

    void endWait(Object on) {
        if (Events.waits) {
            Hooks.endWait(this, on);
        }
        reason = 0;
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public boolean isAlive() {
        return thread.isAlive();
    }

    @Override
    public void join() throws InterruptedException {
        G self = current();
        if (self == null || !thread.isAlive()) {
            thread.join();
            return;
        }
        self.note = this;
        self.beginWait(WaitReason.JOIN, this);
        try {
            thread.join();
        } finally {
            self.endWait(this);
            self.note = null;
        }
    }

    @Override
    public Thread thread() {
        return thread;
    }

    @Override
    G goroutine() {
        return this;
    }

    @Override
    public String toString() {
        return "goroutine " + id;
    }
}
