package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.model.ChannelNames;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.pprof.Profile.ValueType;
import dev.jenny.inspect.internal.pprof.Profiles.Kind;
import dev.jenny.internal.event.BlockProfile;
import dev.jenny.internal.event.Counters;
import dev.jenny.internal.event.MutexProfile;
import dev.jenny.internal.event.SchedProfile;
import dev.jenny.internal.event.SiteStats;
import dev.jenny.internal.event.Stacks;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.SpawnSite;
import dev.jenny.internal.sched.WaitReason;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Profiles of waiting, from what the runtime counts itself: it knows each wait, where a sampler
 * could only guess. Waits in JDK code (sockets, {@code ReentrantLock}, monitors) are among them if
 * goroutines are driven directly.
 */
final class Waits {
    /** A stack walk for each 10 µs of waiting: shorter waits are sampled. */
    private static final long RATE = 10_000;

    /** A stack walk for each 100 µs for which a mutex is fought over. */
    private static final long MUTEX_RATE = 100_000;

    private static final List<Frame> WITHOUT_SITE = List.of(new Frame("(no go statement)", "", 0));

    private static final ChannelNames CHANNELS = new ChannelNames(BlockProfile.OTHERS);

    // guarded by the class
    private static int users;
    private static int wakeUpUsers;
    private static long rateBefore;
    private static long mutexRateBefore;

    private Waits() {}

    /** Has waits recorded until {@link #release}. */
    static synchronized void acquire() {
        if (users++ == 0) {
            rateBefore = BlockProfile.rate();
            BlockProfile.setNamer(CHANNELS::of);
            if (rateBefore == 0) {
                BlockProfile.setRate(RATE);
            }
            mutexRateBefore = MutexProfile.rate();
            if (mutexRateBefore == 0) {
                MutexProfile.setRate(MUTEX_RATE);
            }
        }
    }

    static synchronized void release() {
        if (--users == 0) {
            BlockProfile.setRate(rateBefore);
            MutexProfile.setRate(mutexRateBefore);
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
        profile.comment("waits are recorded while somebody asks for seconds=N");
        if (kind == Kind.MUTEX) {
            for (MutexProfile.Unlocks u : MutexProfile.records()) {
                profile.add(frames(u.stack()), u.labels(), u.count(), u.nanos());
            }
            return profile;
        }
        for (BlockProfile.Waits w : BlockProfile.records()) {
            if (belongs(w.reason(), kind)) {
                Map<String, String> labels = new HashMap<>(w.labels());
                labels.put("wait", w.reason());
                if (!w.on().isEmpty()) {
                    labels.put("on", w.on());
                }
                if (kind == Kind.CHAN && !w.instance().isEmpty()) {
                    labels.put("chan", w.instance());
                }
                profile.add(frames(w.stack()), labels, w.count(), w.nanos());
            }
        }
        return profile;
    }

    private static boolean belongs(String reason, Kind kind) {
        return switch (kind) {
            case CHAN -> reason.startsWith("chan ") || reason.startsWith("select");
            case BLOCK -> // as in Go
                    !reason.equals(WaitReason.SLEEP.text())
                            && !reason.equals(WaitReason.IO_WAIT.text());
            default -> true;
        };
    }

    /** How long those goroutines were runnable that ran within {@code duration} from now. */
    static Profile wakeUps(Duration duration) throws InterruptedException {
        acquireWakeUps();
        try {
            Profile before = wakeUps();
            Thread.sleep(duration);
            return wakeUps().minus(before);
        } finally {
            releaseWakeUps();
        }
    }

    /** Has each wake-up measured until {@link #releaseWakeUps}. */
    static synchronized void acquireWakeUps() {
        if (wakeUpUsers == 0) {
            SchedProfile.setRate(RATE);
        }
        wakeUpUsers++;
    }

    static synchronized void releaseWakeUps() {
        if (--wakeUpUsers == 0) {
            SchedProfile.setRate(0);
        }
    }

    /** The wake-ups that have been measured so far. */
    static Profile wakeUps() {
        Profile profile = empty(Kind.SCHED);
        for (SchedProfile.Wakes w : SchedProfile.records()) {
            Map<String, String> labels = new HashMap<>(w.labels());
            labels.put("after", w.after());
            List<Frame> stack = w.stack().isEmpty() ? WITHOUT_SITE : frames(w.stack());
            profile.add(stack, labels, w.count(), w.nanos());
        }
        profile.comment("each wake-up is measured");
        return profile;
    }

    /** How long goroutines have been runnable, by go statement and by what they waited for. */
    static Profile latencies() {
        Profile profile = empty(Kind.SCHED);
        for (SpawnSite site : SpawnSite.all()) {
            add(profile, frames(Stacks.frames(site.stack())), site.stats);
        }
        add(profile, WITHOUT_SITE, Probe.withoutSite());
        profile.comment("one in " + Counters.SAMPLE + " wake-ups is measured");
        return profile;
    }

    private static void add(Profile profile, List<Frame> at, SiteStats stats) {
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

    private static String after(int reason) {
        WaitReason[] known = WaitReason.values();
        return reason < known.length ? known[reason].text() : "go, yield or a wait in JDK code";
    }

    private static List<Frame> frames(List<StackTraceElement> stack) {
        return stack.stream().map(Frame::of).toList();
    }
}
