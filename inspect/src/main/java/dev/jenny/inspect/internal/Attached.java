package dev.jenny.inspect.internal;

import dev.jenny.inspect.FlightRecorder;
import dev.jenny.inspect.Inspect;
import dev.jenny.inspect.InspectOptions;
import dev.jenny.inspect.internal.http.Discovery;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What {@link AttachAgent} and {@link LaunchAgent} call by reflection, in the class loader that has
 * the runtime.
 */
public final class Attached {
    private Attached() {}

    /**
     * Starts the server on {@code port}, if none runs; else sees to it that the one that runs can
     * be found.
     *
     * @return its URL, with the token
     * @throws IOException if the port is in use; the text says so
     */
    public static String start(int port) throws IOException {
        Inspect running = Inspect.current();
        if (running == null) {
            running = Inspect.start(InspectOptions.defaults().port(port).quiet());
        } else {
            Discovery.keep();
        }
        return running.url();
    }

    /**
     * Starts the server with the program, if none runs, and prints its URL unless {@code quiet}.
     *
     * @param name what the program is called; null for its main class
     * @param flight a flight recorder as {@link FlightSpec} describes it; null for none
     * @throws IOException if the port is in use or the recorder cannot write; the text says so
     * @throws IllegalArgumentException if {@code port} or {@code flight} makes no sense
     */
    public static void launch(
            int port, @Nullable String name, boolean quiet, @Nullable String flight)
            throws IOException {
        FlightRecorder recorder = flight == null ? null : FlightSpec.parse(flight).start();
        try {
            if (Inspect.current() == null) {
                InspectOptions options = InspectOptions.defaults().port(port);
                options = name == null ? options : options.name(name);
                Inspect.start(quiet ? options.quiet() : options);
            }
        } catch (IOException | RuntimeException e) {
            if (Inspect.current() != null) {
                return; // the program has started it in the meantime
            }
            if (recorder != null) {
                recorder.close();
            }
            throw e;
        }
    }
}
