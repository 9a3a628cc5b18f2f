package dev.jenny.inspect.internal.http;

/** Ends a request with a status and a line of text for whoever asked. */
public final class HttpError extends Exception {
    private static final long serialVersionUID = 1;

    private final int status;

    /** An answer with {@code status}; {@code text} says what to do instead. */
    public HttpError(int status, String text) {
        super(text);
        this.status = status;
    }

    /** Status 400: the request cannot be understood. */
    public static HttpError bad(String text) {
        return new HttpError(400, text);
    }

    /** Status 404: there is no such thing, or no longer. */
    public static HttpError notFound(String text) {
        return new HttpError(404, text);
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** The line of text. */
    public String text() {
        String text = getMessage();
        return text == null ? "" : text;
    }
}
