package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.pprof.Profile.ValueType;
import dev.jenny.inspect.internal.pprof.Profiles.Kind;
import dev.jenny.internal.event.BlockProfile;
import dev.jenny.internal.event.Counters;
import dev.jenny.internal.event.SiteStats;
import dev.jenny.internal.event.Stacks;
import dev.jenny.internal.sched.SpawnSite;
import dev.jenny.internal.sched.WaitReason;
import java.util.List;
import java.util.Map;

/**
 * Profiles of waiting, from what the runtime counts itself: it knows each wait in a primitive of
 * Jenny's, where a sampler could only guess. Waits in JDK code (sockets, {@code ReentrantLock}) are
 * not among them.
 */
final class Waits {
    /** A stack walk for each 10 µs of waiting: shorter waits are sampled. */
    private static final long RATE = 10_000;

    private static int users; // guarded by the class
    private static long rateBefore; // guarded by the class

    private Waits() {}

    /** Has waits recorded until {@link #release}. */
    static synchronized void acquire() {
        if (users++ == 0) {
            rateBefore = BlockProfile.rate();
            if (rateBefore == 0) {
                BlockProfile.setRate(RATE);
            }
        }
    }

    static synchronized void release() {
        if (--users == 0) {
            BlockProfile.setRate(rateBefore);
        }
    }

    private static Profile empty(Kind kind) {
        return new Profile(
                kind.text(),
                List.of(ValueType.count("contentions"), ValueType.nanos("delay")),
                ValueType.count("contentions"),
                1);
    }

    /** The waits of {@code kind} that have been recorded so far. */
    static Profile take(Kind kind) {
        Profile profile = empty(kind);
        for (BlockProfile.Waits w : BlockProfile.records()) {
            if (belongs(w.reason(), kind)) {
                profile.add(
                        frames(w.stack()),
                        Map.of("wait", w.reason(), "on", w.on()),
                        w.count(),
                        w.nanos());
            }
        }
        profile.comment("waits are recorded while somebody asks for seconds=N");
        return profile;
    }

    private static boolean belongs(String reason, Kind kind) {
        return switch (kind) {
            case CHAN -> reason.startsWith("chan ") || reason.startsWith("select");
            case MUTEX -> isMutex(reason);
            case BLOCK -> !reason.equals(WaitReason.SLEEP.text());
            default -> true;
        };
    }

    private static boolean isMutex(String reason) {
        return reason.equals(WaitReason.MUTEX_LOCK.text())
                || reason.equals(WaitReason.RWMUTEX_LOCK.text())
                || reason.equals(WaitReason.RWMUTEX_RLOCK.text());
    }

    /** How long goroutines have been runnable, by go statement and by what they waited for. */
    static Profile latencies() {
        Profile profile = empty(Kind.SCHED);
        for (SpawnSite site : SpawnSite.all()) {
            SiteStats stats = site.stats;
            List<Frame> at = frames(Stacks.frames(site.stack()));
            for (int reason = 0; reason < Counters.REASONS; reason++) {
                long count = stats.wakes(reason) * Counters.SAMPLE;
                if (count > 0) {
                    profile.add(
                            at,
                            Map.of("after", after(reason)),
                            count,
                            stats.latencyNanos(reason) * Counters.SAMPLE);
                }
            }
        }
        profile.comment("one in " + Counters.SAMPLE + " wake-ups is measured");
        return profile;
    }

    private static String after(int reason) {
        WaitReason[] known = WaitReason.values();
        return reason < known.length ? known[reason].text() : "go, yield or a wait in JDK code";
    }

    private static List<Frame> frames(List<StackTraceElement> stack) {
        return stack.stream().map(Frame::of).toList();
    }
}
