package dev.jenny.inspect.internal.model;

import dev.jenny.Goroutine;
import dev.jenny.inspect.internal.model.Holders.Wait;
import dev.jenny.inspect.internal.model.WaitGraph.Cycle;
import dev.jenny.inspect.internal.model.Why.Waker;
import dev.jenny.internal.chan.Channel;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.GView;
import dev.jenny.internal.sched.Probe.Primitive;
import dev.jenny.internal.sched.Probe.SchedView;
import dev.jenny.internal.sched.Probe.State;
import dev.jenny.internal.sched.Selection;
import dev.jenny.internal.sched.WaitQueue;
import dev.jenny.internal.sched.WaitReason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers "why does this goroutine not go on?" in words. It says what is known, and where nobody
 * can know, as with the other side of a channel, it says so. One use each.
 */
final class Explain {
    private static final int MAX_CHAIN = 20;
    private static final int MAX_NAMED = 10;
    private static final long LONG = 60_000_000_000L;

    private final GView g;
    private final GoroutineInfo info;
    private final List<String> chain = new ArrayList<>();
    private final List<Waker> wakers = new ArrayList<>();
    private List<Cycle> cycles = List.of();
    private String advice = "";

    Explain(GView g) {
        this.g = g;
        this.info = new Look(Long.MAX_VALUE).info(g, true, true);
    }

    Why why() {
        String summary = summary();
        return new Why(info, summary, chain, wakers, cycles, advice);
    }

    private String summary() {
        String me = "Goroutine " + g.id();
        if (g.state() == State.RUNNING) {
            advice =
                    "It does not wait. If it should have come further, its stack shows where it is.";
            return me + (g.p() < 0 ? " is running." : " is running on P " + g.p() + ".");
        }
        if (g.state() == State.RUNNABLE) {
            return runnable(me);
        }
        String since = g.waited() > 0 ? " for " + Times.text(g.waited()) : "";
        WaitReason r = g.reason();
        Object on = g.on();
        if (r == WaitReason.SLEEP) {
            wakers.add(new Waker(0, "its timer"));
            return me + " has slept" + since + ". Its timer will wake it.";
        }
        if (r == WaitReason.SELECT_NO_CASES) {
            advice = "Only an interrupt can end it.";
            return me + " waits in a select without cases" + since + ".";
        }
        if (on instanceof Channel<?> ch && r != WaitReason.SELECT) {
            boolean send = r == WaitReason.CHAN_SEND;
            channel(ch, send);
            return me
                    + " waits to "
                    + (send ? "send to " : "receive from ")
                    + name(on)
                    + since
                    + ".";
        }
        if (on instanceof Selection || on instanceof Channel) {
            select(on);
            return me + " waits in a select" + since + ".";
        }
        Wait w = Holders.waitOf(g);
        if (w != null) {
            follow(w);
            return me + " " + Holders.verb(w) + " " + Holders.objectName(w) + since + ".";
        }
        Primitive p = on == null ? null : Probe.peek(on);
        if (on != null && p != null && r != null) {
            return me + " " + primitive(r, on, p) + since + ".";
        }
        return me + " " + jdk(on) + since + ".";
    }

    private String runnable(String me) {
        SchedView s = Probe.scheduler();
        int queued = s.globalQueue();
        for (Probe.PView p : Probe.ps()) {
            queued += p.queued() + (p.next() != 0 ? 1 : 0);
            if (p.current() != 0) {
                chain.add("P " + p.id() + " [" + p.status() + "] runs goroutine " + p.current());
            }
        }
        advice =
                "If it stays so, the goroutines above keep the Ps: look for a hog among the issues.";
        return me
                + " is ready to run and waits for its turn, with "
                + queued
                + " in the queues of "
                + s.gomaxprocs()
                + " Ps.";
    }

    // ---- channels ----

    private void channel(Channel<?> ch, boolean send) {
        chain.add(describe(ch));
        WaitQueue mine = send ? ch.senders() : ch.receivers();
        int before = Channels.position(mine, g.thread());
        if (before > 0) {
            chain.add(
                    before
                            + (before == 1 ? " goroutine is" : " goroutines are")
                            + " in line before it.");
        }
        other(ch, send);
        adviseOnChannel(send);
    }

    /** Who stands at the other side; most often nobody, or it would not wait. */
    private void other(Channel<?> ch, boolean send) {
        int across = Channels.count(send ? ch.receivers() : ch.senders());
        String who = send ? "receive from" : "send to";
        if (across > 0) {
            chain.add(
                    across
                            + " are blocked at the other side at this moment; it is about to go on.");
        } else {
            chain.add("Nobody is blocked trying to " + who + " " + name(ch) + " at this moment.");
        }
        String text =
                send
                        ? "any goroutine that can reach " + name(ch) + ", by receiving from it"
                        : "any goroutine that can reach "
                                + name(ch)
                                + ", by sending to it or closing it";
        wakers.add(new Waker(0, text));
    }

    private void adviseOnChannel(boolean send) {
        if (g.waited() > LONG) {
            advice =
                    "It has waited long. `jenny leaks` proves whether anything live can still reach"
                            + " what it waits on"
                            + (send
                                    ? "; a sender is often left behind when its receiver returns early:"
                                            + " give the channel a buffer, or select on a done channel too."
                                    : "; a receiver is often left behind when nobody closes the channel.");
        }
    }

    private static String describe(Channel<?> ch) {
        StringBuilder b = new StringBuilder(name(ch));
        int len = ch.len();
        int cap = ch.cap();
        if (cap == 0) {
            b.append(" is unbuffered");
        } else {
            b.append(" holds ").append(len).append(" of ").append(cap).append(" values");
            b.append(len == cap ? " (full)" : len == 0 ? " (empty)" : "");
        }
        int senders = Channels.count(ch.senders());
        int receivers = Channels.count(ch.receivers());
        b.append("; ").append(senders).append(" blocked sending, ");
        b.append(receivers).append(" blocked receiving.");
        return b.toString();
    }

    private void select(Object on) {
        List<Object> channels = on instanceof Selection s ? s.channels() : List.of(on);
        int named = 0;
        for (Object o : channels) {
            if (!(o instanceof Channel<?> ch)) {
                continue;
            }
            if (++named > MAX_NAMED) {
                chain.add("… and " + (channels.size() - MAX_NAMED) + " more channels.");
                break;
            }
            boolean send = Channels.position(ch.senders(), g.thread()) >= 0;
            String how = describe(ch).replaceFirst(" (?=is |holds )", ", which ");
            chain.add((send ? "send to " : "receive from ") + how);
            other(ch, send);
        }
        adviseOnChannel(false);
    }

    // ---- locks ----

    private void follow(Wait first) {
        Set<Thread> seen = new HashSet<>();
        seen.add(first.thread());
        Wait w = first;
        for (int i = 0; w != null && i < MAX_CHAIN; i++) {
            Thread holder = Holders.holder(w);
            if (holder == null) {
                noHolder(w);
                return;
            }
            String name = Holders.name(holder);
            GView hg = holder.isVirtual() ? Probe.goroutine(holder) : null;
            boolean join = w.on() instanceof Goroutine;
            if (i == 0) {
                String how = join ? ", by ending" : ", by unlocking it";
                wakers.add(new Waker(hg == null ? 0 : hg.id(), name + how));
                if (!Holders.certain(w)) {
                    wakers.add(
                            new Waker(
                                    0, "anybody else who unlocks it; a mutex has no fixed owner"));
                }
            }
            Wait next = Holders.waitOf(holder);
            chain.add(
                    (join ? "" : Holders.objectName(w) + " is held by ")
                            + name
                            + state(hg, holder, next));
            if (!seen.add(holder)) {
                cycle();
                return;
            }
            w = next;
        }
    }

    private void noHolder(Wait w) {
        Primitive p = Probe.peek(w.on());
        if (p != null && p.held() > 0) {
            chain.add(Holders.objectName(w) + " is held by " + p.held() + " readers.");
        } else {
            chain.add(
                    "Who holds " + Holders.objectName(w) + " is not known, or nobody any longer.");
        }
    }

    private static String state(@Nullable GView hg, Thread t, @Nullable Wait next) {
        if (next != null) {
            return ", which " + Holders.verb(next) + " " + Holders.objectName(next) + " itself.";
        }
        if (hg == null) {
            return ", which is " + t.getState() + at(t);
        }
        if (hg.state() != State.WAITING) {
            return ", which is " + hg.state().text() + at(t);
        }
        String reason = new Look(Long.MAX_VALUE).reason(hg);
        ObjectInfo o = Objects.of(hg.on());
        return ", which waits itself: "
                + reason
                + (o == null ? "" : " on " + o.text())
                + (hg.waited() > 0 ? " for " + Times.text(hg.waited()) : "")
                + at(t);
    }

    private static String at(Thread t) {
        List<StackTraceElement> frames = Probe.trim(t.getStackTrace());
        return frames.isEmpty() ? "." : ", at " + Frame.of(frames.getFirst()) + ".";
    }

    private void cycle() {
        cycles = Cycles.find();
        if (cycles.isEmpty()) {
            return;
        }
        boolean certain = cycles.stream().allMatch(Cycle::certain);
        advice =
                certain
                        ? "This is a deadlock: none of them can ever go on. Take locks in the same"
                                + " order everywhere."
                        : "This is a deadlock, unless somebody else unlocks one of the mutexes. Take"
                                + " locks in the same order everywhere.";
    }

    // ---- other primitives ----

    private String primitive(WaitReason r, Object on, Primitive p) {
        String name = name(on);
        return switch (r) {
            case WAITGROUP_WAIT -> {
                long n = p.held();
                chain.add(
                        name
                                + " stands at "
                                + n
                                + ": "
                                + n
                                + (n == 1 ? " call of done() is" : " calls of done() are")
                                + " missing.");
                children();
                advice =
                        "Look at the goroutines that are to call done(): one that ended without it, or"
                                + " waits itself, keeps the group. WaitGroup.go cannot forget it.";
                yield "waits for " + name;
            }
            case RWMUTEX_LOCK -> {
                chain.add(
                        p.held()
                                + (p.held() == 1 ? " reader holds " : " readers hold ")
                                + name
                                + "; who they are is not kept.");
                wakers.add(new Waker(0, "the readers, by rUnlock"));
                yield "waits to write-lock " + name;
            }
            case COND_WAIT -> {
                wakers.add(new Waker(0, "whoever calls signal or broadcast on " + name));
                yield "waits for a signal on " + name;
            }
            case SEMACQUIRE -> {
                chain.add(
                        p.held()
                                + " of "
                                + p.size()
                                + " permits are taken; who has them is not kept.");
                wakers.add(new Waker(0, "whoever calls release on " + name));
                yield "waits for permits of " + name;
            }
            default -> "waits: " + r.text() + " on " + name;
        };
    }

    /** Goroutines that it has started itself are the likeliest to call done. */
    private void children() {
        List<GView> living = new ArrayList<>();
        long[] count = new long[1];
        Probe.goroutines(c -> {
            if (c.parent() == g.id()) {
                count[0]++;
                if (living.size() < MAX_NAMED) {
                    living.add(c);
                }
            }
        });
        if (count[0] == 0) {
            chain.add("None of the goroutines that it started lives any longer.");
            return;
        }
        chain.add(
                "Of the goroutines that it started, "
                        + count[0]
                        + (count[0] == 1 ? " lives." : " live."));
        Look look = new Look(100_000_000);
        for (GView c : living) {
            String reason = look.reason(c);
            String status = reason.isEmpty() ? c.state().text() : reason;
            String site = c.site() == null ? "" : ", created at " + c.site().location();
            wakers.add(
                    new Waker(c.id(), "perhaps goroutine " + c.id() + " [" + status + "]" + site));
        }
    }

    private String jdk(@Nullable Object on) {
        if (info.reason().equals(WaitReason.IO_WAIT.text())) {
            wakers.add(new Waker(0, "the other end of the connection, or the operating system"));
            return "waits for input or output";
        }
        if (info.reason().equals(WaitReason.SLEEP.text())) {
            wakers.add(new Waker(0, "the JDK's timer"));
            return "sleeps in JDK code";
        }
        ObjectInfo o = Objects.of(on);
        String at = info.stack().isEmpty() ? "" : " in " + info.stack().getFirst().function();
        chain.add("It was parked by JDK code" + at + ".");
        return "waits" + (o == null ? "" : " on " + o.name());
    }

    private static String name(Object on) {
        ObjectInfo o = Objects.of(on);
        return o == null ? on.getClass().getSimpleName() : o.name();
    }
}
