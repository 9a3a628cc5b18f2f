package dev.jenny.internal.sched;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How long a thread has run and how long it has waited for a CPU, from Linux's {@code
 * /proc/self/task/TID/schedstat}. What is missing from the wall clock then is time that the thread
 * was blocked. Elsewhere there is no such thing, and the monitor goes by the wall clock alone.
 */
final class ThreadCpu {
    private final Path stat;
    private final RandomAccessFile file;
    private final byte[] buffer = new byte[96];

    /** Nanoseconds on a CPU, at the last {@link #read}. */
    long cpu;

    /** Nanoseconds waiting for a CPU, at the last {@link #read}. */
    long delay;

    private ThreadCpu(Path stat) throws IOException {
        this.stat = stat;
        this.file = new RandomAccessFile(stat.toFile(), "r");
    }

    static @Nullable ThreadCpu ofCurrentThread() {
        try {
            Path self = Path.of("/proc/thread-self");
            if (!Files.exists(self)) {
                return null;
            }
            Path stat = self.toRealPath().resolve("schedstat");
            return Files.exists(stat) ? new ThreadCpu(stat) : null;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            return null;
        }
    }

    /**
     * Whether the thread is on a CPU or waits for one at this moment. The kernel counts a wait for
     * a CPU only when it is over, and time on a CPU only at its ticks; so until then, both look
     * like time in which the thread was blocked. False if that cannot be had.
     */
    boolean runnable() {
        try {
            return isRunnable(
                    Files.readString(stat.resolveSibling("stat"), StandardCharsets.ISO_8859_1));
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    /** Whether a line of {@code /proc/PID/stat} is of a thread that runs or may. */
    static boolean isRunnable(String line) {
        int end = line.lastIndexOf(')'); // the thread's name stands before, and may have any signs
        return line.startsWith(" R", end + 1);
    }

    /** Another reader of the same thread's figures, for another thread; null if it has ended. */
    @Nullable ThreadCpu another() {
        try {
            return new ThreadCpu(stat);
        } catch (IOException e) {
            return null;
        }
    }

    /** Reads the figures; false if they cannot be had. By one thread only: M's is the monitor's. */
    boolean read() {
        try {
            file.seek(0);
            int n = file.read(buffer);
            if (n <= 0) {
                return false;
            }
            String[] f = new String(buffer, 0, n, StandardCharsets.US_ASCII).trim().split(" ");
            cpu = Long.parseLong(f[0]);
            delay = Long.parseLong(f[1]);
            return true;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            return false;
        }
    }

    void close() {
        try {
            file.close();
        } catch (IOException e) {
            // nothing depends on it
        }
    }
}
