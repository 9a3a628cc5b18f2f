package dev.jenny.inspect.internal.model;

import dev.jenny.internal.chan.Channel;
import dev.jenny.internal.chan.DoneChannel;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.GView;
import dev.jenny.internal.sched.Probe.Primitive;
import dev.jenny.internal.sched.Probe.SchedView;
import dev.jenny.internal.sched.Probe.State;
import dev.jenny.internal.sched.Selection;
import dev.jenny.internal.sched.WaitQueue;
import dev.jenny.internal.sched.WaitReason;
import dev.jenny.sync.WaitGroup;
import java.util.List;

/**
 * Answers "why does this goroutine not go on?" in words. It says what is known, and where nobody
 * can know, as with the other side of a channel, it says so. One use each.
 */
final class Explain {
    private static final int MAX_NAMED = 10;
    private static final long LONG = 60_000_000_000L;

    private final GView g;
    private final GoroutineInfo info;
    private final Holders holders = new Holders();
    private final Story story = new Story();

    Explain(GView g) {
        this.g = g;
        this.info = new Look(Long.MAX_VALUE).info(g, true, true);
    }

    Why why() {
        String summary = summary();
        return story.why(info, summary);
    }

    private String summary() {
        String me = "Goroutine " + g.id();
        if (g.state() == State.RUNNING) {
            story.advice =
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
            story.waker(0, "its timer");
            return me + " has slept" + since + ". Its timer will wake it.";
        }
        if (r == WaitReason.SELECT_NO_CASES) {
            story.advice = "Only an interrupt can end it.";
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
        boolean inJdk = r == null || r == WaitReason.MONITOR_ENTER;
        if (inJdk && g.since() == 0) {
            since = ", since when is not known";
        }
        Pending pending = new Pending(g, story);
        if (r == WaitReason.WAITGROUP_WAIT && on instanceof WaitGroup wg) {
            pending.group(wg, name(on));
            Wait w = holders.waitOf(g);
            if (w != null && pending.members()) {
                new HolderChain(holders, story).follow(w);
            }
            return me + " waits for " + name(on) + since + ".";
        }
        Wait w = holders.deepWaitOf(g);
        if (w != null) {
            if (inJdk) {
                story.chain.add(JdkWaits.place(info.stack()));
            }
            new HolderChain(holders, story).follow(w);
            return me + " " + w.text() + since + ".";
        }
        Primitive p = on == null ? null : Probe.peek(on);
        if (on != null && p != null && r != null) {
            return me + " " + primitive(r, on, p) + since + ".";
        }
        String summary = me + " " + new JdkWaits(g, info, story).summary() + since + ".";
        if (Objects.kind(on).equals("CountDownLatch")) {
            pending.children();
        }
        return summary;
    }

    private String runnable(String me) {
        SchedView s = Probe.scheduler();
        int queued = s.globalQueue();
        for (Probe.PView p : Probe.ps()) {
            queued += p.queued() + (p.next() != 0 ? 1 : 0);
            if (p.current() != 0) {
                story.chain.add(
                        "P " + p.id() + " [" + p.status() + "] runs goroutine " + p.current());
            }
        }
        story.advice =
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
        story.chain.add(describe(ch));
        WaitQueue mine = send ? ch.senders() : ch.receivers();
        int before = Channels.position(mine, g.thread());
        if (before > 0) {
            story.chain.add(
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
        if (ch instanceof DoneChannel d) {
            String context = name(ch) + " is of a context " + ContextWait.of(d).text() + ".";
            story.chain.add(context);
            story.waker(0, "whoever cancels the context of " + name(ch));
            if (d.deadline() != null) {
                story.waker(0, "the timer of that context");
            }
            return;
        }
        if (across > 0) {
            story.chain.add(
                    across
                            + " are blocked at the other side at this moment; it is about to go on.");
        } else {
            story.chain.add(
                    "Nobody is blocked trying to " + who + " " + name(ch) + " at this moment.");
        }
        String text =
                send
                        ? "any goroutine that can reach " + name(ch) + ", by receiving from it"
                        : "any goroutine that can reach "
                                + name(ch)
                                + ", by sending to it or closing it";
        story.waker(0, text);
    }

    private void adviseOnChannel(boolean send) {
        if (g.waited() > LONG) {
            story.advice =
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
                story.chain.add("… and " + (channels.size() - MAX_NAMED) + " more channels.");
                break;
            }
            boolean send = Channels.position(ch.senders(), g.thread()) >= 0;
            String how = describe(ch).replaceFirst(" (?=is |holds )", ", which ");
            story.chain.add((send ? "send to " : "receive from ") + how);
            other(ch, send);
        }
        adviseOnChannel(false);
    }

    // ---- other primitives ----

    private String primitive(WaitReason r, Object on, Primitive p) {
        String name = name(on);
        return switch (r) {
            case COND_WAIT -> {
                story.waker(0, "whoever calls signal or broadcast on " + name);
                yield "waits for a signal on " + name;
            }
            case SEMACQUIRE -> {
                story.chain.add(
                        p.held()
                                + " of "
                                + p.size()
                                + " permits are taken; who has them is not kept.");
                story.waker(0, "whoever calls release on " + name);
                yield "waits for permits of " + name;
            }
            default -> "waits: " + r.text() + " on " + name;
        };
    }

    private static String name(Object on) {
        ObjectInfo o = Objects.of(on);
        return o == null ? on.getClass().getSimpleName() : o.name();
    }
}
