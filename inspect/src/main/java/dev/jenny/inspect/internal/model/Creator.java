package dev.jenny.inspect.internal.model;

import org.jspecify.annotations.Nullable;

/**
 * A goroutine that created another.
 *
 * @param id its number
 * @param site where its own {@code go} statement stands; null as in {@link GoroutineInfo}, or if
 *     nothing is known of it but its number
 * @param lives whether it has not ended
 */
public record Creator(long id, @Nullable Frame site, boolean lives) {
    /**
     * What a recording has of a goroutine that may have ended.
     *
     * @param site where its {@code go} statement stands
     * @param parent who created it; 0 for none, or if that is not known
     */
    public record Creation(@Nullable Frame site, long parent) {}

    /** As a line of a text. */
    String text() {
        String name = "by goroutine " + id + (lives ? "" : ", which has ended");
        return site == null
                ? lives ? name : name + "; where it was created is not known any more"
                : name + (lives ? ", created at " : ", and was created at ") + site;
    }
}
