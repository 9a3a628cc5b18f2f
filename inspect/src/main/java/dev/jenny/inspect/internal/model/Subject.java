package dev.jenny.inspect.internal.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Query} looks at: the fields of a {@link GoroutineInfo}, each when it is asked for.
 */
interface Subject {
    long id();

    String state();

    String reason();

    long waitNanos();

    @Nullable ObjectInfo object();

    long parent();

    @Nullable Frame site();

    /** The site as one text; {@code ""} for none. */
    default String siteText() {
        Frame f = site();
        return f == null ? "" : f.toString();
    }

    Map<String, String> labels();

    String threadName();

    int p();

    List<Frame> stack();
}
