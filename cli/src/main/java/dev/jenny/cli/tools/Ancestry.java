package dev.jenny.cli.tools;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The tree of goroutines by who created them, as {@code /api/v1/tree} gives it, as text. */
final class Ancestry {
    private final PrintWriter out;

    private Ancestry(PrintWriter out) {
        this.out = out;
    }

    static void print(JsonValue answer, PrintWriter out) {
        Ancestry tree = new Ancestry(out);
        for (JsonValue root : answer.get("roots").list()) {
            tree.node(root, "", "");
        }
        long total = answer.get("total").number(0);
        long matched = answer.get("matched").number(total);
        long omitted = answer.get("omitted").number(0);
        out.println();
        out.println(
                (total == 1 ? "1 goroutine" : total + " goroutines")
                        + (matched == total ? "" : ", " + matched + " match")
                        + (omitted == 0
                                ? ""
                                : ", " + omitted + " not shown: see --limit=N, -q QUERY"));
    }

    /** Prints a node, after {@code first}; what stands below it, after {@code next}. */
    private void node(JsonValue node, String first, String next) {
        out.println(first + line(node));
        List<JsonValue> children = node.get("children").list();
        long omitted = node.get("omitted").number(0);
        for (int i = 0; i < children.size(); i++) {
            boolean last = i == children.size() - 1 && omitted == 0;
            node(children.get(i), next + (last ? "└─ " : "├─ "), next + (last ? "   " : "│  "));
        }
        if (omitted > 0) {
            out.println(next + "└─ … " + omitted + " more");
        }
    }

    private static String line(JsonValue node) {
        if (node.get("ended").isTrue()) {
            return "created by goroutines that have ended";
        }
        String site = Goroutines.site(node);
        List<String> parts = new ArrayList<>();
        long count = node.get("count").number(0);
        if (count == 1) {
            parts.add("goroutine " + Goroutines.ids(node));
        } else if (count > 1) {
            parts.add("x" + count);
        }
        List<JsonValue> states = node.get("states").list();
        if (!states.isEmpty()) {
            parts.add(
                    states.stream()
                            .map(s -> state(s, states.size() > 1))
                            .collect(Collectors.joining(", ", "[", "]")));
        }
        boolean main = node.get("ids").list().stream().anyMatch(id -> id.number(0) == 1);
        parts.add(main ? "main" : site.isEmpty() ? "started by a library" : site);
        if (count > 1) {
            parts.add("(" + Goroutines.ids(node) + ")");
        }
        return String.join(" ", parts);
    }

    private static String state(JsonValue state, boolean several) {
        String name = Text.clean(state.get("state").string("?"));
        return several ? state.get("count").number(0) + " " + name : name;
    }
}
