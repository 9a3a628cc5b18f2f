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

    /**
     * An object, and how it stands.
     *
     * @param monitor whether it is the object's monitor that is waited for
     */
    record Stand(Object on, boolean monitor, ObjectDetail detail) {}

    private static final class Seen {
        final Object on;
        final boolean monitor;

        /** From 0 to 1; read once, since the order of a sort must not change under it. */
        final double fill;

        final List<ObjectDetail.Waiting> samples = new ArrayList<>(2);
        long count;
        long oldest;
        @Nullable GView first;
        @Nullable Wait held;

        Seen(Object on, boolean monitor) {
            this.on = on;
            this.monitor = monitor;
            this.fill = on instanceof Channel<?> c && c.cap() > 0 ? (double) c.len() / c.cap() : 0;
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
        List<ObjectDetail> details = stands(limit, List.of()).stream().map(Stand::detail).toList();
        return new ObjectList(details, total());
    }

    /** How many objects there are, also those above the limit. */
    int total() {
        return seen.size() + monitors.size();
    }

    /**
     * The {@code limit} objects that the most goroutines wait on.
     *
     * @param also objects that come after these if nobody waits on them, the fullest first
     */
    List<Stand> stands(int limit, Iterable<?> also) {
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
        for (Object o : also) {
            if (seen.size() < MAX_OBJECTS) {
                seen.computeIfAbsent(o, on -> new Seen(on, false));
            }
        }
        List<Seen> sorted = new ArrayList<>(seen.values());
        sorted.addAll(monitors.values());
        sorted.sort(
                Comparator.<Seen>comparingLong(s -> -s.count)
                        .thenComparingLong(s -> -s.oldest)
                        .thenComparingDouble(s -> -s.fill));
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
        List<Stand> stands = new ArrayList<>();
        for (Seen s : shown) {
            ObjectInfo info = s.info();
            if (info != null) {
                List<Thread> holding = s.held == null ? List.of() : found.of(s.held);
                stands.add(new Stand(s.on, s.monitor, detail(s, info, holding)));
            }
        }
        return stands;
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
