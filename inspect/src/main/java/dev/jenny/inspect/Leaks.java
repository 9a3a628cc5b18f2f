package dev.jenny.inspect;

import dev.jenny.inspect.internal.issue.Issues;
import dev.jenny.inspect.internal.model.Dumps;
import dev.jenny.inspect.internal.model.LeakReport;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Finds leaked goroutines: blocked for ever, on channels, locks or other things that nothing live
 * can reach, so that nothing can ever wake them. What is found is proven by the garbage collector;
 * a goroutine that anything could still wake is never reported.
 *
 * {@snippet :
 * assertThat(Leaks.find()).isEmpty(); // at the end of a test
 * }
 *
 * <p>It needs Jenny's own scheduler and {@code -Djdk.trackAllThreads=false} on the command line,
 * which {@code ./jenny run} sets. All methods may be called by any thread.
 */
public final class Leaks {
    private Leaks() {}

    /**
     * Searches now, which takes a full garbage collection. The goroutines that are found are gone
     * afterwards, without having run their finally blocks, and their memory is free.
     *
     * <p>A P that one goroutine holds up all the time cannot let go of goroutines that it ran
     * before: a leaked one among these is not found. If leaks are found, the text says so.
     *
     * @return the leaks in the format of Go's dumps, alike ones together; {@code ""} if there are
     *     none
     * @throws IllegalStateException if leaks cannot be proven in this JVM; the message says why,
     *     and what to do
     */
    public static String find() {
        LeakReport r = Issues.findLeaks();
        if (r.total() == 0) {
            return "";
        }
        StringBuilder b = new StringBuilder();
        try {
            Dumps.leaks(b, r);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a StringBuilder does not throw it
        }
        return b.toString();
    }

    /**
     * If the system property {@code jenny.leaks} or the variable {@code JENNY_LEAKS} is {@code
     * reclaim}: from now on, each garbage collection of the program's own frees what is leaked, and
     * a report goes to standard error. Otherwise does nothing.
     */
    public static void reclaimIfAsked() {
        Issues.startLeakWatch();
    }
}
