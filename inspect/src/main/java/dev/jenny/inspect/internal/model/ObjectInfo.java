package dev.jenny.inspect.internal.model;

/**
 * Something that goroutines wait on.
 *
 * @param kind {@code chan}, {@code select}, {@code sync.Mutex}, {@code goroutine} (of a join),
 *     {@code monitor}, or the class of a JDK object
 * @param id a number that stays the same as long as the object lives, unique among all objects; for
 *     {@code goroutine}, its number
 * @param text what it is and how it stands: {@code chan#5[len=0, cap=16]}
 */
public record ObjectInfo(String kind, long id, String text) {
    /** {@code chan#5}, {@code goroutine 5}: how the object is named in queries and graphs. */
    public String name() {
        return kind.equals("goroutine") ? text : kind + "#" + id;
    }
}
