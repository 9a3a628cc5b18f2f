package dev.jenny.inspect.internal.model;

import dev.jenny.internal.sched.Probe.GView;
import dev.jenny.internal.sched.SpawnSite;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a goroutine that may turn out to be leaked, since it will be gone by then:
 * numbers and texts, and nothing that leads to it.
 *
 * @param kind what it has in common with others
 * @param id its number
 * @param since when its wait began, on the clock of waits; 0 if unknown
 * @param on the identity hash of what it waits on, to tell waits in JDK code apart
 * @param labels its labels
 */
record LeakNote(Kind kind, long id, long since, int on, Map<String, String> labels) {
    /** Alike goroutines. Stacks are read of the first few only: each takes some 10 µs. */
    static final class Kind {
        private final @Nullable SpawnSite site;
        private final String reason;
        private final String objectKind;
        private final Map<Long, List<Frame>> stacks = new HashMap<>();

        private Kind(@Nullable SpawnSite site, String reason, String objectKind) {
            this.site = site;
            this.reason = reason;
            this.objectKind = objectKind;
        }
    }

    /** Makes notes, and counts those that proved to be of leaked goroutines. */
    static final class Book {
        private static final int STACKS = 16;
        private static final int IDS = 10;
        private static final int MAX_STACKS = 4_096;

        private record Key(@Nullable SpawnSite site, String reason, String objectKind) {}

        private static final class Found {
            final Kind kind;
            long count;
            long oldest;
            @Nullable Map<String, String> labels;
            final List<Long> ids = new ArrayList<>();
            List<Frame> stack = List.of();
            long stackOf;

            Found(Kind kind) {
                this.kind = kind;
            }
        }

        private final Map<Key, Kind> kinds = new HashMap<>();
        private final Look look = new Look(1_000_000_000);

        /** A note about {@code g}, whose stack is read if none of its kind are known yet. */
        LeakNote note(GView g) {
            Key key = new Key(g.site(), look.reason(g), Objects.kind(g.on()));
            Kind k =
                    kinds.computeIfAbsent(key, n -> new Kind(n.site(), n.reason(), n.objectKind()));
            if (k.stacks.size() < STACKS && kinds.size() * STACKS < MAX_STACKS) {
                k.stacks.put(g.id(), Look.stack(g));
            } else if (k.stacks.isEmpty()) {
                k.stacks.put(g.id(), Look.stack(g));
            }
            return new LeakNote(k, g.id(), g.since(), System.identityHashCode(g.on()), g.labels());
        }

        /** The goroutines of {@code leaked}, grouped; the biggest group first. */
        static List<Leak> leaks(List<LeakNote> leaked, long now) {
            Map<Kind, Found> found = new HashMap<>();
            for (LeakNote n : leaked) {
                Found f = found.computeIfAbsent(n.kind, Found::new);
                f.count++;
                f.oldest = Math.max(f.oldest, n.since == 0 ? 0 : now - n.since);
                f.labels = f.labels == null ? n.labels : Grouper.common(f.labels, n.labels);
                if (f.ids.size() < IDS) {
                    f.ids.add(n.id);
                }
                List<Frame> own = n.kind.stacks.get(n.id);
                if (own != null && f.stackOf == 0) {
                    f.stack = own;
                    f.stackOf = n.id;
                }
            }
            List<Leak> leaks = new ArrayList<>();
            for (Found f : found.values()) {
                leaks.add(
                        new Leak(
                                f.count,
                                f.kind.reason,
                                f.kind.objectKind,
                                Look.frame(f.kind.site),
                                f.labels == null ? Map.of() : f.labels,
                                f.oldest,
                                f.ids,
                                f.stackOf == 0 ? anyStack(f.kind) : f.stack,
                                f.stackOf == 0 ? anyStackOf(f.kind) : f.stackOf));
            }
            leaks.sort(
                    Comparator.<Leak>comparingLong(l -> -l.count())
                            .thenComparing(l -> Frame.text(l.site())));
            return leaks;
        }

        private static List<Frame> anyStack(Kind k) {
            return k.stacks.isEmpty() ? List.of() : k.stacks.values().iterator().next();
        }

        private static long anyStackOf(Kind k) {
            return k.stacks.isEmpty() ? 0 : k.stacks.keySet().iterator().next();
        }
    }

    /** True if {@code g} is still in the wait that the note is about. */
    boolean describes(GView g) {
        return id == g.id() && since == g.since() && on == System.identityHashCode(g.on());
    }
}
