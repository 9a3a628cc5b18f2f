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
 * @param stack the stack of the first sample; empty if the time for stacks was up
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
        List<Frame> stack) {
    /** The wait reason if they wait, else the state. */
    public String status() {
        return reason.isEmpty() ? state : reason;
    }
}
