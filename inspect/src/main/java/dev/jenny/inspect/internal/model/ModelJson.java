package dev.jenny.inspect.internal.model;

import dev.jenny.inspect.internal.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records as JSON, with the names that {@code docs/inspect-api.md} gives them. Each method writes
 * one value.
 */
public final class ModelJson {
    private static final int PLACES = 16;

    private ModelJson() {}

    /** A goroutine. */
    public static void goroutine(Json j, GoroutineInfo g) {
        j.object();
        goroutineFields(j, g);
        j.end();
    }

    /** The members of a goroutine, for callers that add their own. */
    public static void goroutineFields(Json j, GoroutineInfo g) {
        j.field("id", g.id()).field("state", g.state()).field("reason", g.reason());
        j.field("waitNs", g.waitNanos()).field("site", site(g.site()));
        j.field("parent", g.parent()).field("p", g.p()).field("name", g.threadName());
        j.field("labels", g.labels());
        ObjectInfo o = g.object();
        if (o == null) {
            j.name("on").nul();
        } else {
            j.object("on").field("kind", o.kind()).field("id", o.id());
            j.field("label", o.text()).end();
        }
        frames(j, "stack", g.stack());
    }

    /** A group. */
    public static void group(Json j, GoroutineGroup g) {
        j.object().field("key", g.key()).field("count", g.count()).field("state", g.state());
        j.field("reason", g.reason()).field("kind", g.objectKind()).field("site", site(g.site()));
        j.field("waitSite", g.stack().isEmpty() ? null : waitSite(g.stack()));
        j.field("labels", g.labels()).field("oldestNs", g.oldestNanos());
        j.field("newestNs", g.newestNanos()).field("totalNs", g.totalNanos());
        ids(j, "ids", g.samples());
        frames(j, "stack", g.stack());
        j.field("read", g.read()).array("places");
        for (GoroutineGroup.Place p : Places.byStack(g.places()).stream().limit(PLACES).toList()) {
            j.object().field("count", p.count()).field("waitSite", waitSite(p));
            j.field("labels", p.labels());
            frames(j, "stack", p.stack());
            j.end();
        }
        j.end().end();
    }

    private static @Nullable String waitSite(GoroutineGroup.Place p) {
        return p.stack().isEmpty() ? null : waitSite(p.stack());
    }

    /** A tree of goroutines by who created them. */
    public static void ancestry(Json j, Ancestry a) {
        j.object().field("total", a.total()).field("matched", a.matched());
        j.field("omitted", a.omitted()).field("tookNs", a.tookNanos()).array("roots");
        a.roots().forEach(n -> node(j, n));
        j.end().end();
    }

    private static void node(Json j, Ancestry.Node n) {
        j.object().field("site", site(n.site())).field("ended", n.ended());
        j.field("count", n.count()).field("all", n.all()).array("states");
        n.states().forEach((s, c) -> j.object().field("state", s).field("count", c).end());
        j.end().field("oldestNs", n.oldestNanos());
        ids(j, "ids", n.goroutines());
        j.array("children");
        n.children().forEach(c -> node(j, c));
        j.end().field("omitted", n.omitted()).end();
    }

    /** The member {@code creators}. */
    public static void creators(Json j, List<Creator> creators) {
        j.array("creators");
        for (Creator c : creators) {
            j.object().field("id", c.id()).field("site", site(c.site()));
            j.field("ended", !c.lives()).end();
        }
        j.end();
    }

    /** The members {@code creators} and {@code context}. */
    public static void origin(Json j, Detail d) {
        creators(j, d.creators());
        ContextWait c = d.context();
        if (c == null) {
            j.name("context").nul();
            return;
        }
        j.object("context").field("chan", c.channel());
        if (c.hasDeadline()) {
            j.field("leftNs", c.leftNanos());
        } else {
            j.name("leftNs").nul();
        }
        j.end();
    }

    /** The answer to "why"; {@code text} is all of it in words. */
    public static void why(Json j, Detail d, String text) {
        Why w = d.why();
        j.object().field("id", w.goroutine().id()).field("summary", w.summary());
        j.array("chain");
        w.chain().forEach(j::value);
        j.end();
        wakers(j, w.wakers());
        cycles(j, w.cycles());
        j.field("advice", w.advice()).field("text", text);
        origin(j, d);
        j.end();
    }

    /** The member {@code wakers}. */
    public static void wakers(Json j, List<Why.Waker> wakers) {
        j.array("wakers");
        for (Why.Waker w : wakers) {
            j.object().field("id", w.goroutine()).field("how", w.text()).end();
        }
        j.end();
    }

    /** An object that goroutines wait on, and how it has stood, if that is known. */
    public static void object(Json j, ObjectDetail o, @Nullable Trend trend) {
        j.object().field("id", o.object().id()).field("kind", o.object().kind());
        j.field("label", o.object().text()).field("len", o.len()).field("cap", o.cap());
        j.field("passed", o.passed());
        j.field("closed", o.closed()).field("senders", o.senders());
        j.field("receivers", o.receivers()).field("waiting", o.waiters());
        if (o.holders().isEmpty()) {
            j.name("owner").nul();
        } else {
            j.field("owner", o.holders().getFirst());
        }
        j.field("oldestNs", o.oldestNanos()).array("waiters");
        for (ObjectDetail.Waiting w : o.samples()) {
            j.object().field("id", w.goroutine()).field("op", w.op()).end();
        }
        j.end();
        if (trend != null) {
            trend(j, trend);
        }
        j.end();
    }

    private static void trend(Json j, Trend t) {
        if (t.perSecond() >= 0) {
            j.field("perS", t.perSecond());
        }
        if (t.full() >= 0) {
            j.field("full", t.full()).field("empty", t.empty());
        }
        j.object("trend");
        numbers(j, "len", t.len());
        numbers(j, "waiting", t.waiting());
        numbers(j, "moved", t.moved());
        j.end();
    }

    /** An array of numbers; none if it is empty. */
    public static void numbers(Json j, String name, List<Long> values) {
        if (!values.isEmpty()) {
            j.array(name);
            values.forEach(j::value);
            j.end();
        }
    }

    /** A graph. */
    public static void graph(Json j, WaitGraph g) {
        j.object().array("nodes");
        for (WaitGraph.Node n : g.nodes()) {
            j.object().field("id", n.key()).field("type", n.key().substring(0, 1));
            j.field("kind", n.kind()).field("label", n.text()).field("state", n.state());
            j.field("count", n.count()).field("cycle", n.inCycle()).end();
        }
        j.end().array("edges");
        for (WaitGraph.Edge e : g.edges()) {
            j.object().field("from", e.from()).field("to", e.to()).field("kind", e.kind());
            j.field("label", e.text()).field("cycle", e.inCycle()).end();
        }
        j.end();
        cycles(j, g.cycles());
        j.field("omitted", g.omitted()).end();
    }

    /** The member {@code cycles}. */
    public static void cycles(Json j, List<WaitGraph.Cycle> cycles) {
        j.array("cycles");
        for (WaitGraph.Cycle c : cycles) {
            j.object().array("nodes");
            c.keys().forEach(j::value);
            j.end().field("text", c.text()).field("certain", c.certain());
            j.field("unless", c.unless()).end();
        }
        j.end();
    }

    /** A finding. */
    public static void issue(Json j, Issue i) {
        j.object().field("id", i.key()).field("rule", i.rule());
        j.field(
                "severity",
                switch (i.severity()) {
                    case ERROR -> "high";
                    case WARNING -> "medium";
                    case INFO -> "low";
                });
        j.field("title", i.title()).field("cause", i.cause()).field("fix", i.fix());
        j.array("evidence");
        i.evidence()
                .forEach((name, value) -> {
                    j.object().field("text", name + ": " + value);
                    j.field("link", i.link()).end();
                });
        j.end();
        ids(j, "goroutines", i.goroutines());
        j.field("sinceNs", i.firstNanos()).field("lastNs", i.lastNanos());
        j.field("resolved", i.resolved()).field("count", i.count()).end();
    }

    /** Leaks of one kind. */
    public static void leak(Json j, Leak l) {
        j.object().field("count", l.count()).field("reason", l.reason());
        j.field("kind", l.objectKind()).field("site", site(l.site()));
        j.field("waitSite", l.stack().isEmpty() ? null : waitSite(l.stack()));
        j.field("labels", l.labels());
        frames(j, "stack", l.stack());
        ids(j, "ids", l.goroutines());
        j.field("oldestNs", l.oldestNanos()).end();
    }

    /** The member {@code name} with the frames of a stack. */
    public static void frames(Json j, String name, List<Frame> stack) {
        j.array(name);
        stack.forEach(f -> j.value(f.toString()));
        j.end();
    }

    /** The first line of the program's own: where it called what waits. */
    private static String waitSite(List<Frame> stack) {
        Frame own = UserCode.in(stack);
        return (own == null ? stack.getFirst() : own).toString();
    }

    private static void ids(Json j, String name, List<Long> ids) {
        j.array(name);
        ids.forEach(j::value);
        j.end();
    }

    private static @Nullable String site(@Nullable Frame f) {
        return f == null ? null : f.toString();
    }
}
