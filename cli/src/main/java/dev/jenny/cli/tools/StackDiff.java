package dev.jenny.cli.tools;

import dev.jenny.cli.UserError;
import dev.jenny.inspect.internal.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What has come and gone between two looks at a program, group by group; the most first. */
record StackDiff(long before, long after, boolean complete, List<Change> changes) {
    /**
     * All that a group has in common and that means the same in another run of the program; with
     * the stack where the stacks of all are known.
     */
    record Key(String status, String kind, String site, List<String> stack) {
        static Key of(JsonValue group) {
            return new Key(
                    Goroutines.status(group),
                    group.get("kind").string(""),
                    Goroutines.site(group),
                    List.of());
        }

        Key at(JsonValue place) {
            List<String> frames =
                    place.get("stack").list().stream().map(f -> f.string("?")).toList();
            return new Key(status, kind, site, frames);
        }
    }

    /** {@code example}: a group with a stack, the newer one if there is one. */
    record Change(Key key, long before, long after, JsonValue example) {
        long by() {
            return after - before;
        }
    }

    /** {@code complete}: its groups hold all goroutines that were meant. */
    record Snapshot(long total, boolean complete, Map<Key, List<JsonValue>> groups) {}

    /** The goroutines of a snapshot, and what has a stack of them. */
    private record Counted(Map<Key, Long> counts, Map<Key, JsonValue> examples) {
        void add(Key key, long count, JsonValue example) {
            counts.merge(key, count, Long::sum);
            examples.putIfAbsent(key, example);
        }

        long of(Key key) {
            @Nullable Long count = counts.get(key);
            return count == null ? 0 : count;
        }
    }

    static Snapshot read(Path file) {
        try {
            JsonValue value = JsonParser.parse(Files.readString(file));
            if (value.get("groups").isNull()) {
                throw new JsonParser.JsonException("it has no groups");
            }
            return of(value);
        } catch (JsonParser.JsonException | IOException e) {
            throw new UserError(
                    2,
                    "cannot read "
                            + file
                            + " ("
                            + e.getMessage()
                            + "): write it with 'jenny stack --grouped --json > "
                            + file
                            + "'");
        }
    }

    static Snapshot of(JsonValue answer) {
        Map<Key, List<JsonValue>> groups = new LinkedHashMap<>();
        long total = 0;
        for (JsonValue group : answer.get("groups").list()) {
            groups.computeIfAbsent(Key.of(group), k -> new ArrayList<>()).add(group);
            total += group.get("count").number(0);
        }
        boolean complete = total >= answer.get("matched").number(total);
        return new Snapshot(total, complete, groups);
    }

    static StackDiff between(Snapshot before, Snapshot after) {
        Set<Key> sampled = new HashSet<>();
        for (Snapshot s : List.of(before, after)) {
            s.groups.forEach((key, groups) -> {
                if (!groups.stream().allMatch(StackDiff::isExact)) {
                    sampled.add(key);
                }
            });
        }
        Counted then = count(before, sampled);
        Counted now = count(after, sampled);
        Map<Key, JsonValue> all = new LinkedHashMap<>(now.examples());
        then.examples().forEach(all::putIfAbsent);
        List<Change> changes = new ArrayList<>();
        all.forEach((key, example) -> {
            Change change = new Change(key, then.of(key), now.of(key), example);
            if (change.by() != 0) {
                changes.add(change);
            }
        });
        changes.sort(
                Comparator.comparingLong((Change c) -> Math.abs(c.by()))
                        .reversed()
                        .thenComparing(c -> c.by() < 0));
        boolean complete = before.complete() && after.complete();
        return new StackDiff(before.total(), after.total(), complete, changes);
    }

    /** Whether the places of {@code group} hold all of it. */
    private static boolean isExact(JsonValue group) {
        long seen =
                group.get("places").list().stream().mapToLong(p -> p.get("count").number(0)).sum();
        return seen == group.get("count").number(0);
    }

    /** Counts place by place, but for the groups in {@code sampled}. */
    private static Counted count(Snapshot s, Set<Key> sampled) {
        Counted c = new Counted(new LinkedHashMap<>(), new LinkedHashMap<>());
        s.groups.forEach((key, groups) -> {
            for (JsonValue g : groups) {
                if (sampled.contains(key)) {
                    c.add(key, g.get("count").number(0), g);
                } else {
                    g.get("places")
                            .list()
                            .forEach(p -> c.add(key.at(p), p.get("count").number(0), p));
                }
            }
        });
        return c;
    }

    void print(int limit, PrintWriter out) {
        for (Change change : changes.subList(0, Math.min(limit, changes.size()))) {
            out.println(
                    "%+d (%d to %d) [%s]:"
                            .formatted(
                                    change.by(),
                                    change.before(),
                                    change.after(),
                                    change.key().status()));
            Goroutines.stack(change.example(), "    ", out);
            if (!change.key().site().isEmpty()) {
                out.println("created by " + change.key().site());
            }
            out.println();
        }
        if (changes.size() > limit) {
            out.println((changes.size() - limit) + " more groups have changed: see --limit=N");
        }
        if (!complete) {
            out.println("not all groups are known, so some changes may be missing or wrong");
        }
        out.println(
                "%d goroutines before, %d now%s"
                        .formatted(before, after, changes.isEmpty() ? ", in the same groups" : ""));
    }

    String json() {
        return Json.string(j -> {
            j.object()
                    .field("before", before)
                    .field("after", after)
                    .field("complete", complete)
                    .array("groups");
            for (Change change : changes) {
                j.object()
                        .field("change", change.by())
                        .field("before", change.before())
                        .field("after", change.after())
                        .field("status", change.key().status())
                        .field("kind", change.key().kind())
                        .field("site", change.key().site())
                        .array("stack");
                for (JsonValue frame : change.example().get("stack").list()) {
                    j.value(frame.string("?"));
                }
                j.end().end();
            }
            j.end().end();
        });
    }
}
