package dev.jenny.inspect.internal.model;

import dev.jenny.internal.sched.JdkLocks;
import dev.jenny.internal.sched.JdkLocks.Monitors;
import dev.jenny.internal.sched.Probe.GView;
import dev.jenny.internal.sched.WaitReason;
import java.util.List;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.locks.Condition;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells what a goroutine waits for in JDK code where that has no known holder. What it is the
 * blocker says, as far as the JDK leaves one, and the frames between the program's own code and the
 * wait. Most such things can be ended by anybody who has them, and the JDK keeps no record of who
 * that is; then this says so, and where to look.
 */
final class JdkWaits {
    private final GView g;
    private final GoroutineInfo info;
    private final Story story;

    JdkWaits(GView g, GoroutineInfo info, Story story) {
        this.g = g;
        this.info = info;
        this.story = story;
    }

    /** Where it waits: the JDK's method, and the line of the program that called it. */
    static String place(List<Frame> stack) {
        Frame own = UserCode.in(stack);
        List<Frame> below = UserCode.below(stack);
        if (below.isEmpty()) {
            return own == null ? "Its stack shows nothing." : "It waits at " + own + ".";
        }
        return "It waits in "
                + below.getLast().function()
                + (own == null
                        ? ", which no code of the program called."
                        : ", called at " + own + ".");
    }

    /** What it waits for, in words that follow its name. */
    String summary() {
        if (info.reason().equals(WaitReason.IO_WAIT.text())) {
            story.chain.add(place(info.stack()));
            story.waker(0, "the other end of the connection, or the operating system");
            return "waits for input or output";
        }
        if (info.reason().equals(WaitReason.SLEEP.text())) {
            story.chain.add(place(info.stack()));
            story.waker(0, "the JDK's timer");
            return "sleeps in JDK code";
        }
        String summary;
        if (info.reason().equals(WaitReason.OBJECT_WAIT.text())) {
            summary = objectWait();
        } else if (info.reason().equals(WaitReason.MONITOR_ENTER.text())) {
            summary = unknownMonitor();
        } else {
            summary = parked();
        }
        if (g.thread().getState() == Thread.State.TIMED_WAITING) {
            story.waker(0, "its time limit");
        }
        return summary;
    }

    // ---- monitors ----

    private String objectWait() {
        story.chain.add(place(info.stack()));
        Monitors m = JdkLocks.monitors(g.thread());
        Object on = m.waitingOn();
        if (on == null) {
            story.chain.add(
                    m.maybe().isEmpty()
                            ? "The JVM does not tell on which object."
                            : "The JVM does not tell on which of these objects: " + names(m) + ".");
            story.waker(0, "whoever calls notify or notifyAll on that object");
            adviseNotify("that object");
            return "waits in Object.wait";
        }
        String name = Objects.named(on);
        Thread inside = Holders.inside(on);
        if (inside != null) {
            story.chain.add("Inside the monitor of " + name + " is " + Holders.name(inside) + ".");
        }
        story.waker(0, "whoever calls notify or notifyAll on " + name);
        adviseNotify(name);
        return "waits in Object.wait on " + name;
    }

    private void adviseNotify(String name) {
        story.advice =
                "Who will call notify nobody knows beforehand. Look for the code that does so on "
                        + name
                        + ", and in `jenny stack` for the goroutines that should come there.";
    }

    private static String names(Monitors m) {
        return m.maybe().stream().map(Objects::named).collect(Collectors.joining(", "));
    }

    private String unknownMonitor() {
        story.chain.add(place(info.stack()));
        Monitors m = JdkLocks.monitors(g.thread());
        if (m.maybe().isEmpty()) {
            story.chain.add("The JVM does not tell which monitor.");
            return "waits to enter a monitor";
        }
        story.chain.add(
                "It was notified, and enters the monitor again of one of: " + names(m) + ".");
        return "waits to enter a monitor again after Object.wait";
    }

    // ---- parked ----

    private String parked() {
        story.chain.add(place(info.stack()));
        Object on = g.on();
        if (on == null) {
            story.waker(0, "whoever calls LockSupport.unpark with its thread");
            story.advice = "It was parked without saying on what. The code that parks it tells.";
            return "is parked";
        }
        return switch (Objects.kind(on)) {
            case "CountDownLatch" -> latch(on);
            case "Semaphore" -> semaphore(on);
            default -> {
                Frame f = known();
                if (on instanceof Condition) {
                    condition(on, f == null);
                }
                yield f == null ? unknown(on) : byFrame(f);
            }
        };
    }

    private String latch(Object on) {
        int n = JdkLocks.count(on);
        String name = name(on);
        if (n >= 0) {
            story.chain.add(
                    name
                            + " stands at "
                            + n
                            + ": "
                            + n
                            + (n == 1 ? " call of countDown is" : " calls of countDown are")
                            + " missing.");
        }
        story.waker(0, "whoever calls countDown on " + name + "; who will is not kept");
        return "waits for " + name;
    }

    private String semaphore(Object on) {
        int n = JdkLocks.count(on);
        String name = name(on);
        if (n >= 0) {
            story.chain.add(
                    name
                            + " has "
                            + n
                            + (n == 1 ? " permit" : " permits")
                            + " left; who has the"
                            + " others is not kept.");
        }
        story.waker(0, "whoever calls release on " + name);
        return "waits for permits of " + name;
    }

    private void condition(Object condition, boolean plain) {
        Object lock = JdkLocks.lockOf(condition);
        String name = name(condition);
        if (lock != null) {
            Thread owner = JdkLocks.owner(lock);
            story.chain.add(
                    name
                            + " belongs to "
                            + name(lock)
                            + (owner == null
                                    ? ", which nobody holds at this moment."
                                    : ", which " + Holders.name(owner) + " holds."));
        }
        if (plain) {
            story.waker(0, "whoever calls signal or signalAll on " + name);
            story.advice =
                    "Who will signal nobody knows beforehand. Look for the code that does so, and in"
                            + " `jenny stack` for the goroutines that should come there.";
        }
    }

    private String unknown(Object on) {
        if (on instanceof Condition) {
            return "waits for a signal on " + name(on);
        }
        if (on instanceof ForkJoinTask) {
            story.waker(0, "the thread that runs the task, which the JDK does not tell");
            return "waits for the result of " + name(on);
        }
        story.waker(0, "whoever makes " + name(on) + " go on; the JDK does not tell who can");
        return "waits on " + name(on);
    }

    /** The innermost of the JDK's frames that says in so many words what is waited for. */
    private @Nullable Frame known() {
        for (Frame f : UserCode.below(info.stack())) {
            if (isFuture(f) || isBarrier(f) || isTake(f) || isPut(f)) {
                return f;
            }
        }
        return null;
    }

    private String byFrame(Frame f) {
        String type = f.function().substring(0, f.function().lastIndexOf('.'));
        if (isFuture(f)) {
            story.waker(0, "whoever completes or cancels the future");
            undocumented("future", "complete it");
            return "waits for the result of a " + type;
        }
        if (isBarrier(f)) {
            story.waker(0, "the others, by arriving");
            undocumented("barrier", "arrive at it");
            return "waits for the others at a " + type;
        }
        boolean take = isTake(f);
        story.waker(0, take ? "whoever puts something in" : "whoever takes something out");
        undocumented("queue", take ? "put something in" : "take something out");
        return take ? "waits to take from a " + type : "waits to put into a " + type;
    }

    private void undocumented(String what, String todo) {
        Frame own = UserCode.in(info.stack());
        story.advice =
                "The JDK does not tell which "
                        + what
                        + " that is, nor who has it. "
                        + (own == null
                                ? "Look"
                                : "See which it is at " + own.location() + ", and look")
                        + " for the goroutines that are to "
                        + todo
                        + ".";
    }

    private static boolean isFuture(Frame f) {
        return f.function().startsWith("java.util.concurrent.CompletableFuture.");
    }

    private static boolean isBarrier(Frame f) {
        return f.function().equals("java.util.concurrent.CyclicBarrier.await")
                || f.function().startsWith("java.util.concurrent.Phaser.a");
    }

    private static boolean isTake(Frame f) {
        return isQueue(f) && f.function().matches(".*\\.(take|poll)[A-Za-z]*");
    }

    private static boolean isPut(Frame f) {
        return isQueue(f) && f.function().matches(".*\\.(put|offer|transfer)[A-Za-z]*");
    }

    private static boolean isQueue(Frame f) {
        return f.function().matches("java\\.util\\.concurrent\\.[A-Za-z]*(Queue|Deque)\\..*");
    }

    private static String name(Object on) {
        ObjectInfo o = Objects.of(on);
        return o == null ? Objects.named(on) : o.name();
    }
}
