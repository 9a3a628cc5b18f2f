package dev.jenny.inspect.internal.model;

import dev.jenny.inspect.internal.model.GoroutineGroup.Place;
import dev.jenny.internal.sched.Probe.GView;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * Those of a group whose stacks are to be read, and then where they stand: all while there are few,
 * so that what is told is exact; of many a random sample (Vitter, "Random sampling with a
 * reservoir", 1985, algorithm R).
 */
final class Places {
    private static final int MAX_PLACES = 64;

    private record Key(List<Frame> stack, Map<String, String> labels) {}

    /** How many may be remembered for all groups, besides a sample of each. */
    static final class Room {
        private final Depth depth;
        private final int sample;
        private int left;

        Room(Depth depth) {
            this.depth = depth;
            this.sample = Math.min(depth.group, Depth.SAMPLE.group);
            this.left = depth.total;
        }
    }

    private final Room room;
    private final RandomGenerator random;
    private final List<GView> members = new ArrayList<>();
    private final Map<Key, Integer> counts = new HashMap<>();
    private boolean sampled;
    private int read;

    Places(Room room, RandomGenerator random) {
        this.room = room;
        this.random = random;
    }

    /** Whether the {@code n}th goroutine of the group is to be {@link #add added}. */
    boolean wants(long n) {
        if (!sampled && (n > room.depth.group || (n > room.sample && room.left == 0))) {
            sampled = true;
            Collections.shuffle(members, Random.from(random));
            if (members.size() > room.sample) {
                room.left += members.size() - room.sample;
                members.subList(room.sample, members.size()).clear();
            }
        }
        return !sampled || random.nextLong(n) < room.sample;
    }

    void add(GView g) {
        if (sampled) {
            members.set(random.nextInt(room.sample), g);
            return;
        }
        if (members.size() >= room.sample) {
            room.left--;
        }
        members.add(g);
    }

    /** Reads the stack of one more; false if there is none. */
    boolean readNext() {
        if (read == members.size()) {
            return false;
        }
        GView g = members.get(read++);
        counts.merge(new Key(Look.stack(g), g.labels()), 1, Integer::sum);
        return true;
    }

    int read() {
        return read;
    }

    /**
     * Where they stand, most often first. Where they stand and what labels they have is told apart
     * as long as that gives few places.
     */
    List<Place> places() {
        List<Place> all = new ArrayList<>();
        if (counts.size() <= MAX_PLACES) {
            counts.forEach((k, n) -> all.add(new Place(k.stack, k.labels, n)));
        } else {
            all.addAll(byStack(counts));
        }
        all.sort(Comparator.<Place>comparingInt(p -> -p.count()).thenComparing(Places::text));
        return List.copyOf(all.subList(0, Math.min(MAX_PLACES, all.size())));
    }

    private static List<Place> byStack(Map<Key, Integer> counts) {
        Map<List<Frame>, Place> merged = new HashMap<>();
        counts.forEach(
                (k, n) -> merged.merge(k.stack, new Place(k.stack, k.labels, n), Places::both));
        return List.copyOf(merged.values());
    }

    private static Place both(Place a, Place b) {
        return new Place(a.stack(), Grouper.common(a.labels(), b.labels()), a.count() + b.count());
    }

    /** {@code places}, one for each stack. */
    static List<Place> byStack(List<Place> places) {
        Map<List<Frame>, Place> merged = new LinkedHashMap<>();
        places.forEach(p -> merged.merge(p.stack(), p, Places::both));
        return merged.values().stream().sorted(Comparator.comparingInt(p -> -p.count())).toList();
    }

    private static String text(Place p) {
        return p.stack().isEmpty() ? "" : p.stack().getFirst().toString();
    }
}
