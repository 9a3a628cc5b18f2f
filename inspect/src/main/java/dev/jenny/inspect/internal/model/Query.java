package dev.jenny.inspect.internal.model;

import java.util.List;
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
    public static final Query ALL = new Query("", g -> true);

    private final String text;
    private final Predicate<Subject> predicate;

    Query(String text, Predicate<Subject> predicate) {
        this.text = text;
        this.predicate = predicate;
    }

    /**
     * Reads a query; an empty one lets everything through.
     *
     * @throws QueryException if it cannot be understood; the message says where and what would be
     */
    public static Query parse(String text) {
        return text.isBlank() ? ALL : new QueryParser(text).parse();
    }

    /** Those that have the label {@code name} with {@code value}, letter case counting. */
    public static Query label(String name, String value) {
        return new Query("label." + name + "=" + value, g -> value.equals(g.labels().get(name)));
    }

    /** This query, without those that were started by functions that begin with a prefix. */
    public Query without(List<String> prefixes) {
        return new Query(
                text,
                g -> predicate.test(g) && prefixes.stream().noneMatch(g.siteText()::startsWith));
    }

    /** Whether {@code g} is to be shown. */
    public boolean test(GoroutineInfo g) {
        return predicate.test(g);
    }

    /** Whether the goroutine that a walk has come to is to be shown. */
    boolean test(Subject s) {
        return isAll() || predicate.test(s);
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

    /** Whether {@code s} contains {@code part}, whatever the case of letters; makes no garbage. */
    static boolean contains(String s, String part) {
        int last = s.length() - part.length();
        for (int i = 0; i <= last; i++) {
            if (s.regionMatches(true, i, part, 0, part.length())) {
                return true;
            }
        }
        return false;
    }
}
