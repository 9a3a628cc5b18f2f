package dev.jenny.inspect.internal.issue;

import dev.jenny.inspect.internal.issue.Observation.LocalQueue;
import dev.jenny.inspect.internal.model.Issue;
import dev.jenny.inspect.internal.model.Issue.Severity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A run queue that stays long while others have nothing to do, or little.
 *
 * <p>A long queue alone says nothing: that of a P whose goroutine starts many others is refilled as
 * fast as it is emptied. It counts only if, at the rate at which goroutines are taken out of it,
 * the last one waits for longer than from one look to the next.
 */
final class ImbalanceRule implements Rule {
    private static final int LONG = 32;

    /** Another P has little to do if its queue is shorter by this factor. */
    private static final int FACTOR = 4;

    private static final int TIMES = 4;
    private static final int SHOWN = 16;

    private final Map<Integer, Integer> taken = new HashMap<>();
    private final Map<Integer, Integer> times = new HashMap<>();

    @Override
    public List<Issue> look(Observation o) {
        List<Issue> found = new ArrayList<>();
        Map<Integer, Integer> now = new HashMap<>();
        for (LocalQueue q : o.queues()) {
            Integer before = taken.get(q.p());
            int out = before == null ? Integer.MAX_VALUE : q.taken() - before;
            if (q.length() >= LONG && out < q.length() && othersAreShort(q, o.queues())) {
                int seen = times.getOrDefault(q.p(), 0) + 1;
                now.put(q.p(), seen);
                if (seen >= TIMES) {
                    found.add(imbalance(q, out, o.queues()));
                }
            }
        }
        times.clear();
        times.putAll(now);
        taken.clear();
        o.queues().forEach(q -> taken.put(q.p(), q.taken()));
        return found;
    }

    /** Whether half of the other Ps that count, at least, have little to do. */
    private static boolean othersAreShort(LocalQueue q, List<LocalQueue> all) {
        int others = 0;
        int few = 0;
        for (LocalQueue other : all) {
            if (other.active() && other.p() != q.p()) {
                others++;
                few += other.length() <= q.length() / FACTOR ? 1 : 0;
            }
        }
        return others > 0 && few * 2 >= others;
    }

    private static Issue imbalance(LocalQueue q, int out, List<LocalQueue> all) {
        List<LocalQueue> others =
                all.stream().filter(x -> x.active() && x.p() != q.p()).limit(SHOWN).toList();
        boolean idle = others.stream().anyMatch(x -> x.goroutine() == 0);
        Map<String, String> evidence = new LinkedHashMap<>();
        evidence.put("in its queue", Rules.goroutines(q.length()));
        evidence.put("taken since the look before", Rules.goroutines(out));
        evidence.put(
                "P " + q.p() + " runs",
                q.goroutine() == 0
                        ? "nothing"
                        : "goroutine " + Rules.goroutine(q.goroutine(), q.site()));
        evidence.put(
                "other Ps",
                others.stream().map(ImbalanceRule::text).collect(Collectors.joining("; ")));
        List<Long> ids = q.goroutine() == 0 ? List.of() : List.of(q.goroutine());
        return Rules.issue(
                "imbalance|" + q.p(),
                "imbalance",
                Severity.WARNING,
                Rules.goroutines(q.length())
                        + " wait in the queue of P "
                        + q.p()
                        + ", while others have few",
                cause(q, idle),
                idle
                        ? "See whether the machine or the container has CPU left for the program's"
                                + " threads (/cpu/classes/user:cpu-seconds); if not, lower GOMAXPROCS."
                        : "Find what holds the Ps among the findings hog and pinned: let long loops"
                                + " call Go.gosched(), bound blocking calls with a Semaphore, or raise"
                                + " -Djenny.maxStalled (256).",
                evidence,
                ids,
                ids.isEmpty() ? Links.SCHEDULER : Links.goroutines(ids));
    }

    private static String cause(LocalQueue q, boolean idle) {
        String held =
                q.goroutine() == 0
                        ? "P " + q.p() + " does not come to its queue."
                        : "P " + q.p() + " is held up by the goroutine that it runs.";
        return idle
                ? held
                        + " A P without work would take half of the queue, but its thread does not get"
                        + " to it: most likely the system gives it no CPU."
                : held
                        + " Nobody takes the work over, because the other Ps are held up by their"
                        + " goroutines, too, and no more can be brought in.";
    }

    private static String text(LocalQueue q) {
        return "P "
                + q.p()
                + ": "
                + q.length()
                + " queued, "
                + (q.goroutine() == 0 ? "idle" : "runs goroutine " + q.goroutine());
    }
}
