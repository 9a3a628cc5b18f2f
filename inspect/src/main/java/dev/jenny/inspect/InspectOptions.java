package dev.jenny.inspect;

import org.jspecify.annotations.Nullable;

/**
 * How {@link Inspect#start(InspectOptions)} serves. Immutable; each method gives a changed copy.
 *
 * {@snippet :
 * Inspect.start(InspectOptions.defaults().port(6060).quiet());
 * }
 */
public final class InspectOptions {
    private static final InspectOptions DEFAULTS = new InspectOptions(0, null, null, false, false);

    private final int port;
    private final @Nullable String token;
    private final @Nullable String name;
    private final boolean quiet;
    private final boolean sampleHeap;

    private InspectOptions(
            int port,
            @Nullable String token,
            @Nullable String name,
            boolean quiet,
            boolean sampleHeap) {
        this.port = port;
        this.token = token;
        this.name = name;
        this.quiet = quiet;
        this.sampleHeap = sampleHeap;
    }

    /** Any free port, a random token, and the URL printed on standard error. */
    public static InspectOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Serves on {@code port} of the loopback address; 0 is any that is free.
     *
     * @throws IllegalArgumentException if it is not from 0 to 65535
     */
    public InspectOptions port(int port) {
        if (port < 0 || port > 0xFFFF) {
            throw new IllegalArgumentException("a port is a number from 0 to 65535, not " + port);
        }
        return new InspectOptions(port, token, name, quiet, sampleHeap);
    }

    /**
     * Asks clients for {@code token} instead of a random one: for scripts that must know it
     * beforehand. Whoever has it can read what the program does; it belongs into no log and no
     * repository.
     *
     * @throws IllegalArgumentException if it is shorter than 16 characters or has others than
     *     letters, digits, {@code -}, {@code _} and {@code .}
     */
    public InspectOptions token(String token) {
        if (token.length() < 16 || !token.chars().allMatch(InspectOptions::isTokenChar)) {
            throw new IllegalArgumentException(
                    "a token has at least 16 characters, all of them letters, digits, '-', '_'"
                            + " or '.'");
        }
        return new InspectOptions(port, token, name, quiet, sampleHeap);
    }

    /** Shows {@code name} as the program's name in lists; otherwise it is the main class. */
    public InspectOptions name(String name) {
        return new InspectOptions(port, token, name, quiet, sampleHeap);
    }

    /** Prints nothing; {@link Inspect#url()} still tells the URL. */
    public InspectOptions quiet() {
        return new InspectOptions(port, token, name, true, sampleHeap);
    }

    /**
     * Samples allocations from the start, so that the profiles {@code heap} and {@code allocs} know
     * all that the program has allocated since; otherwise they begin at the first request for one
     * of them. It is what such a request costs, from then on: the JDK's flight recorder runs, walks
     * up to 500 stacks a second, and writes an event for each buffer that a thread fills with
     * objects. The system property {@code jenny.heapSampling=true} does the same, also for {@code
     * jenny run --inspect} and for the agent.
     */
    public InspectOptions sampleHeap() {
        return new InspectOptions(port, token, name, quiet, true);
    }

    int port() {
        return port;
    }

    @Nullable String token() {
        return token;
    }

    @Nullable String name() {
        return name;
    }

    boolean isQuiet() {
        return quiet;
    }

    boolean samplesHeap() {
        return sampleHeap || Boolean.getBoolean("jenny.heapSampling");
    }

    private static boolean isTokenChar(int c) {
        return c < 0x80 && (Character.isLetterOrDigit(c) || c == '-' || c == '_' || c == '.');
    }
}
