package dev.jenny.inspect.internal.model;

import dev.jenny.Goroutine;
import dev.jenny.inspect.internal.model.Holders.Wait;
import dev.jenny.inspect.internal.model.WaitGraph.Cycle;
import dev.jenny.inspect.internal.model.WaitGraph.Edge;
import dev.jenny.inspect.internal.model.WaitGraph.Node;
import dev.jenny.internal.chan.Channel;
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

    /** Who is inside a monitor takes long to find out. */
    private static final int MAX_MONITORS = 5;

    private final Query query;
    private final int limit;
    private final Look look = new Look(100_000_000);
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final List<Edge> edges = new ArrayList<>();
    private final Set<String> inCycle = new HashSet<>();
    private final Set<Object> objects = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<Key, Crowd> crowds = new LinkedHashMap<>();
    private final Set<Long> members = new HashSet<>();
    private final List<Wait> held = new ArrayList<>();
    private @Nullable Subject subject;
    private long omitted;

    /** What alike goroutines that wait on one object have in common. */
    private record Key(String site, String reason, Object on) {
        @Override
        public boolean equals(@Nullable Object o) {
            return o instanceof Key k
                    && k.on == on
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
        final List<GView> first = new ArrayList<>(SINGLES);
        long count;

        Crowd(Key key) {
            this.reason = key.reason;
            this.on = key.on;
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
        return on instanceof Goroutine g ? "g" + g.id() : "o" + ObjectIds.of(on);
    }

    WaitGraph build() {
        List<Cycle> cycles = Cycles.find();
        for (Cycle c : cycles) {
            inCycle.addAll(c.keys());
            members.addAll(c.goroutines());
        }
        Probe.scan(this::add);
        for (Cycle c : cycles) {
            c.goroutines().forEach(this::addMember);
        }
        crowds.values().forEach(this::draw);
        drawHolders();
        return new WaitGraph(List.copyOf(nodes.values()), edges, cycles, omitted);
    }

    private void add(Cursor g) {
        if (subject == null) {
            subject = new CursorSubject(g, look);
        }
        Object on = g.on();
        if (g.state() != Probe.State.WAITING || on == null || Objects.kind(on).isEmpty()) {
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
        Crowd c = crowds.computeIfAbsent(new Key(site, look.reason(g), on), Crowd::new);
        c.count++;
        if (c.first.size() < SINGLES) {
            c.first.add(g.view());
        }
    }

    /** Goroutines at a monitor have no object that the walk sees. */
    private void addMember(long id) {
        GView g = Probe.goroutine(id);
        if (g == null || (g.on() != null && !Objects.kind(g.on()).isEmpty())) {
            return;
        }
        Wait w = Holders.waitOf(g);
        if (w != null) {
            goroutine(g, 1);
            object(w.on());
            edge(key(g.thread(), g), key(w.on()), "waits", look.reason(g));
            held.add(w);
        }
    }

    private void draw(Crowd c) {
        object(c.on);
        boolean single = c.count <= SINGLES;
        for (GView g : single ? c.first : c.first.subList(0, 1)) {
            goroutine(g, single ? 1 : c.count);
            String from = key(g.thread(), g);
            edge(from, key(c.on), "waits", c.reason);
            if (c.on instanceof Selection s) {
                for (Object ch : s.channels()) {
                    object(ch);
                    edge(key(c.on), key(ch), "case", direction(s, ch));
                }
            }
        }
        Wait w = Holders.waitOf(c.first.getFirst());
        if (w != null) {
            held.add(w);
        }
        Primitive p = Probe.peek(c.on);
        Object companion = p == null ? null : p.companion();
        if (companion != null && !Objects.kind(companion).isEmpty()) {
            object(companion);
            edge(key(c.on), key(companion), "case", "its lock");
        }
    }

    private void drawHolders() {
        Map<Long, Thread> threads = Holders.resolve(held);
        int monitors = 0;
        for (Wait w : held) {
            if (w.on() instanceof Goroutine g) {
                GView v = Probe.goroutine(g.thread());
                if (v != null) {
                    goroutine(v, 1);
                }
                continue;
            }
            long id = Holders.holderId(w);
            Thread t = threads.get(id);
            if (id == 0 && monitors++ < MAX_MONITORS) {
                t = Holders.holder(w);
            }
            if (t == null) {
                continue;
            }
            GView g = t.isVirtual() ? Probe.goroutine(t) : null;
            if (g != null) {
                goroutine(g, 1);
            } else {
                String key = key(t, null);
                String text = "thread \"" + t.getName() + "\" [" + t.getState() + "]";
                node(
                        new Node(
                                key,
                                "thread",
                                t.threadId(),
                                text,
                                t.getState().toString(),
                                1,
                                inCycle.contains(key)));
            }
            edge(key(w.on()), key(t, g), "held", "held by " + Holders.name(t));
        }
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

    private void object(Object on) {
        ObjectInfo o = Objects.of(on);
        if (o != null && !(on instanceof Goroutine)) {
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
