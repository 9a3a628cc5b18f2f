package dev.jenny.inspect.internal.model;

import java.util.List;
import java.util.Map;

/**
 * A finding: something in the program that most likely is not meant to be.
 *
 * @param key the same for as long as the finding is the same, so that it can be muted or linked to
 * @param rule {@code hog}, {@code pinned}, {@code growth}, {@code slow-receiver}, {@code
 *     lost-timer}, {@code yield-spin}, {@code imbalance}, {@code leak}, {@code lock-cycle}
 * @param severity how bad it is
 * @param title one line
 * @param cause what happens, in plain words
 * @param fix what to do about it
 * @param evidence what was measured, by name
 * @param goroutines the goroutines concerned, or some of them
 * @param link where the dashboard shows more about it, as {@code #/graph?sel=g2}
 * @param firstNanos when it was first seen, on the clock of waits
 * @param lastNanos when it was last seen
 * @param resolved whether it was looked for later and was not there any more; never true of what
 *     only happens, as {@code hog}, {@code pinned} and {@code leak}
 * @param count how often it was seen
 */
public record Issue(
        String key,
        String rule,
        Severity severity,
        String title,
        String cause,
        String fix,
        Map<String, String> evidence,
        List<Long> goroutines,
        String link,
        long firstNanos,
        long lastNanos,
        boolean resolved,
        long count) {
    /** The same finding, with when and how often it was found, and whether it is still there. */
    public Issue seen(long first, long last, boolean gone, long times) {
        return new Issue(
                key,
                rule,
                severity,
                title,
                cause,
                fix,
                evidence,
                goroutines,
                link,
                first,
                last,
                gone,
                times);
    }

    /** How bad a finding is; the worst first. */
    public enum Severity {
        /** Goroutines will never go on, or the program loses memory for ever. */
        ERROR,
        /** The program is slower than it needs to be, or may get into trouble. */
        WARNING,
        /** Worth knowing. */
        INFO
    }
}
