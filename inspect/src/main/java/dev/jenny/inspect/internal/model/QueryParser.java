package dev.jenny.inspect.internal.model;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Recursive descent over the text of a {@link Query}. */
final class QueryParser {
    private static final String FIELDS =
            "id, parent, p, state, reason, age, object, site, name, label.NAME, stack";
    private static final List<String> STATES = List.of("running", "runnable", "waiting");
    private static final List<String> OPERATORS =
            List.of("!=", "!~", "<=", ">=", ":", "=", "~", "<", ">");
    private static final Pattern TIME = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|µs|ms|s|m|h|d)");

    /**
     * Bounds of what is read and tested by recursion; a query of a person has a handful of terms.
     */
    private static final int MAX_TERMS = 200;

    private static final int MAX_DEPTH = 50;

    private final String text;
    private int pos;
    private int depth;
    private int terms;

    QueryParser(String text) {
        this.text = text;
    }

    Query parse() {
        Predicate<Subject> p = or();
        skipSpace();
        if (pos < text.length()) {
            throw error("unexpected ')'", pos);
        }
        return new Query(text, p);
    }

    private Predicate<Subject> or() {
        Predicate<Subject> left = and();
        while (keyword("or")) {
            left = left.or(and());
        }
        return left;
    }

    private Predicate<Subject> and() {
        Predicate<Subject> all = unary();
        for (; ; ) {
            keyword("and");
            skipSpace();
            if (pos >= text.length() || text.charAt(pos) == ')' || atKeyword("or")) {
                return all;
            }
            all = all.and(unary());
        }
    }

    private Predicate<Subject> unary() {
        skipSpace();
        if (pos >= text.length()) {
            throw error("a term is missing here; for example state:waiting", pos);
        }
        char c = text.charAt(pos);
        int start = pos;
        if (keyword("not")) {
            return negated(start);
        }
        if (c == '-' || (c == '!' && !startsWithOperator())) {
            pos++;
            return negated(start);
        }
        if (c == '(') {
            pos++;
            enter(start);
            Predicate<Subject> inner = or();
            depth--;
            skipSpace();
            if (pos >= text.length()) {
                throw error("this '(' is not closed", start);
            }
            pos++;
            return inner;
        }
        if (c == ')') {
            throw error("a term is missing here; for example state:waiting", pos);
        }
        if (++terms > MAX_TERMS) {
            throw error("more than " + MAX_TERMS + " terms", pos);
        }
        return term();
    }

    private Predicate<Subject> negated(int at) {
        enter(at);
        Predicate<Subject> inner = unary();
        depth--;
        return inner.negate();
    }

    private void enter(int at) {
        if (++depth > MAX_DEPTH) {
            throw error("more than " + MAX_DEPTH + " parentheses and nots in each other", at);
        }
    }

    private Predicate<Subject> term() {
        int start = pos;
        if (text.charAt(pos) == '"') {
            return word(value());
        }
        while (pos < text.length() && isFieldChar(text.charAt(pos)) && !startsWithOperator()) {
            pos++;
        }
        String field = text.substring(start, pos);
        String op = operator();
        if (op.isEmpty()) {
            pos = start;
            return word(value());
        }
        if (field.isEmpty()) {
            throw error("a field is missing before '" + op + "'; fields: " + FIELDS, start);
        }
        int valueAt = pos;
        String value = value();
        if (value.isEmpty() && valueAt == pos) {
            throw error("a value is missing after '" + field + op + "'", pos);
        }
        return test(field, op, value, start, valueAt);
    }

    private Predicate<Subject> test(
            String field, String op, String value, int fieldAt, int valueAt) {
        String name = field.toLowerCase(Locale.ROOT);
        if (name.startsWith("label.") && name.length() > 6) {
            String label = field.substring(6);
            return string(g -> g.labels().getOrDefault(label, ""), op, value, valueAt);
        }
        return switch (name) {
            case "id" -> number(Subject::id, op, whole(value, valueAt), valueAt);
            case "parent" -> number(Subject::parent, op, whole(value, valueAt), valueAt);
            case "p" -> number(Subject::p, op, whole(value, valueAt), valueAt);
            case "age" -> number(Subject::waitNanos, op, time(value, valueAt), valueAt);
            case "state" -> string(Subject::state, op, state(value, op, valueAt), valueAt);
            case "reason" -> string(Subject::reason, op, value, valueAt);
            case "name" -> string(Subject::threadName, op, value, valueAt);
            case "site" -> site(op, value, valueAt);
            case "object" -> object(op, value, valueAt);
            case "stack" -> stack(op, value, valueAt);
            default -> throw error("no field '" + field + "'; fields: " + FIELDS, fieldAt);
        };
    }

    private Predicate<Subject> word(String value) {
        return g ->
                Query.contains(g.siteText(), value)
                        || Query.contains(g.state(), value)
                        || Query.contains(g.reason(), value)
                        || Query.contains(objectText(g), value);
    }

    private Predicate<Subject> string(
            Function<Subject, String> of, String op, String value, int at) {
        return switch (op) {
            case ":", "=" -> g -> of.apply(g).equalsIgnoreCase(value);
            case "!=" -> g -> !of.apply(g).equalsIgnoreCase(value);
            case "~" -> g -> Query.contains(of.apply(g), value);
            case "!~" -> g -> !Query.contains(of.apply(g), value);
            default -> throw error("'" + op + "' compares numbers and times; use : or ~", at);
        };
    }

    private Predicate<Subject> number(ToLongFunction<Subject> of, String op, long value, int at) {
        return switch (op) {
            case ":", "=" -> g -> of.applyAsLong(g) == value;
            case "!=" -> g -> of.applyAsLong(g) != value;
            case "<" -> g -> of.applyAsLong(g) < value;
            case "<=" -> g -> of.applyAsLong(g) <= value;
            case ">" -> g -> of.applyAsLong(g) > value;
            case ">=" -> g -> of.applyAsLong(g) >= value;
            default -> throw error("'" + op + "' compares texts; use =, !=, <, <=, > or >=", at);
        };
    }

    /** {@code =} matches the function or the place; contains looks at both. */
    private Predicate<Subject> site(String op, String value, int at) {
        Predicate<Subject> whole = string(Subject::siteText, op, value, at);
        return switch (op) {
            case ":", "=" -> g -> isSite(g, value);
            case "!=" -> g -> !isSite(g, value);
            default -> whole;
        };
    }

    private static boolean isSite(Subject g, String value) {
        Frame f = g.site();
        return f != null
                && (f.function().equalsIgnoreCase(value)
                        || f.location().equalsIgnoreCase(value)
                        || f.file().equalsIgnoreCase(value));
    }

    private Predicate<Subject> object(String op, String value, int at) {
        Predicate<Subject> whole = string(QueryParser::objectText, op, value, at);
        return switch (op) {
            case ":", "=" -> g -> isObject(g, value);
            case "!=" -> g -> !isObject(g, value);
            default -> whole;
        };
    }

    private static boolean isObject(Subject g, String value) {
        ObjectInfo o = g.object();
        return o != null && (o.kind().equalsIgnoreCase(value) || o.name().equalsIgnoreCase(value));
    }

    private Predicate<Subject> stack(String op, String value, int at) {
        Predicate<Subject> any =
                g -> g.stack().stream().anyMatch(f -> Query.contains(f.toString(), value));
        return switch (op) {
            case ":", "=", "~" -> any;
            case "!=", "!~" -> any.negate();
            default -> throw error("use stack~TEXT or stack!~TEXT", at);
        };
    }

    private String state(String value, String op, int at) {
        if (op.endsWith("~")) {
            return value;
        }
        for (String s : STATES) {
            if (!value.isEmpty() && s.startsWith(value.toLowerCase(Locale.ROOT))) {
                if (value.length() < 4) {
                    break; // "run" may be either
                }
                return s;
            }
        }
        throw error("no state '" + value + "'; states: running, runnable, waiting", at);
    }

    private long whole(String value, int at) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw error("'" + value + "' is not a whole number", at);
        }
    }

    private long time(String value, int at) {
        Matcher m = TIME.matcher(value);
        double nanos = 0;
        int end = 0;
        while (end < value.length() && m.region(end, value.length()).lookingAt()) {
            nanos += Double.parseDouble(m.group(1)) * unit(m.group(2));
            end = m.end();
        }
        if (value.isEmpty() || end != value.length()) {
            throw error("'" + value + "' is not a time; write 500ms, 10s, 2m or 1h30m", at);
        }
        return (long) nanos;
    }

    private static double unit(String unit) {
        return switch (unit) {
            case "ns" -> 1;
            case "us", "µs" -> 1e3;
            case "ms" -> 1e6;
            case "s" -> 1e9;
            case "m" -> 60e9;
            case "h" -> 3600e9;
            default -> 86400e9;
        };
    }

    private static String objectText(Subject g) {
        ObjectInfo o = g.object();
        return o == null ? "" : o.name() + " " + o.text();
    }

    // ---- characters ----

    /** A quoted text, or everything up to a space or a closing parenthesis. */
    private String value() {
        if (pos < text.length() && text.charAt(pos) == '"') {
            int open = pos++;
            StringBuilder b = new StringBuilder();
            while (pos < text.length() && text.charAt(pos) != '"') {
                if (text.charAt(pos) == '\\' && pos + 1 < text.length()) {
                    pos++;
                }
                b.append(text.charAt(pos++));
            }
            if (pos >= text.length()) {
                throw error("this quote is not closed", open);
            }
            pos++;
            return b.toString();
        }
        int start = pos;
        int depth = 0;
        while (pos < text.length() && !Character.isWhitespace(text.charAt(pos))) {
            char c = text.charAt(pos);
            depth += c == '(' ? 1 : 0;
            if (c == ')' && --depth < 0) {
                break;
            }
            pos++;
        }
        return text.substring(start, pos);
    }

    private String operator() {
        for (String op : OPERATORS) {
            if (text.startsWith(op, pos)) {
                pos += op.length();
                return op;
            }
        }
        return "";
    }

    private boolean startsWithOperator() {
        return OPERATORS.stream().anyMatch(op -> text.startsWith(op, pos));
    }

    private static boolean isFieldChar(char c) {
        return Character.isLetterOrDigit(c) || c == '.' || c == '_' || c == '-' || c == '/';
    }

    private boolean atKeyword(String word) {
        skipSpace();
        int end = pos + word.length();
        return text.regionMatches(true, pos, word, 0, word.length())
                && (end == text.length()
                        || Character.isWhitespace(text.charAt(end))
                        || text.charAt(end) == '('
                        || text.charAt(end) == ')');
    }

    private boolean keyword(String word) {
        boolean at = atKeyword(word);
        if (at) {
            pos += word.length();
        }
        return at;
    }

    private void skipSpace() {
        while (pos < text.length() && Character.isWhitespace(text.charAt(pos))) {
            pos++;
        }
    }

    private QueryException error(String problem, int at) {
        return new QueryException(problem, text, at);
    }
}
