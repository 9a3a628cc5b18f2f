package dev.jenny.inspect.internal.analyze;

import java.util.List;
import java.util.Locale;

/**
 * Something that a rule found. Times are those of the trace, in nanoseconds.
 *
 * @param rule its short name
 * @param severity how bad it is
 * @param title what, in a sentence
 * @param goroutine the one of the worst case; 0 for none
 * @param site where that was started; empty if there is none
 * @param p its P; -1 for none
 * @param from where the worst case begins
 * @param to where it ends
 * @param count how many cases there are
 * @param lost how much time all of them cost together: for the order
 * @param cause why, as far as the trace tells
 * @param fix what to do
 * @param evidence what was seen, a sentence each
 */
public record Finding(
        String rule,
        Severity severity,
        String title,
        long goroutine,
        String site,
        int p,
        long from,
        long to,
        long count,
        long lost,
        String cause,
        String fix,
        List<String> evidence) {
    /** How bad; the worst first. */
    public enum Severity {
        /** It costs much of the program's time, or does not end. */
        HIGH,
        /** It costs time. */
        MEDIUM,
        /** Worth knowing. */
        LOW;

        /** As JSON has it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The one for {@code value}: at least {@code high}, at least {@code medium}, or less. */
        static Severity of(long value, long medium, long high) {
            return value >= high ? HIGH : value >= medium ? MEDIUM : LOW;
        }

        /** As {@link #of(long, long, long)}, for shares. */
        static Severity of(double value, double medium, double high) {
            return value >= high ? HIGH : value >= medium ? MEDIUM : LOW;
        }
    }
}
