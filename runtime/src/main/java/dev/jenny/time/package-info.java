/**
 * Timers and tickers: {@link dev.jenny.time.Timer}, {@link dev.jenny.time.Ticker}, and in {@link
 * dev.jenny.time.Timers} what needs no object to hold on to. To pause a goroutine use {@link
 * dev.jenny.Go#sleep}; to limit how long a select waits use {@link dev.jenny.Select#after}.
 *
 * <p>The rules are those of Go's {@code time} package since Go 1.23.
 *
 * <p>For user code. The timers themselves are in {@code internal.sched}, their channels in {@code
 * internal.chan}; nothing inside Jenny calls this package.
 */
@NullMarked
package dev.jenny.time;

import org.jspecify.annotations.NullMarked;
