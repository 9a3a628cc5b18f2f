package dev.jenny.cli.tools;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** How goroutines and groups of them look as text: close to Go's dumps. */
final class Goroutines {
    /** From here on a wait is worth mentioning; Go has a minute. */
    private static final long MENTION = Duration.ofSeconds(1).toNanos();

    private Goroutines() {}

    /** {@code goroutine 17 [chan receive, 3m05s] {svc: users}:}, the stack, the go statement. */
    static void print(JsonValue g, PrintWriter out) {
        long waited = g.get("waitNs").number(0);
        out.println(
                "goroutine %d [%s%s]%s:"
                        .formatted(
                                g.get("id").number(0),
                                status(g),
                                waited >= MENTION ? ", " + nanos(waited) : "",
                                labels(g)));
        JsonValue on = g.get("on");
        if (!on.isNull()) {
            out.println("    on " + object(on));
        }
        stack(g, "    ", out);
        String site = site(g);
        if (!site.isEmpty()) {
            long parent = g.get("parent").number(0);
            out.println("created by " + site + (parent > 0 ? " in goroutine " + parent : ""));
        }
        creators(g, out);
    }

    /** Where the creators of {@code g} were created, if the answer has them. */
    private static void creators(JsonValue g, PrintWriter out) {
        for (JsonValue c : g.get("creators").list()) {
            boolean ended = c.get("ended").isTrue();
            String site = site(c);
            out.println(
                    "  goroutine "
                            + c.get("id").number(0)
                            + (ended ? ", which has ended," : "")
                            + (!site.isEmpty()
                                    ? " created by " + site
                                    : ended
                                            ? " created where nobody knows any more"
                                            : " created by no go statement"));
        }
    }

    /** The same for many that are alike. */
    static void printGroup(JsonValue group, PrintWriter out) {
        long oldest = group.get("oldestNs").number(0);
        out.println(
                "[x%d] [%s%s]%s:"
                        .formatted(
                                group.get("count").number(0),
                                status(group),
                                oldest >= MENTION ? ", up to " + nanos(oldest) : "",
                                labels(group)));
        List<JsonValue> places = group.get("places").list();
        if (places.size() > 1) {
            places.forEach(p -> place(group, p, out));
        } else {
            stack(group, "    ", out);
        }
        String site = site(group);
        if (!site.isEmpty()) {
            out.println("created by " + site);
        }
        out.println("goroutines " + ids(group));
    }

    /** Where some of a group stand; if not all stacks were read, how many that makes, about. */
    private static void place(JsonValue group, JsonValue place, PrintWriter out) {
        long all = group.get("count").number(0);
        long read = group.get("read").number(all);
        long here = place.get("count").number(0);
        out.println(
                read == all
                        ? "  " + here + " at:"
                        : "  about "
                                + Math.round((double) all * here / read)
                                + " ("
                                + here
                                + " of "
                                + read
                                + " that were looked at) at:");
        stack(place, "    ", out);
    }

    /** {@code 3 7 12 …}. */
    static String ids(JsonValue group) {
        String ids =
                group.get("ids").list().stream()
                        .map(id -> id.string("?"))
                        .collect(Collectors.joining(" "));
        return group.get("ids").list().size() < group.get("count").number(0) ? ids + " …" : ids;
    }

    static void stack(JsonValue holder, String indent, PrintWriter out) {
        for (JsonValue frame : holder.get("stack").list()) {
            out.println(indent + Text.clean(frame.string("?")));
        }
    }

    /** The wait reason if it waits, else the state. */
    static String status(JsonValue g) {
        String reason = g.get("reason").string("");
        return Text.clean(reason.isEmpty() ? g.get("state").string("?") : reason);
    }

    /** The go statement; "" if there is none: goroutine 1 is started by the launcher. */
    static String site(JsonValue g) {
        String site = Text.clean(g.get("site").string(""));
        return site.startsWith("dev.jenny.cli.") ? "" : site;
    }

    /** {@code chan#5}: as {@code object:} in queries has it. */
    static String name(JsonValue object) {
        return Text.clean(object.get("kind").string("object"))
                + "#"
                + Text.clean(object.get("id").string("?"));
    }

    /** What the label says besides the name; "" if that is nothing. */
    static String state(JsonValue object) {
        String label = Text.clean(object.get("label").string(""));
        if (!label.startsWith(name(object))) {
            return label;
        }
        String rest = label.substring(name(object).length());
        return rest.startsWith("[") && rest.endsWith("]")
                ? rest.substring(1, rest.length() - 1)
                : rest.strip();
    }

    /** {@code chan#5 (len=0, cap=16)}. */
    private static String object(JsonValue on) {
        String state = state(on);
        return state.isEmpty() ? name(on) : name(on) + " (" + state + ")";
    }

    private static String labels(JsonValue g) {
        if (!(g.get("labels").raw() instanceof Map<?, ?> labels) || labels.isEmpty()) {
            return "";
        }
        return labels.entrySet().stream()
                .map(e -> e.getKey() + ": " + e.getValue())
                .map(Text::clean)
                .collect(Collectors.joining(", ", " {", "}"));
    }

    static String nanos(long nanos) {
        return Text.duration(Duration.ofNanos(nanos));
    }
}
