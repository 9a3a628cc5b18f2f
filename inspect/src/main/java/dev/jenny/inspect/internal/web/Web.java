package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.http.Handler.Cost;
import dev.jenny.inspect.internal.http.HttpError;
import dev.jenny.inspect.internal.http.Request;
import dev.jenny.inspect.internal.http.Response;
import dev.jenny.inspect.internal.http.Server;
import dev.jenny.inspect.internal.issue.Issues;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.model.ObjectTrends;
import dev.jenny.internal.sched.Probe;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The dashboard of one server: its pages, and the threads that watch the program for it. */
public final class Web implements AutoCloseable {
    static final String JSON = "application/json; charset=utf-8";

    /** How far back the state goes, in seconds. */
    private static final int MAX_HISTORY = 120;

    private static final long MAIN = 1;
    private static final int SITES = 100;
    private static final int MAX_SITES = 10_000;

    private final String name;
    private final Feed feed = new Feed();
    private final Sampler sampler = new Sampler(feed);
    private final Growth growth = new Growth();
    private final ObjectTrends trends = new ObjectTrends();
    private final Past past = new Past(sampler, trends);

    private Web(String name) {
        this.name = name;
    }

    /**
     * Registers the dashboard with {@code server} and begins to watch.
     *
     * @param name what the program is called
     */
    public static Web register(Server server, String name) {
        Web web = new Web(name);
        GoroutinePages goroutines = new GoroutinePages(web.past);
        WaitPages waits = new WaitPages(web.past, web.trends);
        LeakPages leaks = new LeakPages(web.growth);
        Assets.register(server);
        Issues.begin();
        Issues.addWatcher(web.growth);
        server.register("/api/v1/state", web::state);
        server.registerStream(
                "/api/v1/events", (r, out) -> web.feed.serve(r, out, web.sampler, web.program()));
        server.register("/api/v1/goroutines", Cost.HEAVY, goroutines::list);
        server.register(
                "/api/v1/goroutines/",
                r -> r.param("record", "").isEmpty() ? Cost.HEAVY : Cost.LONG,
                goroutines::one);
        server.register("/api/v1/sites", Cost.HEAVY, web::sites);
        server.register("/api/v1/tree", Cost.HEAVY, GoroutinePages::tree);
        server.register("/api/v1/diff", Cost.HEAVY, new DiffPages()::diff);
        server.register("/api/v1/why/", Cost.HEAVY, goroutines::why);
        server.register("/api/v1/chans", Cost.HEAVY, waits::chans);
        server.register("/api/v1/graph", Cost.HEAVY, waits::graph);
        server.register("/api/v1/issues", Cost.HEAVY, IssuePages::issues);
        server.register("/api/v1/leaks", Cost.HEAVY, leaks::leaks);
        server.register("/api/v1/trace", Cost.TRACE, new TracePages(web.sampler)::trace);
        server.register("/api/v1/lesson/", Cost.LONG, LessonPages::run);
        web.sampler.start();
        web.past.start();
        return web;
    }

    Growth growth() {
        return growth;
    }

    @Override
    public void close() {
        sampler.close();
        past.close();
        Issues.removeWatcher(growth);
        Issues.end();
    }

    private void sites(Request request, Response response) throws HttpError {
        int limit = (int) request.param("limit", SITES, 1, MAX_SITES);
        sampler.watch();
        List<SiteLoads.Load> loads = sampler.loads();
        Probe.GView main = Probe.goroutine(MAIN);
        Json j = response.json().object().field("windowNs", SiteLoads.WINDOW);
        j.field("omitted", Math.max(0, loads.size() - limit)).array("sites");
        for (SiteLoads.Load l : loads.subList(0, Math.min(limit, loads.size()))) {
            j.object()
                    .field(
                            "site",
                            main != null && main.site() == l.site()
                                    ? "main"
                                    : String.valueOf(Model.siteOf(l.site())))
                    .field("cores", Math.round(l.cores() * 1000) / 1000.0)
                    .field("startedPerS", Math.round(l.startedPerSecond() * 10) / 10.0)
                    .field("started", l.started())
                    .end();
        }
        j.end().end();
    }

    private byte[] program() {
        return Json.string(j -> program(j.object()).end()).getBytes(StandardCharsets.UTF_8);
    }

    private Json program(Json j) {
        return j.field("pid", ProcessHandle.current().pid())
                .field("main", name)
                .field("jdk", System.getProperty("java.version", ""))
                .field("mode", Probe.custom() ? "custom" : "fallback")
                .field("started", Moments.started())
                .field("demo", Lessons.enabled());
    }

    private void state(Request request, Response response) throws HttpError, IOException {
        long history = request.param("history", 0, 0, MAX_HISTORY);
        if (history > 0) {
            sampler.watch();
        }
        List<Samples.Doc> docs =
                history == 0 ? List.of(sampler.now()) : sampler.history(history * 1_000_000_000);
        Probe.SchedView s = Probe.scheduler();
        String head =
                Json.string(j ->
                        program(j.object().object("program"))
                                .end()
                                .field("goroutines", s.goroutines())
                                .field("gomaxprocs", s.gomaxprocs())
                                .end());
        // The samples are encoded already: they go between the head and its last bracket.
        OutputStream out = response.type(JSON).stream();
        out.write(head.substring(0, head.length() - 1).getBytes(StandardCharsets.UTF_8));
        out.write(",\"samples\":[".getBytes(StandardCharsets.US_ASCII));
        boolean first = true;
        for (Samples.Doc d : docs) {
            if (!first) {
                out.write(',');
            }
            first = false;
            out.write(d.json());
        }
        out.write("]}".getBytes(StandardCharsets.US_ASCII));
    }
}
