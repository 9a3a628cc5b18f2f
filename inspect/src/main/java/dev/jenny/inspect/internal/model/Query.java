package dev.jenny.inspect.internal.model;

import java.util.Locale;
import java.util.function.Predicate;

/**
 * Picks goroutines: the one language of the CLI, the HTTP API and the dashboard.
 *
 * <p>{@code state:waiting reason:"chan receive" age>10s site~Worker label.svc=users}: terms side by
 * side must all hold; {@code or}, {@code not} (or {@code -} before a term) and parentheses work as
 * usual. A term is a field, an operator and a value:
 *
 * <ul>
 *   <li>{@code :} and {@code =} mean equal, {@code !=} unequal, {@code ~} contains, {@code !~} does
 *       not contain; letter case does not count. {@code <}, {@code <=}, {@code >} and {@code >=}
 *       compare numbers and times.
 *   <li>{@code id}, {@code parent}, {@code p}: numbers. {@code age}: a time such as {@code 1.5s},
 *       {@code 10ms}, {@code 2m}, {@code 1h30m}.
 *   <li>{@code state}: running, runnable, waiting. {@code reason}: Go's wait reason. {@code
 *       object}: {@code chan}, {@code chan#5}. {@code site}: the function and line of the {@code
 *       go} statement. {@code name}: the thread's name. {@code label.NAME}: a label. {@code stack}:
 *       any frame of the stack.
 * </ul>
 *
 * <p>A word alone means: site, reason, object or state contains it.
 */
public final class Query {
    /** Lets everything through. */
    public static final Query ALL = new Query("", g -> true, false, false);

    private final String text;
    private final Predicate<GoroutineInfo> predicate;
    private final boolean needsObject;
    private final boolean needsStack;

    Query(
            String text,
            Predicate<GoroutineInfo> predicate,
            boolean needsObject,
            boolean needsStack) {
        this.text = text;
        this.predicate = predicate;
        this.needsObject = needsObject;
        this.needsStack = needsStack;
    }

    /**
     * Reads a query; an empty one lets everything through.
     *
     * @throws QueryException if it cannot be understood; the message says where and what would be
     */
    public static Query parse(String text) {
        return text.isBlank() ? ALL : new QueryParser(text).parse();
    }

    /** Whether {@code g} is to be shown. */
    public boolean test(GoroutineInfo g) {
        return predicate.test(g);
    }

    /** Whether {@link #test} looks at the object. */
    public boolean needsObject() {
        return needsObject;
    }

    /** Whether {@link #test} looks at the stack. */
    public boolean needsStack() {
        return needsStack;
    }

    /** True if everything is let through. */
    public boolean isAll() {
        return this == ALL;
    }

    /** The query as it was written. */
    @Override
    public String toString() {
        return text;
    }

    static boolean contains(String s, String lower) {
        return s.toLowerCase(Locale.ROOT).contains(lower);
    }
}
