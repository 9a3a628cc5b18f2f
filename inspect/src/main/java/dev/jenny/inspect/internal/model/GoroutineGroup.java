package dev.jenny.inspect.internal.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Goroutines that are alike: same spawn site, same state, same wait reason, same kind of object.
 *
 * @param key names the group; the same in every snapshot of this program
 * @param count how many
 * @param state {@code running}, {@code runnable} or {@code waiting}
 * @param reason why they wait; {@code ""} if they do not
 * @param objectKind the kind of object that they wait on; {@code ""} for none
 * @param site where their {@code go} statement stands; null as in {@link GoroutineInfo}
 * @param labels the labels that all of the group have in common
 * @param oldestNanos how long the one that has waited longest has waited; 0 if unknown
 * @param newestNanos how long the one that has waited shortest has waited; 0 if unknown
 * @param totalNanos the sum of the waits
 * @param samples numbers of some of them
 * @param read of how many of them the stack was read
 * @param places where those stand, most often first; without the rarest if there are very many, and
 *     empty if the time for stacks was up
 */
public record GoroutineGroup(
        String key,
        long count,
        String state,
        String reason,
        String objectKind,
        @Nullable Frame site,
        Map<String, String> labels,
        long oldestNanos,
        long newestNanos,
        long totalNanos,
        List<Long> samples,
        int read,
        List<Place> places) {
    /**
     * Where some of a group stand.
     *
     * @param stack their stack
     * @param labels the labels that all of them have in common
     * @param count how many they are, of those whose stack was read
     */
    public record Place(List<Frame> stack, Map<String, String> labels, int count) {}

    /** Whether {@link #places} tells of all, and not of a sample. */
    public boolean isExact() {
        return places.stream().mapToLong(Place::count).sum() == count;
    }

    /** Those of an exact group that stand at {@code p}; how long they have waited is not known. */
    GoroutineGroup at(Place p) {
        return new GoroutineGroup(
                key,
                p.count(),
                state,
                reason,
                objectKind,
                site,
                p.labels(),
                0,
                0,
                0,
                places.size() == 1 ? samples : List.of(),
                p.count(),
                List.of(p));
    }

    /** The most frequent stack; empty if none was read. */
    public List<Frame> stack() {
        return places.isEmpty() ? List.of() : places.getFirst().stack();
    }

    /** The wait reason if they wait, else the state. */
    public String status() {
        return reason.isEmpty() ? state : reason;
    }
}
