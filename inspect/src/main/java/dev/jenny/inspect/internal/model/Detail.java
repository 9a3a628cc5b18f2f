package dev.jenny.inspect.internal.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of a goroutine.
 *
 * @param goroutine the goroutine, with its stack
 * @param why why it does not go on
 * @param creators who created it, the nearest first
 * @param context the context that it waits for; null if it waits for none
 */
public record Detail(
        GoroutineInfo goroutine, Why why, List<Creator> creators, @Nullable ContextWait context) {
    /** All of it but the stack as text, for terminals. */
    public String text() {
        StringBuilder b = new StringBuilder(why.text());
        Frame site = goroutine.site();
        if (site != null) {
            b.append("created at ").append(site).append('\n');
        } else if (!creators.isEmpty()) {
            b.append("created by a library\n");
        }
        for (Creator c : creators) {
            b.append("  ").append(c.text()).append('\n');
        }
        Map<String, String> labels = goroutine.labels();
        if (!labels.isEmpty()) {
            b.append("labels:");
            labels.forEach((k, v) -> b.append(' ').append(k).append('=').append(v));
            b.append('\n');
        }
        return b.toString();
    }
}
