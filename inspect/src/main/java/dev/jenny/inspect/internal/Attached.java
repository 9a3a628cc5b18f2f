package dev.jenny.inspect.internal;

import dev.jenny.inspect.Inspect;
import dev.jenny.inspect.InspectOptions;
import java.io.IOException;

/** What {@link AttachAgent} calls by reflection, in the class loader that has the runtime. */
public final class Attached {
    private Attached() {}

    /**
     * Starts the server on {@code port}, if none runs.
     *
     * @return its URL, with the token
     * @throws IOException if the port is in use; the text says so
     */
    public static String start(int port) throws IOException {
        Inspect running = Inspect.current();
        if (running == null) {
            running = Inspect.start(InspectOptions.defaults().port(port).quiet());
        }
        return running.url();
    }
}
