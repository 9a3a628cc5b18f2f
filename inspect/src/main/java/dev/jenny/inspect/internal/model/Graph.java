package dev.jenny.inspect.internal.model;

import dev.jenny.Goroutine;
import dev.jenny.inspect.internal.model.Wait.Kind;
import dev.jenny.inspect.internal.model.WaitGraph.Cycle;
import dev.jenny.inspect.internal.model.WaitGraph.Edge;
import dev.jenny.inspect.internal.model.WaitGraph.Node;
import dev.jenny.internal.chan.Channel;
import dev.jenny.internal.sched.JdkLocks;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.Cursor;
import dev.jenny.internal.sched.Probe.GView;
import dev.jenny.internal.sched.Probe.Primitive;
import dev.jenny.internal.sched.Selection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Builds a {@link WaitGraph}. One use each. */
final class Graph {
    /** More alike goroutines than this on one object become one node. */
    private static final int SINGLES = 4;

    /** For how long threads are asked which monitors they are inside. */
    private static final long MONITOR_NANOS = 100_000_000;

    private final Query query;
    private final int limit;
    private final Look look = new Look(100_000_000);
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final List<Edge> edges = new ArrayList<>();
    private final Set<String> inCycle = new HashSet<>();
    private final Set<Object> objects = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<Key, Crowd> crowds = new LinkedHashMap<>();
    private final Set<Long> members = new HashSet<>();
    private final Holders holders = new Holders();
    private final List<Wait> held = new ArrayList<>();
    private @Nullable Subject subject;
    private long omitted;

    /** What alike goroutines that wait on one object, or at its monitor, have in common. */
    private record Key(String site, String reason, Object on, boolean monitor) {
        @Override
        public boolean equals(@Nullable Object o) {
            return o instanceof Key k
                    && k.on == on
                    && k.monitor == monitor
                    && k.site.equals(site)
                    && k.reason.equals(reason);
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(on) * 31 + site.hashCode() + reason.hashCode();
        }
    }

    private static final class Crowd {
        final String reason;
        final Object on;
        final boolean monitor;
        final List<GView> first = new ArrayList<>(SINGLES);
        long count;

        Crowd(Key key) {
            this.reason = key.reason;
            this.on = key.on;
            this.monitor = key.monitor;
        }
    }

    Graph(Query query, int limit) {
        this.query = query;
        this.limit = limit;
    }

    /** The node of a thread. */
    static String key(Thread t, @Nullable GView g) {
        return g != null ? "g" + g.id() : "t" + t.threadId();
    }

    /** The node of an object. */
    static String key(Object on) {
        if (on instanceof Thread t) {
            return key(t, t.isVirtual() ? Probe.goroutine(t) : null);
        }
        return on instanceof Goroutine g ? "g" + g.id() : "o" + ObjectIds.of(on);
    }

    WaitGraph build() {
        List<Cycle> cycles = Cycles.find();
        for (Cycle c : cycles) {
            inCycle.addAll(c.keys());
            members.addAll(c.goroutines());
        }
        Probe.scan(this::add);
        crowds.values().forEach(this::draw);
        if (!cycles.isEmpty()) {
            drawThreads();
        }
        drawHolders();
        return new WaitGraph(List.copyOf(nodes.values()), edges, cycles, omitted);
    }

    private void add(Cursor g) {
        if (subject == null) {
            subject = new CursorSubject(g, look);
        }
        boolean monitor = Look.isAtMonitor(g);
        Object on = look.on(g);
        if (g.state() != Probe.State.WAITING
                || on == null
                || (!monitor && Objects.kind(on).isEmpty())) {
            return;
        }
        boolean member = !members.isEmpty() && members.contains(g.id());
        if (!member) {
            if (!query.test(subject)) {
                return;
            }
            if (!objects.contains(on) && objects.size() >= limit) {
                omitted++;
                return;
            }
        }
        objects.add(on);
        String site = member ? "g" + g.id() : subject.siteText();
        Crowd c = crowds.computeIfAbsent(new Key(site, look.reason(g), on, monitor), Crowd::new);
        c.count++;
        if (c.first.size() < SINGLES) {
            c.first.add(g.view());
        }
    }

    private void draw(Crowd c) {
        Wait w = holders.waitOf(c.first.getFirst());
        Object on = c.on;
        boolean monitor = c.monitor;
        if (w != null) {
            held.add(w);
            on = w.on(); // of a join the thread, whatever it parks on
            monitor = w.kind() == Kind.MONITOR;
        }
        object(on, monitor);
        boolean single = c.count <= SINGLES;
        for (GView g : single ? c.first : c.first.subList(0, 1)) {
            goroutine(g, single ? 1 : c.count);
            String from = key(g.thread(), g);
            edge(from, key(on), "waits", c.reason);
            if (on instanceof Selection s) {
                for (Object ch : s.channels()) {
                    object(ch, false);
                    edge(key(on), key(ch), "case", direction(s, ch));
                }
            }
        }
        Primitive p = Probe.peek(on);
        Object companion = p == null ? JdkLocks.lockOf(on) : p.companion();
        if (companion != null && !Objects.kind(companion).isEmpty()) {
            object(companion, false);
            edge(key(on), key(companion), "case", "its lock");
        }
    }

    /** Draws what those members of cycles wait for that are no goroutines. */
    private void drawThreads() {
        for (Thread t : Probe.platformThreads()) {
            Wait w = inCycle.contains(key(t, null)) ? holders.waitOf(t) : null;
            if (w != null) {
                held.add(w);
                object(w.on(), w.kind() == Kind.MONITOR);
                edge(thread(t), key(w.on()), "waits", w.kind().verb);
            }
        }
    }

    private void drawHolders() {
        Holders.Found found = Holders.find(held, MONITOR_NANOS);
        for (Wait w : held) {
            if (w.kind() == Kind.GROUP) {
                drawMembers(w, found.of(w));
                continue;
            }
            for (Thread t : found.of(w)) {
                String key = thread(t);
                if (w.kind() != Kind.JOIN) {
                    edge(key(w.on()), key, "held", w.heldBy(Holders.name(t)));
                }
            }
        }
    }

    /** Draws those that a WaitGroup counts; alike ones are one node, if they are many. */
    private void drawMembers(Wait w, List<Thread> members) {
        Map<String, List<GView>> alike = new LinkedHashMap<>();
        for (Thread t : members) {
            GView g = Probe.goroutine(t);
            if (g != null) {
                String site = g.site() == null ? "" : g.site().location();
                String single = inCycle.contains(key(t, g)) ? " " + g.id() : "";
                alike.computeIfAbsent(status(g) + " " + site + single, k -> new ArrayList<>())
                        .add(g);
            }
        }
        for (List<GView> all : alike.values()) {
            boolean single = all.size() <= SINGLES;
            for (GView g : single ? all : all.subList(0, 1)) {
                goroutine(g, single ? 1 : all.size());
                edge(key(w.on()), key(g.thread(), g), "held", "has not ended");
            }
        }
    }

    /** Draws {@code t} as what it is; its key. */
    private String thread(Thread t) {
        GView g = t.isVirtual() ? Probe.goroutine(t) : null;
        String key = key(t, g);
        if (g != null) {
            goroutine(g, 1);
        } else {
            String state = t.getState().toString();
            String text = "thread \"" + t.getName() + "\" [" + state + "]";
            node(new Node(key, "thread", t.threadId(), text, state, 1, inCycle.contains(key)));
        }
        return key;
    }

    private static String direction(Selection s, Object ch) {
        if (!(ch instanceof Channel<?> c)) {
            return "";
        }
        boolean recv = Channels.has(c.receivers(), s);
        boolean send = Channels.has(c.senders(), s);
        return recv && send ? "send or receive" : send ? "send" : "receive";
    }

    private void goroutine(GView g, long count) {
        String key = key(g.thread(), g);
        String text = "goroutine " + g.id() + " [" + status(g) + "]";
        if (count > 1) {
            text = count + " goroutines like " + g.id() + " [" + status(g) + "]";
        }
        if (g.site() != null) {
            text += " " + g.site().location();
        }
        node(new Node(key, "goroutine", g.id(), text, status(g), count, inCycle.contains(key)));
    }

    private String status(GView g) {
        String reason = look.reason(g);
        return reason.isEmpty() ? g.state().text() : reason;
    }

    private void object(Object on, boolean monitor) {
        ObjectInfo o = monitor ? Objects.monitor(on) : Objects.of(on);
        if (o != null && !(on instanceof Goroutine) && !(on instanceof Thread)) {
            String key = key(on);
            node(new Node(key, o.kind(), o.id(), o.text(), "", 1, inCycle.contains(key)));
        }
    }

    private void node(Node n) {
        nodes.putIfAbsent(n.key(), n);
    }

    private void edge(String from, String to, String kind, String text) {
        boolean cycle = inCycle.contains(from) && inCycle.contains(to);
        Edge e = new Edge(from, to, kind, text, cycle);
        if (!edges.contains(e)) {
            edges.add(e);
        }
    }
}
