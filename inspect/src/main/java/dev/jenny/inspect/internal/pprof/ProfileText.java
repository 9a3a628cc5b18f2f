package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.pprof.Profile.Sample;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Profiles as text, in the manner of Go's {@code debug=1}. */
final class ProfileText {
    /** Numbers in place of the addresses that Java's frames do not have. */
    private final Map<Frame, Integer> places = new LinkedHashMap<>();

    private final Appendable out;

    private ProfileText(Appendable out) {
        this.out = out;
    }

    /** Writes {@code profile}, the biggest sample first. */
    static void write(Profile profile, Appendable out) throws IOException {
        new ProfileText(out).write(profile);
    }

    private void write(Profile profile) throws IOException {
        switch (profile.name()) {
            case "block", "mutex", "offcpu", "chan", "sched", "pinned" -> contention(profile);
            case "heap", "allocs" -> heap(profile);
            default -> counts(profile);
        }
        for (String comment : profile.comments()) {
            line("# " + comment);
        }
    }

    /** {@code name profile: total N}, then {@code count @ places}. */
    private void counts(Profile profile) throws IOException {
        int value = profile.defaultIndex();
        line(profile.name() + " profile: total " + profile.total(value));
        for (Sample sample : profile.samples()) {
            line(sample.value(value) + " @" + places(sample.stack()));
            details(sample);
        }
    }

    /** {@code --- contention:}, then {@code nanoseconds count @ places}. */
    private void contention(Profile profile) throws IOException {
        line("--- " + (profile.name().equals("block") ? "contention" : profile.name()) + ":");
        line("cycles/second=1000000000"); // our cycles are nanoseconds
        if (profile.name().equals("mutex")) {
            line("sampling period=" + profile.period());
        }
        for (Sample sample : profile.samples()) {
            line(sample.value(1) + " " + sample.value(0) + " @" + places(sample.stack()));
            details(sample);
        }
    }

    private void heap(Profile profile) throws IOException {
        line(
                "heap profile: "
                        + heapValues(
                                profile.total(2),
                                profile.total(3),
                                profile.total(0),
                                profile.total(1))
                        + " @ heap/"
                        + 2 * profile.period());
        for (Sample sample : profile.samples()) {
            String values =
                    heapValues(sample.value(2), sample.value(3), sample.value(0), sample.value(1));
            line(values + " @" + places(sample.stack()));
            details(sample);
        }
        Runtime runtime = Runtime.getRuntime();
        line("");
        line("# runtime.MemStats");
        line("# HeapInuse = " + (runtime.totalMemory() - runtime.freeMemory()));
        line("# HeapSys = " + runtime.totalMemory());
        line("# HeapMax = " + runtime.maxMemory());
    }

    private static String heapValues(long inUse, long inUseBytes, long all, long allBytes) {
        return inUse + ": " + inUseBytes + " [" + all + ": " + allBytes + "]";
    }

    private String places(List<Frame> stack) {
        StringBuilder b = new StringBuilder();
        for (Frame frame : stack) {
            b.append(" 0x").append(Integer.toHexString(place(frame)));
        }
        return b.toString();
    }

    private int place(Frame frame) {
        return places.computeIfAbsent(frame, f -> places.size() + 1);
    }

    private void details(Sample sample) throws IOException {
        if (!sample.labels().isEmpty() || !sample.numbers().isEmpty()) {
            line(
                    "# labels: "
                            + Json.string(j -> {
                                j.object();
                                sample.labels().forEach(j::field);
                                sample.numbers().forEach(j::field);
                                j.end();
                            }));
        }
        for (Frame frame : sample.stack()) {
            line(
                    "#\t0x"
                            + Integer.toHexString(place(frame))
                            + "\t"
                            + frame.function()
                            + "\t"
                            + frame.location());
        }
        line("");
    }

    private void line(String text) throws IOException {
        out.append(text).append('\n');
    }
}
