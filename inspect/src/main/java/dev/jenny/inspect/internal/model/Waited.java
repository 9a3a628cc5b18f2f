package dev.jenny.inspect.internal.model;

import dev.jenny.inspect.internal.model.Wait.Kind;
import dev.jenny.internal.chan.Channel;
import dev.jenny.internal.chan.TimerChannel;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.Cursor;
import dev.jenny.internal.sched.Probe.GView;
import dev.jenny.internal.sched.Probe.Primitive;
import dev.jenny.internal.sched.Selection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects the objects that goroutines wait on. One use each. */
final class Waited {
    /**
     * More objects than this are not looked at, so that the memory that a look takes is bounded.
     */
    private static final int MAX_OBJECTS = 20_000;

    private static final int SAMPLES = 20;

    /** For how long threads are asked which monitors they are inside. */
    private static final long MONITOR_NANOS = 50_000_000;

    private static final class Seen {
        final Object on;
        final boolean monitor;
        final List<ObjectDetail.Waiting> samples = new ArrayList<>(2);
        long count;
        long oldest;
        @Nullable GView first;
        @Nullable Wait held;

        Seen(Object on, boolean monitor) {
            this.on = on;
            this.monitor = monitor;
        }

        @Nullable ObjectInfo info() {
            return monitor ? Objects.monitor(on) : Objects.of(on);
        }
    }

    private final boolean locks;
    private final Look look = new Look(100_000_000);
    private final IdentityHashMap<Object, Seen> seen = new IdentityHashMap<>();
    private final IdentityHashMap<Object, Seen> monitors = new IdentityHashMap<>();

    /** With {@code locks}, monitors are among the objects, and the holders of locks are named. */
    Waited(boolean locks) {
        this.locks = locks;
    }

    ObjectList objects(int limit) {
        Probe.scan(g -> {
            if (g.state() == Probe.State.WAITING) {
                if (g.on() instanceof Selection s) {
                    for (Object ch : s.channels()) {
                        add(g, ch, false);
                    }
                } else {
                    add(g, locks ? look.on(g) : g.on(), Look.isAtMonitor(g));
                }
            }
        });
        List<Seen> sorted = new ArrayList<>(seen.values());
        sorted.addAll(monitors.values());
        sorted.sort(
                Comparator.<Seen>comparingLong(s -> -s.count).thenComparingLong(s -> -s.oldest));
        List<Seen> shown = sorted.subList(0, Math.min(limit, sorted.size()));
        Holders holders = new Holders();
        List<Wait> waits = new ArrayList<>();
        for (Seen s : shown) {
            s.held = s.first == null || !locks ? null : holders.waitOf(s.first);
            if (s.held != null && s.held.kind() == Kind.GROUP) {
                s.held = null; // nobody owns it
            }
            if (s.held != null) {
                waits.add(s.held);
            }
        }
        Holders.Found found = Holders.find(waits, MONITOR_NANOS);
        List<ObjectDetail> details = new ArrayList<>();
        for (Seen s : shown) {
            ObjectInfo info = s.info();
            if (info != null) {
                details.add(detail(s, info, s.held == null ? List.of() : found.of(s.held)));
            }
        }
        return new ObjectList(details, sorted.size());
    }

    private void add(Cursor g, @Nullable Object on, boolean monitor) {
        if (on == null || (!monitor && Objects.kind(on).isEmpty())) {
            return;
        }
        IdentityHashMap<Object, Seen> map = monitor ? monitors : seen;
        Seen s = map.get(on);
        if (s == null) {
            if (map.size() == MAX_OBJECTS) {
                return;
            }
            s = new Seen(on, monitor);
            map.put(on, s);
        }
        if (s.count++ == 0) {
            s.first = g.view();
        }
        s.oldest = Math.max(s.oldest, g.waited());
        if (s.samples.size() < SAMPLES) {
            s.samples.add(new ObjectDetail.Waiting(g.id(), look.reason(g)));
        }
    }

    private static ObjectDetail detail(Seen s, ObjectInfo info, List<Thread> threads) {
        long len = -1;
        long cap = -1;
        long passed = -1;
        boolean closed = false;
        long receivers = 0;
        long senders = 0;
        List<Long> holders = new ArrayList<>();
        if (s.on instanceof Channel<?> ch) {
            len = ch.len();
            cap = ch.cap();
            passed = ch.passed();
            closed = ch instanceof TimerChannel k ? k.isStopped() : ch.isDrained();
            receivers = Channels.count(ch.receivers());
            senders = Channels.count(ch.senders());
        } else {
            Primitive p = Probe.peek(s.on);
            if (p != null) {
                len = p.held();
                cap = p.size();
            }
            for (Thread t : threads) {
                GView h = t.isVirtual() ? Probe.goroutine(t) : null;
                if (h != null) {
                    holders.add(h.id());
                }
            }
        }
        return new ObjectDetail(
                info, len, cap, passed, closed, receivers, senders, s.count, holders, s.oldest,
                s.samples);
    }
}
