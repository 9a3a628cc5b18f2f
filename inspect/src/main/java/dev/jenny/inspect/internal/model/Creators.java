package dev.jenny.inspect.internal.model;

import dev.jenny.inspect.internal.model.Creator.Creation;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.GView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who created some goroutines, who created those, and so on. They are looked up together, a
 * generation at a time: each look walks through all goroutines, and through all that is recorded.
 */
public final class Creators {
    private static final int MAX = 16;

    private record Known(Creator creator, long parent) {}

    private final Map<Long, Known> known = new HashMap<>();

    /**
     * Looks them up. Nothing is kept of goroutines that have ended: a line ends with the first of
     * them that {@code recorded} does not know, and after {@value #MAX}.
     *
     * @param nearest the numbers of the nearest creators; 0 for none
     * @param recorded how those with given numbers were created, as far as that has been recorded
     */
    Creators(Collection<Long> nearest, Function<Set<Long>, Map<Long, Creation>> recorded) {
        Set<Long> wanted = new HashSet<>(nearest);
        for (int i = 0; i < MAX; i++) {
            wanted.remove(0L);
            wanted.removeAll(known.keySet());
            if (wanted.isEmpty()) {
                return;
            }
            wanted = look(wanted, recorded);
        }
    }

    private Set<Long> look(Set<Long> ids, Function<Set<Long>, Map<Long, Creation>> recorded) {
        Map<Long, GView> live = Probe.goroutines(ids);
        Set<Long> ended = new HashSet<>(ids);
        ended.removeAll(live.keySet());
        Map<Long, Creation> creations = ended.isEmpty() ? Map.of() : recorded.apply(ended);
        Set<Long> parents = new HashSet<>();
        for (long id : ids) {
            GView g = live.get(id);
            Creation c = creations.get(id);
            Frame site = g != null ? Look.frame(g.site()) : c != null ? c.site() : null;
            long parent = g != null ? g.parent() : c != null ? c.parent() : 0;
            known.put(id, new Known(new Creator(id, own(site), g != null), parent));
            parents.add(parent);
        }
        return parents;
    }

    /** {@code main} is started by the launcher, which is nothing to the program. */
    private static @Nullable Frame own(@Nullable Frame site) {
        return site == null || site.function().startsWith("dev.jenny.cli.") ? null : site;
    }

    /** The line that begins with {@code nearest}, one of those that were looked up, or 0. */
    public List<Creator> of(long nearest) {
        List<Creator> line = new ArrayList<>();
        long id = nearest;
        for (Known k; line.size() < MAX && (k = known.get(id)) != null; id = k.parent) {
            line.add(k.creator);
        }
        return line;
    }
}
