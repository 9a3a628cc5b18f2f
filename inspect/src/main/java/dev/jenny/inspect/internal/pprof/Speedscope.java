package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.pprof.Profile.Sample;
import dev.jenny.inspect.internal.pprof.Profile.ValueType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Profiles in the file format of <a href="https://www.speedscope.app">speedscope</a>: one of its
 * sampled profiles for each type of value, with a list of frames for all. It has no place for
 * labels.
 */
final class Speedscope {
    private static final String SCHEMA = "https://www.speedscope.app/file-format-schema.json";

    private Speedscope() {}

    /** Writes {@code profile}, which is of the program {@code program}. */
    static void write(Profile profile, String program, Json json) {
        List<Sample> samples = profile.samples();
        Map<Frame, Integer> frames = new LinkedHashMap<>();
        for (Sample s : samples) {
            s.stack().forEach(f -> frames.putIfAbsent(f, frames.size()));
        }
        json.object()
                .field("$schema", SCHEMA)
                .field("name", profile.name() + " of " + program)
                .field("exporter", "jenny")
                .field("activeProfileIndex", profile.defaultIndex());
        json.object("shared").array("frames");
        frames.keySet().forEach(f -> frame(json, f));
        json.end().end().array("profiles");
        for (int i = 0; i < profile.types().size(); i++) {
            values(json, profile, i, samples, frames);
        }
        json.end().end();
    }

    private static void frame(Json json, Frame f) {
        json.object().field("name", f.function());
        if (!f.file().isEmpty()) {
            json.field("file", f.file());
        }
        if (f.line() > 0) {
            json.field("line", f.line());
        }
        json.end();
    }

    /** The values of one type. What went down in a difference has no width, and is left out. */
    private static void values(
            Json json, Profile profile, int i, List<Sample> samples, Map<Frame, Integer> frames) {
        List<Sample> shown = samples.stream().filter(s -> s.value(i) > 0).toList();
        ValueType type = profile.types().get(i);
        json.object()
                .field("type", "sampled")
                .field("name", type.type())
                .field("unit", type.unit().equals("count") ? "none" : type.unit())
                .field("startValue", 0)
                .field("endValue", shown.stream().mapToLong(s -> s.value(i)).sum())
                .array("samples");
        for (Sample s : shown) {
            json.array();
            for (Frame f : s.stack().reversed()) {
                json.value(frames.getOrDefault(f, 0));
            }
            json.end();
        }
        json.end().array("weights");
        shown.forEach(s -> json.value(s.value(i)));
        json.end().end();
    }
}
