package dev.jenny.inspect.internal.model;

import dev.jenny.Goroutine;
import dev.jenny.inspect.internal.model.Waited.Stand;
import dev.jenny.internal.chan.Channel;
import dev.jenny.internal.chan.ChannelRegistry;
import dev.jenny.internal.chan.DoneChannel;
import dev.jenny.internal.chan.TimerChannel;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import java.util.function.LongUnaryOperator;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/**
 * How the objects that goroutines wait on have stood, look by look, for a minute: the {@value
 * #OBJECTS} that the most wait on. They stay for a minute after the last waiter. Holds them weakly.
 * One thread looks; any thread may ask.
 */
public final class ObjectTrends {
    static final int OBJECTS = 1_000;
    private static final int LOOKS = 60;
    private static final long KEEP = 60_000_000_000L;
    private static final long RATE = 10_000_000_000L;

    /**
     * More of what nobody waits on is not listed, so that the memory that a look takes is bounded.
     */
    private static final int MAX_IDLE = 20_000;

    /** Of so many looks a trend has only each second one. */
    private static final int MANY = 30;

    /** An object, with rings of what was seen of it. */
    private static final class Track {
        final WeakReference<Object> on;
        final long first;
        final long cap;
        final boolean channel;
        final long[] len = new long[LOOKS];
        final long[] waiting = new long[LOOKS];
        final long[] passed = new long[LOOKS];
        long staysUntil;

        Track(Stand s, long look) {
            this.on = new WeakReference<>(s.on());
            this.first = look;
            this.cap = s.detail().cap();
            this.channel = s.detail().passed() >= 0;
        }

        void set(long look, long now, Stand s) {
            ObjectDetail d = s.detail();
            int i = ring(look);
            len[i] = d.len();
            waiting[i] = d.waiters();
            passed[i] = d.passed();
            if (d.waiters() > 0) {
                staysUntil = stays(s) ? now + KEEP : now;
            }
        }

        /** Timers and contexts come and go by thousands, and nothing moves through them. */
        private static boolean stays(Stand s) {
            return !s.monitor()
                    && !(s.on() instanceof TimerChannel
                            || s.on() instanceof DoneChannel
                            || s.on() instanceof Goroutine);
        }

        /** How many values have gone through it in the {@code step} looks before look {@code k}. */
        long moved(long k, int step, long looks) {
            long before = Math.max(k - step, Math.max(first, looks - LOOKS));
            return passed[ring(k)] - passed[ring(before)];
        }
    }

    // guarded by this, as all that is below
    private final long[] times = new long[LOOKS];
    private long looks;
    private Map<String, Track> tracks = new HashMap<>();

    /**
     * Looks at all objects, and remembers how they stand.
     *
     * @param now the moment, later than that of the look before
     * @return what there is to see, as {@link #objects}
     */
    public ObjectList look(long now) {
        Waited waited = new Waited(true);
        List<Stand> stands = waited.stands(OBJECTS, idle(now, on -> true));
        remember(stands, now);
        // a lock that nobody waits for is there for its trend only
        List<ObjectDetail> listed =
                stands.stream()
                        .filter(s -> s.detail().waiters() > 0 || s.on() instanceof Channel<?>)
                        .map(Stand::detail)
                        .toList();
        return new ObjectList(listed, waited.total() - stands.size() + listed.size());
    }

    /**
     * What goroutines wait on, and after it the channels that nobody waits on, as far as they are
     * known: since somebody has within the last minute, or since the program keeps all of them.
     *
     * @param limit no more than so many
     * @param now the moment
     */
    public ObjectList objects(int limit, long now) {
        Waited waited = new Waited(true);
        List<Stand> stands = waited.stands(limit, idle(now, on -> on instanceof Channel<?>));
        return new ObjectList(stands.stream().map(Stand::detail).toList(), waited.total());
    }

    /** Objects that may have no waiter, but are to be looked at. */
    private List<Object> idle(long now, Predicate<Object> which) {
        List<Object> found = new ArrayList<>();
        synchronized (this) {
            for (Track t : tracks.values()) {
                Object on = t.on.get();
                if (on != null && t.staysUntil >= now && which.test(on)) {
                    found.add(on);
                }
            }
        }
        if (ChannelRegistry.ON) {
            ChannelRegistry.visit(ch -> found.add(ch) && found.size() < MAX_IDLE);
        }
        return found;
    }

    private synchronized void remember(List<Stand> stands, long now) {
        long look = looks++;
        times[ring(look)] = now;
        Map<String, Track> before = tracks;
        tracks = new HashMap<>();
        for (Stand s : stands) {
            String name = s.detail().object().name();
            Track known = before.get(name);
            Track t = known != null ? known : new Track(s, look);
            t.set(look, now, s);
            tracks.put(name, t);
        }
    }

    /**
     * How objects have stood, by their names.
     *
     * @param looks the moments of the last minute that trends have numbers of, the oldest first
     */
    public record Shown(List<Long> looks, Map<String, Trend> of) {}

    /** How {@code objects} have stood, those of which that is known. */
    public synchronized Shown show(List<ObjectDetail> objects) {
        Map<String, Trend> known = new HashMap<>();
        for (ObjectDetail o : objects) {
            String name = o.object().name();
            Track t = tracks.get(name);
            if (t != null) {
                known.put(name, trend(t));
            }
        }
        return new Shown(shown(0, k -> times[ring(k)]), known);
    }

    private Trend trend(Track t) {
        boolean buffered = t.channel && t.cap > 0;
        List<Long> none = List.of();
        int step = step();
        return new Trend(
                t.channel ? perSecond(t) : -1,
                buffered ? share(t, n -> n >= t.cap) : -1,
                buffered ? share(t, n -> n == 0) : -1,
                t.cap >= 0 ? shown(t.first, k -> t.len[ring(k)]) : none,
                shown(t.first, k -> t.waiting[ring(k)]),
                t.channel ? shown(t.first, k -> t.moved(k, step, looks)) : none);
    }

    private double perSecond(Track t) {
        long last = looks - 1;
        long from = last;
        while (from > Math.max(t.first, looks - LOOKS)
                && (from == last || times[ring(last)] - times[ring(from - 1)] <= RATE)) {
            from--;
        }
        long nanos = times[ring(last)] - times[ring(from)];
        return nanos == 0
                ? -1
                : rounded(1e9 * (t.passed[ring(last)] - t.passed[ring(from)]) / nanos);
    }

    private double share(Track t, LongPredicate is) {
        long from = Math.max(t.first, oldest());
        long n = LongStream.range(from, looks).filter(k -> is.test(t.len[ring(k)])).count();
        return rounded((double) n / (looks - from));
    }

    private static double rounded(double x) {
        return Math.round(x * 1000) / 1000.0;
    }

    /** The values at the looks that a trend has, of an object that is known since {@code first}. */
    private List<Long> shown(long first, LongUnaryOperator value) {
        long from = Math.max(first, oldest());
        int step = step();
        long n = (looks - from + step - 1) / step;
        return LongStream.rangeClosed(1, n)
                .map(i -> value.applyAsLong(looks - 1 - (n - i) * step))
                .boxed()
                .toList();
    }

    private int step() {
        return looks - oldest() > MANY ? 2 : 1;
    }

    /** The first look of the last minute. */
    private long oldest() {
        long k = looks;
        while (k > Math.max(0, looks - LOOKS)
                && times[ring(looks - 1)] - times[ring(k - 1)] <= KEEP) {
            k--;
        }
        return k;
    }

    private static int ring(long look) {
        return (int) (look % LOOKS);
    }
}
