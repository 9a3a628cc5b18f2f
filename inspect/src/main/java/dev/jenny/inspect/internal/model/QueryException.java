package dev.jenny.inspect.internal.model;

/** A query that cannot be understood. The message has three lines: what, the query, a caret. */
public final class QueryException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final int position;

    QueryException(String problem, String query, int position) {
        super(problem + "\n  " + query + "\n  " + " ".repeat(position) + "^");
        this.position = position;
    }

    /** Where in the query the problem is, counted from 0. */
    public int position() {
        return position;
    }
}
