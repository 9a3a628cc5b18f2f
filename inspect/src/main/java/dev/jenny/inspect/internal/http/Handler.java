package dev.jenny.inspect.internal.http;

/** Answers requests to one path. Called on many threads at once. */
@FunctionalInterface
public interface Handler {
    /**
     * Answers {@code request}. Only allowed requests come here: with the token, from this machine,
     * method GET.
     *
     * @throws HttpError to answer with a status and one line of text, if nothing was written yet
     * @throws Exception anything else becomes status 500
     */
    void handle(Request request, Response response) throws Exception;

    /** Sends a stream of server-sent events, on a thread of its own, until it returns. */
    @FunctionalInterface
    interface Stream {
        /**
         * Serves one client. A client that went away, or reads too slowly, shows as an {@link
         * java.io.IOException} from {@link EventStream#send}; the end of the server as an
         * interrupt. Both are nothing to report: let them out.
         */
        void serve(Request request, EventStream events) throws Exception;
    }

    /** What a request costs, which decides how many of its kind may run at once. */
    enum Cost {
        /** Milliseconds at most. */
        LIGHT(Integer.MAX_VALUE),
        /** Takes CPU or memory: dumps, profiles of the heap. */
        HEAVY(2),
        /** Waits for seconds while something is recorded. */
        LONG(6),
        /**
         * The trace page's recordings. Clients of the others go away without a word, and theirs go
         * on for minutes.
         */
        TRACE(6);

        final int limit;

        Cost(int limit) {
            this.limit = limit;
        }
    }
}
