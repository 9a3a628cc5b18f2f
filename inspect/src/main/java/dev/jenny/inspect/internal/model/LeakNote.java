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
 * @param parent the goroutine that created it; 0 for none
 * @param on the identity hash of what it waits on, to tell waits in JDK code apart
 * @param labels its labels
 * @param stack its stack, if it was read
 */
record LeakNote(
        Kind kind,
        long id,
        long since,
        long parent,
        int on,
        Map<String, String> labels,
        @Nullable List<Frame> stack) {
    /** Alike goroutines. Of very many, stacks are read of a few only: each takes some 10 µs. */
    static final class Kind {
        private final @Nullable SpawnSite site;
        private final String reason;
        private final String objectKind;
        private int stacks; // that were read
        private List<Frame> stack = List.of(); // of one of them
        private long stackOf;
        private boolean noted; // in this pass

        private Kind(@Nullable SpawnSite site, String reason, String objectKind) {
            this.site = site;
            this.reason = reason;
            this.objectKind = objectKind;
        }
    }

    /** Makes notes, and counts those that proved to be of leaked goroutines. */
    static final class Book {
        /** So many stacks are read, whatever they are of: takes 20 ms. */
        private static final int EXACT = 2_000;

        /** Beyond that, so many of each kind. */
        private static final int STACKS = 16;

        private static final int IDS = 10;
        private static final int MAX_STACKS = 4_096;

        private record Key(@Nullable SpawnSite site, String reason, String objectKind) {}

        private record Place(Kind kind, List<Frame> stack) {}

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

        /** How many notes have stacks: those of this book, and those that {@link #keep} got. */
        private int read;

        /**
         * A book for another pass, in which notes of this one are kept. Kinds of which this book
         * has no note are forgotten.
         */
        Book next() {
            Book next = new Book();
            kinds.forEach((key, kind) -> {
                if (kind.noted) {
                    kind.noted = false;
                    next.kinds.put(key, kind);
                }
            });
            return next;
        }

        /** A note of a book before this stands. */
        void keep(LeakNote n) {
            n.kind.noted = true;
            if (n.stack != null) {
                read++;
            }
        }

        /** A note about {@code g}, whose stack is read if few have been, or none of its kind. */
        LeakNote note(GView g) {
            Key key = new Key(g.site(), look.reason(g), Objects.kind(g.on()));
            Kind k =
                    kinds.computeIfAbsent(key, n -> new Kind(n.site(), n.reason(), n.objectKind()));
            k.noted = true;
            boolean few = k.stacks < STACKS && kinds.size() * STACKS < MAX_STACKS;
            List<Frame> stack = null;
            if (read < EXACT || few || k.stacks == 0) {
                stack = Look.stack(g);
                k.stacks++;
                read++;
                if (k.stackOf == 0) {
                    k.stack = stack;
                    k.stackOf = g.id();
                }
            }
            int on = System.identityHashCode(g.on());
            return new LeakNote(k, g.id(), g.since(), g.parent(), on, g.labels(), stack);
        }

        /** The goroutines of {@code leaked}, grouped by kind and stack; the biggest group first. */
        static List<Leak> leaks(List<LeakNote> leaked, long now) {
            Map<Place, Found> found = new HashMap<>();
            for (LeakNote n : leaked) {
                Found f =
                        found.computeIfAbsent(
                                new Place(n.kind, n.stackOrLike()), p -> new Found(n.kind));
                f.count++;
                f.oldest = Math.max(f.oldest, n.since == 0 ? 0 : now - n.since);
                f.labels = f.labels == null ? n.labels : Grouper.common(f.labels, n.labels);
                if (f.ids.size() < IDS) {
                    f.ids.add(n.id);
                }
                if (n.stack != null && f.stackOf == 0) {
                    f.stack = n.stack;
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
                                f.stackOf == 0 ? f.kind.stack : f.stack,
                                f.stackOf == 0 ? f.kind.stackOf : f.stackOf));
            }
            leaks.sort(
                    Comparator.<Leak>comparingLong(l -> -l.count())
                            .thenComparing(l -> Frame.text(l.site())));
            return leaks;
        }

        /** The first of {@code leaked} one by one. */
        static List<GoroutineInfo> goroutines(List<LeakNote> leaked, long now) {
            return leaked.stream()
                    .sorted(Comparator.comparingLong(LeakNote::id))
                    .limit(LeakReport.MAX_GOROUTINES)
                    .map(n -> n.info(now))
                    .toList();
        }
    }

    /** If its own stack was not read, that of one that is alike. */
    private List<Frame> stackOrLike() {
        return stack == null ? kind.stack : stack;
    }

    private GoroutineInfo info(long now) {
        return new GoroutineInfo(
                id,
                "waiting",
                kind.reason + " (leaked)",
                since == 0 ? 0 : Math.max(0, now - since),
                null,
                parent,
                Look.frame(kind.site),
                labels,
                "",
                0,
                -1,
                false,
                stackOrLike());
    }

    /** True if {@code g} is still in the wait that the note is about. */
    boolean describes(GView g) {
        return id == g.id() && since == g.since() && on == System.identityHashCode(g.on());
    }
}
