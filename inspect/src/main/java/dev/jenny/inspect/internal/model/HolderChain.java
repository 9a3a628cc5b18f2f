package dev.jenny.inspect.internal.model;

import dev.jenny.inspect.internal.model.Wait.Kind;
import dev.jenny.inspect.internal.model.WaitGraph.Cycle;
import dev.jenny.internal.sched.Debug;
import dev.jenny.internal.sched.JdkLocks;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.GView;
import dev.jenny.internal.sched.Probe.Primitive;
import dev.jenny.internal.sched.Probe.State;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tells who holds what a goroutine waits for, and what those wait for themselves. */
final class HolderChain {
    private static final int MAX_CHAIN = 20;
    private static final int MAX_NAMED = 10;
    private static final String NOT_KNOWN = "Who holds %s is not known, or nobody any longer.";
    private static final String READERS_UNKNOWN =
            "With JENNYDEBUG=rwreaders=1 the readers are kept, and can be named here.";

    private static final boolean KEPT = Debug.rwReaders();

    private final Holders holders;
    private final Story story;

    HolderChain(Holders holders, Story story) {
        this.holders = holders;
        this.story = story;
    }

    /** Follows {@code first} from holder to holder, until one does not wait or the chain closes. */
    void follow(Wait first) {
        Set<String> seen = new HashSet<>();
        seen.add(Graph.key(first.thread(), first.g()));
        if (mayClose(first, seen)) {
            cycle(seen);
        }
    }

    /**
     * False if it is certain that nobody on the way, all of whom come into seen, is in a circle.
     */
    private boolean mayClose(Wait first, Set<String> seen) {
        boolean several = false;
        Wait w = first;
        for (int i = 0; w != null && i < MAX_CHAIN; i++) {
            List<Thread> known = Holders.of(w);
            if (known.isEmpty()) {
                noHolder(w);
                return several;
            }
            several |= known.size() > 1;
            if (w.kind() == Kind.READERS) {
                readers(w, known);
            }
            // Of several, the one with which the story goes on.
            Wait next = null;
            Thread holder = known.getFirst();
            for (int k = 0; next == null && k < known.size(); k++) {
                holder = known.get(k);
                next = holders.waitOf(holder);
            }
            holder = next == null ? known.getFirst() : holder;
            GView hg = holder.isVirtual() ? Probe.goroutine(holder) : null;
            String name = Holders.name(holder);
            if (i == 0 && w.kind() != Kind.GROUP) {
                story.waker(hg == null ? 0 : hg.id(), name + w.kind().end);
                others(w);
            }
            String held = w.heldBy(name);
            String who =
                    switch (w.kind()) {
                        case JOIN -> name;
                        case GROUP -> w.object() + " counts " + name;
                        default -> w.object() + " is " + held;
                    };
            story.chain.add(who + state(hg, holder, next));
            if (!seen.add(Graph.key(holder, hg))) {
                return true;
            }
            w = next;
        }
        return several;
    }

    /** Who can end {@code w} besides the holder. */
    private void others(Wait w) {
        switch (w.kind()) {
            case MUTEX, READ_LOCK ->
                    story.waker(0, "anybody else who unlocks it; a mutex has no fixed owner");
            case READERS ->
                    story.waker(0, "the last reader to leave; anybody may unlock for another");
            case FUTURE -> story.waker(0, "whoever cancels the future");
            default -> {}
        }
    }

    private void readers(Wait w, List<Thread> known) {
        Primitive p = Probe.peek(w.on());
        long held = p == null ? 0 : p.held();
        String names =
                known.stream()
                        .limit(MAX_NAMED)
                        .map(Holders::name)
                        .collect(Collectors.joining(", "));
        story.chain.add(
                count(held, "reader holds ", "readers hold ")
                        + w.object()
                        + (known.size() == 1 ? "; known is " : "; known are ")
                        + names
                        + (known.size() > MAX_NAMED ? ", …." : "."));
    }

    private static String count(long n, String one, String more) {
        return n + " " + (n == 1 ? one : more);
    }

    private void noHolder(Wait w) {
        Primitive p = Probe.peek(w.on());
        switch (w.kind()) {
            case READERS -> {
                long n = p == null ? 0 : p.held();
                story.chain.add(
                        count(n, "reader holds ", "readers hold ")
                                + w.object()
                                + (KEPT
                                        ? "; who they are is not known: some were unlocked by"
                                                + " others than had locked them, or they were too"
                                                + " many."
                                        : "; who they are is not kept."));
                story.waker(0, "the readers, by rUnlock");
                story.advice = KEPT ? "" : READERS_UNKNOWN;
            }
            case GROUP ->
                    story.chain.add(
                            "Who is to call done() of "
                                    + w.object()
                                    + " is not known: no goroutine that was started through it"
                                    + " lives.");
            case FUTURE -> {
                boolean done = ((FutureTask<?>) w.on()).isDone();
                story.chain.add(
                        done
                                ? w.object() + " is done: it is about to go on."
                                : "No thread runs "
                                        + w.object()
                                        + " at this moment: it has not begun, or has been lost.");
                story.waker(0, "whoever runs or cancels it");
                story.advice =
                        "If it was given to an executor, it is in that one's queue: look at what the"
                                + " executor's threads do, and whether it was shut down.";
            }
            case JDK_LOCK -> {
                int readers = JdkLocks.readers(w.on());
                story.chain.add(
                        readers > 0
                                ? count(readers, "reader holds ", "readers hold ")
                                        + w.object()
                                        + "; the JDK does not tell who they are."
                                : NOT_KNOWN.formatted(w.object()));
            }
            case MONITOR -> {
                story.chain.add(NOT_KNOWN.formatted(w.object()));
                story.advice =
                        "Threads were asked for 0.2 s which monitors they are inside, as far as the"
                                + " JVM tells. Ask again, or look in `jenny stack` for who may be.";
            }
            default -> story.chain.add(NOT_KNOWN.formatted(w.object()));
        }
    }

    private String state(@Nullable GView hg, Thread t, @Nullable Wait next) {
        if (next != null) {
            return ", which " + next.text() + " itself.";
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
        Frame f = UserCode.at(t);
        return f == null ? "." : ", at " + f + ".";
    }

    /** The chain has come back to one of {@code seen}. */
    private void cycle(Set<String> seen) {
        List<Cycle> cycles =
                Cycles.find().stream()
                        .filter(c -> c.keys().stream().anyMatch(seen::contains))
                        .toList();
        if (cycles.isEmpty()) {
            return;
        }
        story.cycles = cycles;
        boolean locks = cycles.stream().anyMatch(Cycle::locks);
        boolean ends = cycles.stream().anyMatch(Cycle::ends);
        String unless =
                cycles.stream()
                        .map(Cycle::unless)
                        .filter(u -> !u.isEmpty())
                        .distinct()
                        .collect(Collectors.joining(", or "));
        story.advice =
                (unless.isEmpty()
                                ? "This is a deadlock: none of them can ever go on."
                                : "This is a deadlock, unless " + unless + ".")
                        + (!locks
                                ? ""
                                : ends
                                        ? " Let go of the lock before waiting for the end of"
                                                + " goroutines that take it."
                                        : " Take locks in the same order everywhere.");
    }
}
