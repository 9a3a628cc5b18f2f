package dev.jenny.inspect.internal.model;

import dev.jenny.inspect.internal.model.Ancestry.Node;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.Cursor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Builds an {@link Ancestry}: notes all goroutines, in some 40 bytes each, then finds each one's
 * place, then keeps the biggest part of the tree that is within the limit. Any thread may build
 * one; for one thread.
 */
final class AncestryBuilder {
    private static final long REASON_BUDGET = 200_000_000;

    /** More goroutines than this are counted, but have no place. */
    private static final int MAX_GOROUTINES = 2_000_000;

    /** A program can nest go statements without end, and start each goroutine somewhere else. */
    static final int MAX_DEPTH = 50;

    private static final int MAX_BRANCHES = 20_000;
    private static final int SOME = 10;

    /** A node while it is built. */
    private static final class Branch {
        final @Nullable Branch parent;
        final @Nullable Frame site;
        final int depth;
        final Map<@Nullable Frame, Branch> children = new HashMap<>();
        final Map<String, Long> states = new HashMap<>();
        final PriorityQueue<Long> some = new PriorityQueue<>(Comparator.reverseOrder());
        long count;
        long oldest;
        long all;

        /** Stands for all that is too deep, or too much, below this one; its own child. */
        @Nullable Branch rest;

        Branch(@Nullable Branch parent, @Nullable Frame site, int depth) {
            this.parent = parent;
            this.site = site;
            this.depth = depth;
        }

        boolean isRest() {
            return parent != null && parent.rest == this;
        }

        Branch rest() {
            Branch r = rest;
            if (r == null) {
                r = new Branch(this, null, depth + 1);
                rest = r;
            }
            return r;
        }

        void add(long id, String status, long waited) {
            count++;
            states.merge(status, 1L, Long::sum);
            oldest = Math.max(oldest, waited);
            some.add(id);
            if (some.size() > SOME) {
                some.poll();
            }
        }
    }

    private final Branch top = new Branch(null, null, 0);
    private final Branch orphans = new Branch(null, null, 0);

    /** In the order in which they are made: parents before their children. */
    private final List<Branch> branches = new ArrayList<>(List.of(top, orphans));

    private long[] ids = new long[1 << 10];
    private long[] parents = new long[1 << 10];
    private long[] waits = new long[1 << 10];
    private @Nullable Frame[] sites = new @Nullable Frame[1 << 10];
    private @Nullable String[] statuses = new @Nullable String[1 << 10];
    private int size;
    private long total;
    private long matched;

    /** Builds one of all goroutines that live and match. */
    static Ancestry take(Query query, int limit) {
        long begin = Probe.now();
        AncestryBuilder builder = new AncestryBuilder();
        Look look = new Look(REASON_BUDGET);
        CursorSubject[] subject = new CursorSubject[1];
        Probe.scan(c -> {
            CursorSubject s = subject[0];
            if (s == null) {
                s = new CursorSubject(c, look);
                subject[0] = s;
            }
            builder.add(
                    c.id(),
                    c.parent(),
                    s.site(),
                    query.test(s) ? status(c, look) : null,
                    c.waited());
        });
        return builder.build(limit, begin);
    }

    private static String status(Cursor c, Look look) {
        String reason = look.reason(c);
        return reason.isEmpty() ? c.state().text() : reason;
    }

    /** Notes a goroutine; {@code status} is null if it does not match the query. */
    void add(long id, long parent, @Nullable Frame site, @Nullable String status, long waited) {
        total++;
        matched += status == null ? 0 : 1;
        if (size == MAX_GOROUTINES) {
            return;
        }
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, 2 * size);
            parents = Arrays.copyOf(parents, 2 * size);
            waits = Arrays.copyOf(waits, 2 * size);
            sites = Arrays.copyOf(sites, 2 * size);
            statuses = Arrays.copyOf(statuses, 2 * size);
        }
        ids[size] = id;
        parents[size] = parent;
        waits[size] = waited;
        sites[size] = site;
        statuses[size++] = status;
    }

    /** The tree of what was noted, with no more nodes than {@code limit}. */
    Ancestry build(int limit, long begin) {
        place();
        for (int i = branches.size() - 1; i >= 0; i--) {
            Branch b = branches.get(i);
            b.all += b.count + (b.rest == null ? 0 : b.rest.count);
            if (b.parent != null) {
                b.parent.all += b.all;
            }
        }
        Set<Branch> shown = biggest(limit);
        List<Node> roots = new ArrayList<>(children(top, shown));
        if (shown.contains(orphans)) {
            roots.add(node(orphans, shown));
        }
        long inNodes = roots.stream().mapToLong(n -> n.all() - hidden(n)).sum();
        return new Ancestry(roots, total, matched, matched - inNodes, Probe.now() - begin);
    }

    private static long hidden(Node n) {
        return n.omitted() + n.children().stream().mapToLong(AncestryBuilder::hidden).sum();
    }

    /** Finds the branch of each goroutine, after that of its creator. */
    private void place() {
        Index index = new Index(ids, size);
        @Nullable Branch[] of = new @Nullable Branch[size];
        boolean[] asked = new boolean[size];
        int[] path = new int[16];
        for (int first = 0; first < size; first++) {
            int n = 0;
            Branch at = null;
            for (int i = first; at == null; ) {
                if (n == path.length) {
                    path = Arrays.copyOf(path, 2 * n);
                }
                at = of[i];
                if (at == null) {
                    asked[i] = true;
                    path[n++] = i;
                    int creator = parents[i] == 0 ? -1 : index.find(parents[i]);
                    if (parents[i] == 0) {
                        at = top;
                    } else if (creator < 0 || (asked[creator] && of[creator] == null)) {
                        at = orphans; // it has ended; or, of wrong numbers, it is its own ancestor
                    } else {
                        i = creator;
                    }
                }
            }
            while (n > 0) {
                int i = path[--n];
                at = child(at, sites[i]);
                of[i] = at;
                String status = statuses[i];
                if (status != null) {
                    at.add(ids[i], status, waits[i]);
                }
            }
        }
    }

    private Branch child(Branch b, @Nullable Frame site) {
        if (b.isRest()) {
            return b;
        }
        Branch child = b.children.get(site);
        if (child == null) {
            if (b.depth == MAX_DEPTH || branches.size() == MAX_BRANCHES) {
                return b.rest();
            }
            child = new Branch(b, site, b.depth + 1);
            b.children.put(site, child);
            branches.add(child);
        }
        return child;
    }

    /** A branch has no more goroutines below than its parent: the biggest are a tree. */
    private Set<Branch> biggest(int limit) {
        PriorityQueue<Branch> next = new PriorityQueue<>(BIGGEST);
        next.addAll(top.children.values());
        next.add(orphans);
        Set<Branch> shown = new HashSet<>();
        while (shown.size() < limit && !next.isEmpty()) {
            Branch b = next.poll();
            if (b.all > 0) {
                shown.add(b);
                next.addAll(b.children.values());
            }
        }
        return shown;
    }

    private static final Comparator<Branch> BIGGEST =
            Comparator.<Branch>comparingLong(b -> -b.all).thenComparing(b -> Frame.text(b.site));

    private List<Node> children(Branch b, Set<Branch> shown) {
        return b.children.values().stream()
                .filter(shown::contains)
                .sorted(BIGGEST)
                .map(c -> node(c, shown))
                .toList();
    }

    private Node node(Branch b, Set<Branch> shown) {
        Map<String, Long> states = new LinkedHashMap<>();
        b.states.entrySet().stream()
                .sorted(
                        Comparator.comparingLong((Map.Entry<String, Long> e) -> -e.getValue())
                                .thenComparing(Map.Entry::getKey))
                .forEach(e -> states.put(e.getKey(), e.getValue()));
        List<Node> children = children(b, shown);
        long below = children.stream().mapToLong(Node::all).sum();
        return new Node(
                b.site,
                b == orphans,
                b.count,
                b.all,
                states,
                b.oldest,
                b.some.stream().sorted().toList(),
                children,
                b.all - b.count - below);
    }

    /** Finds goroutines by number: a table with open addressing, since there may be a million. */
    private static final class Index {
        private final long[] ids;
        private final int[] slots; // place in ids plus 1; 0 for none

        Index(long[] ids, int size) {
            this.ids = ids;
            slots = new int[Integer.highestOneBit(Math.max(1, size)) * 4];
            for (int i = 0; i < size; i++) {
                slots[slot(ids[i])] = i + 1;
            }
        }

        /** -1 if there is none. */
        int find(long id) {
            return slots[slot(id)] - 1;
        }

        private int slot(long id) {
            int mask = slots.length - 1;
            int s = (int) ((id * 0x9E3779B97F4A7C15L) >>> 40) & mask;
            while (slots[s] != 0 && ids[slots[s] - 1] != id) {
                s = (s + 1) & mask;
            }
            return s;
        }
    }
}
