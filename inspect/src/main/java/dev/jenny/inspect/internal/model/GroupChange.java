package dev.jenny.inspect.internal.model;

/**
 * How a group differs between two snapshots.
 *
 * @param group the group, as it is in the later snapshot if it is there
 * @param before how many goroutines it had; 0 if there was none
 * @param after how many it has; 0 if there is none
 */
public record GroupChange(GoroutineGroup group, long before, long after) {
    /** How many more there are. */
    public long delta() {
        return after - before;
    }
}
