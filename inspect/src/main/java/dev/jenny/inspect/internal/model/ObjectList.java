package dev.jenny.inspect.internal.model;

import java.util.List;

/**
 * What goroutines wait on.
 *
 * @param objects those that are shown, that with the most waiters first
 * @param total how many there are
 */
public record ObjectList(List<ObjectDetail> objects, int total) {
    /** The first {@code n} of these. */
    public ObjectList first(int n) {
        return new ObjectList(objects.subList(0, Math.min(n, objects.size())), total);
    }
}
