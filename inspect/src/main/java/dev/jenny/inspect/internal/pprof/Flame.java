package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.http.Handler.Cost;
import dev.jenny.inspect.internal.http.HttpError;
import dev.jenny.inspect.internal.http.Request;
import dev.jenny.inspect.internal.http.Response;
import dev.jenny.inspect.internal.http.Server;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.pprof.Profile.Sample;
import dev.jenny.inspect.internal.pprof.Profiles.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code /api/v1/flame}: a profile for a flame graph, as {@code docs/inspect-api.md} has it. */
public final class Flame {
    private static final int MAX_SECONDS = 60;

    private Flame() {}

    /** Registers the page. */
    public static void register(Server server) {
        server.register("/api/v1/flame", Cost.LONG, Flame::serve);
    }

    private static void serve(Request request, Response response) throws Exception {
        String name = request.param("kind", "cpu");
        Kind kind =
                switch (name) {
                    case "cpu" -> Kind.PROFILE;
                    case "alloc" -> Kind.ALLOCS;
                    default ->
                            Kind.of(name)
                                    .orElseThrow(() ->
                                            HttpError.bad(
                                                    "no such kind: "
                                                            + name
                                                            + "; there are cpu, alloc, "
                                                            + Kind.names()));
                };
        long seconds = request.param("seconds", 5, 1, MAX_SECONDS);
        boolean instant = kind == Kind.GOROUTINE || (!kind.hasDelta() && kind != Kind.PROFILE);
        Profile profile = Profiles.take(kind, instant ? null : Duration.ofSeconds(seconds));
        write(name, instant ? 0 : seconds, profile, response.json());
    }

    /**
     * Writes the value of {@code profile} that is shown first.
     *
     * @param asked for how many seconds was to be recorded: what some count comes late, and they
     *     know for how long it was
     */
    static void write(String kind, long asked, Profile profile, Json json) {
        Duration counted = profile.duration();
        double seconds = counted.isZero() ? asked : Math.round(counted.toMillis() / 100.0) / 10.0;
        int value = profile.defaultIndex();
        Map<String, Integer> frames = new LinkedHashMap<>();
        Map<Map<String, String>, Integer> labels = new LinkedHashMap<>();
        List<Sample> samples = new ArrayList<>();
        for (Sample s : profile.samples()) {
            if (s.value(value) > 0) {
                samples.add(s);
                labels.computeIfAbsent(s.labels(), k -> labels.size());
                for (Frame f : s.stack()) {
                    frames.computeIfAbsent(f.toString(), k -> frames.size());
                }
            }
        }
        String unit = profile.types().get(value).unit();
        json.object()
                .field("kind", kind)
                .field("unit", unit.equals("nanoseconds") ? "ns" : unit)
                .field("seconds", seconds)
                .field("samples", samples.size())
                .array("frames");
        frames.keySet().forEach(json::value);
        json.end().array("labels");
        for (Map<String, String> set : labels.keySet()) {
            json.object();
            set.forEach(json::field);
            json.end();
        }
        json.end().array("stacks");
        for (Sample s : samples) {
            json.array().array();
            for (Frame f : s.stack().reversed()) {
                json.value(frames.getOrDefault(f.toString(), 0));
            }
            json.end().value(s.value(value)).value(labels.getOrDefault(s.labels(), 0)).end();
        }
        json.end().end();
    }
}
