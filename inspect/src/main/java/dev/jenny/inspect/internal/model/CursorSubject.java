package dev.jenny.inspect.internal.model;

import dev.jenny.internal.sched.Probe.Cursor;
import dev.jenny.internal.sched.SpawnSite;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The goroutine that a walk has come to, as a query sees it. Most queries thus run over very many
 * goroutines without making garbage, which would make the program's collector run.
 */
final class CursorSubject implements Subject {
    private record Site(@Nullable Frame frame, String text) {}

    private static final Site NONE = new Site(null, "");

    private final Cursor cursor;
    private final Look look;
    private final IdentityHashMap<SpawnSite, Site> sites = new IdentityHashMap<>();

    CursorSubject(Cursor cursor, Look look) {
        this.cursor = cursor;
        this.look = look;
    }

    private Site siteOf() {
        SpawnSite s = cursor.site();
        if (s == null) {
            return NONE;
        }
        Site known = sites.get(s);
        if (known == null) {
            Frame f = Look.frame(s);
            known = new Site(f, Frame.text(f));
            sites.put(s, known);
        }
        return known;
    }

    @Override
    public long id() {
        return cursor.id();
    }

    @Override
    public String state() {
        return cursor.state().text();
    }

    @Override
    public String reason() {
        return look.reason(cursor);
    }

    @Override
    public long waitNanos() {
        return cursor.waited();
    }

    @Override
    public @Nullable ObjectInfo object() {
        return Objects.asked(cursor.on());
    }

    @Override
    public long parent() {
        return cursor.parent();
    }

    @Override
    public @Nullable Frame site() {
        return siteOf().frame();
    }

    @Override
    public String siteText() {
        return siteOf().text();
    }

    @Override
    public Map<String, String> labels() {
        return cursor.labels();
    }

    @Override
    public String threadName() {
        return cursor.view().thread().getName();
    }

    @Override
    public int p() {
        return cursor.p();
    }

    @Override
    public List<Frame> stack() {
        return Look.stack(cursor.view());
    }
}
