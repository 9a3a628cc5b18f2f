package dev.jenny.inspect.internal.model;

import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.GView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
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
    private static final int MAX = 16;

    /**
     * What a recording has of a goroutine that may have ended.
     *
     * @param site where its {@code go} statement stands
     * @param parent who created it; 0 for none, or if that is not known
     */
    public record Creation(@Nullable Frame site, long parent) {}

    /**
     * Who created a goroutine, who created that one, and so on, the nearest first. Nothing is kept
     * of goroutines that have ended: the list ends with the first of them that {@code recorded}
     * does not know, and after {@value #MAX}.
     *
     * @param parent the first of them; 0 for none
     * @param recorded how goroutines were created, as far as that has been recorded; null for
     *     others
     */
    static List<Creator> of(long parent, LongFunction<@Nullable Creation> recorded) {
        List<Creator> creators = new ArrayList<>();
        for (long id = parent; id != 0 && creators.size() < MAX; ) {
            GView g = Probe.goroutine(id);
            if (g != null) {
                creators.add(new Creator(id, own(Look.frame(g.site())), true));
                id = g.parent();
                continue;
            }
            Creation c = recorded.apply(id);
            creators.add(new Creator(id, c == null ? null : own(c.site()), false));
            id = c == null ? 0 : c.parent();
        }
        return creators;
    }

    /** {@code main} is started by the launcher, which is nothing to the program. */
    private static @Nullable Frame own(@Nullable Frame site) {
        return site == null || site.function().startsWith("dev.jenny.cli.") ? null : site;
    }

    /** As a line of a text. */
    String text() {
        String name = "by goroutine " + id + (lives ? "" : ", which has ended");
        return site == null
                ? lives ? name : name + "; where it was created is not known any more"
                : name + (lives ? ", created at " : ", and was created at ") + site;
    }
}
