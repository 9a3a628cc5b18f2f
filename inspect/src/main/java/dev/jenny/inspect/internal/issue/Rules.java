package dev.jenny.inspect.internal.issue;

import dev.jenny.inspect.internal.issue.Observation.Held;
import dev.jenny.inspect.internal.issue.Observation.Yielding;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.model.GoroutineGroup;
import dev.jenny.inspect.internal.model.Issue;
import dev.jenny.inspect.internal.model.Issue.Severity;
import dev.jenny.inspect.internal.model.Leak;
import dev.jenny.inspect.internal.model.ObjectDetail;
import dev.jenny.inspect.internal.model.Times;
import dev.jenny.inspect.internal.model.UserCode;
import dev.jenny.inspect.internal.model.WaitGraph;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The rules. */
final class Rules {
    private static final int NAMED = 10;
    private static final long MAIN = 1;

    private Rules() {}

    /**
     * All of them, each with what it keeps.
     *
     * @param leaks the one for leaks
     */
    static List<Rule> all(LeakRule leaks) {
        return List.of(
                new HeldUpRule(),
                new GrowthRule(),
                new SlowReceiverRule(),
                new LostTimerRule(),
                new YieldSpinRule(),
                new ImbalanceRule(),
                new LockCycleRule(),
                leaks); // last: it adds up, and no other may fail after it
    }

    /** A goroutine that computes for long, or blocks its thread. */
    static final class HeldUpRule implements Rule {
        @Override
        public List<Issue> look(Observation o) {
            List<Issue> found = new ArrayList<>();
            for (Held h : o.heldUp()) {
                String where = where(h.stack(), h.site());
                Map<String, String> evidence = new LinkedHashMap<>();
                evidence.put("goroutine", goroutine(h.goroutine(), h.site()));
                evidence.put("at", where);
                evidence.put("held", "P " + h.p() + " for " + Times.text(h.nanos()));
                evidence.put("behind it", goroutines(h.behind()) + " in run queues");
                found.add(h.burns() ? hog(h, where, evidence) : pinned(h, where, evidence));
            }
            return found;
        }

        private static Issue hog(Held h, String where, Map<String, String> evidence) {
            return issue(
                    "hog|" + where,
                    "hog",
                    Severity.WARNING,
                    "A goroutine computed for "
                            + Times.text(h.nanos())
                            + " without a pause, at "
                            + where,
                    "It runs for long without waiting for anything, so it keeps its P. Jenny lets"
                            + " another P take over what waited, but the program then runs more"
                            + " threads than GOMAXPROCS.",
                    "Call Go.gosched() now and then in the loop, or split the work.",
                    evidence,
                    List.of(h.goroutine()),
                    Links.goroutines(List.of(h.goroutine())));
        }

        private static Issue pinned(Held h, String where, Map<String, String> evidence) {
            return issue(
                    "pinned|" + where,
                    "pinned",
                    Severity.WARNING,
                    "A goroutine blocked its thread for " + Times.text(h.nanos()) + ", at " + where,
                    "It waits in a way that cannot free the thread under it: in native code, in file"
                            + " I/O, in a class initializer, or in a blocking call with a native frame"
                            + " below. Each such wait costs a thread; beyond jenny.maxStalled (256)"
                            + " of them, others wait.",
                    "Do it on a thread pool and wait for the result, or bound how many do it at the"
                            + " same time with a Semaphore.",
                    evidence,
                    List.of(h.goroutine()),
                    Links.goroutines(List.of(h.goroutine())));
        }
    }

    /** A spawn site with ever more goroutines. */
    static final class GrowthRule implements Rule {
        private static final int SAMPLES = 10;
        private static final int LEAST = 100;
        private static final double FACTOR = 1.3;

        private final Map<String, ArrayDeque<Long>> history = new HashMap<>();

        @Override
        public List<Issue> look(Observation o) {
            Map<String, Long> counts = new HashMap<>();
            Map<String, GoroutineGroup> biggest = new HashMap<>();
            for (GoroutineGroup g : o.groups().groups()) {
                String site = site(g.site());
                counts.merge(site, g.count(), Long::sum);
                biggest.merge(site, g, (a, b) -> a.count() >= b.count() ? a : b);
            }
            history.keySet().retainAll(counts.keySet());
            List<Issue> found = new ArrayList<>();
            counts.forEach((site, n) -> {
                ArrayDeque<Long> h = history.computeIfAbsent(site, s -> new ArrayDeque<>());
                h.addLast(n);
                if (h.size() > SAMPLES) {
                    h.removeFirst();
                }
                GoroutineGroup g = biggest.get(site);
                if (g != null && grows(h)) {
                    found.add(growth(site, h, g));
                }
            });
            return found;
        }

        /** True if it has never gone down, and is clearly more than before. */
        private static boolean grows(ArrayDeque<Long> h) {
            long first = h.getFirst();
            long now = h.getLast();
            if (h.size() < SAMPLES || now < LEAST || now < first * FACTOR) {
                return false;
            }
            long before = first;
            int rises = 0;
            for (long n : h) {
                if (n < before) {
                    return false;
                }
                rises += n > before ? 1 : 0;
                before = n;
            }
            return rises >= SAMPLES / 2;
        }

        private static Issue growth(String site, ArrayDeque<Long> h, GoroutineGroup g) {
            Map<String, String> evidence = new LinkedHashMap<>();
            evidence.put("created at", site);
            evidence.put("counts", h.toString());
            evidence.put("most of them", g.count() + " [" + g.status() + "]");
            if (g.oldestNanos() > 0) {
                evidence.put("waiting up to", Times.text(g.oldestNanos()));
            }
            return issue(
                    "growth|" + site,
                    "growth",
                    Severity.WARNING,
                    "More and more goroutines are created at " + place(g.site()),
                    "Goroutines are started there faster than they end. Either they wait for"
                            + " something that is too slow or never comes, or nothing bounds how many"
                            + " are started.",
                    "Look at what they wait for. Bound them with ErrGroup.setLimit or a Semaphore,"
                            + " give them a Context to end with, and run `jenny leaks` to see whether"
                            + " some can never go on.",
                    evidence,
                    g.samples(),
                    Links.createdAt(g.site()));
        }
    }

    /** A full channel with blocked senders, for some time. */
    static final class SlowReceiverRule implements Rule {
        private static final int TIMES = 3;
        private final Map<Long, Integer> seen = new HashMap<>();

        @Override
        public List<Issue> look(Observation o) {
            Map<Long, Integer> now = new HashMap<>();
            List<Issue> found = new ArrayList<>();
            for (ObjectDetail d : o.objects()) {
                boolean full = d.cap() > 0 && d.len() >= d.cap() && d.senders() > 0;
                if (!full || !d.object().kind().equals("chan")) {
                    continue;
                }
                int times = seen.getOrDefault(d.object().id(), 0) + 1;
                now.put(d.object().id(), times);
                if (times >= TIMES) {
                    found.add(slow(d));
                }
            }
            seen.clear();
            seen.putAll(now);
            return found;
        }

        private static Issue slow(ObjectDetail d) {
            Map<String, String> evidence = new LinkedHashMap<>();
            evidence.put("channel", d.object().text());
            evidence.put("blocked senders", Long.toString(d.senders()));
            evidence.put("the longest waits", Times.text(d.oldestNanos()));
            return issue(
                    "slow-receiver|" + d.object().name(),
                    "slow-receiver",
                    Severity.WARNING,
                    d.object().name() + " is full, and its senders wait",
                    "Values come in faster than they are taken out. The buffer has filled up and does"
                            + " not help any more: each send now waits for a receive.",
                    "Add receivers, make them faster, or let the senders drop or merge values (trySend)."
                            + " A larger buffer only helps against bursts.",
                    evidence,
                    ids(d),
                    Links.object(d.object()));
        }
    }

    /** A receive from a timer that has been stopped or has fired already. */
    static final class LostTimerRule implements Rule {
        private static final long LONG = TimeUnit.SECONDS.toNanos(1);

        @Override
        public List<Issue> look(Observation o) {
            List<Issue> found = new ArrayList<>();
            for (ObjectDetail d : o.objects()) {
                // a select often has the channel of a stopped timer among its cases on purpose
                boolean plain = d.samples().stream().anyMatch(w -> w.op().equals("chan receive"));
                if (d.object().kind().equals("timer")
                        && d.closed()
                        && plain
                        && d.oldestNanos() >= LONG) {
                    found.add(lost(d));
                }
            }
            return found;
        }

        private static Issue lost(ObjectDetail d) {
            Map<String, String> evidence = new LinkedHashMap<>();
            evidence.put("timer", d.object().text());
            evidence.put("waiting for it", Times.text(d.oldestNanos()));
            return issue(
                    "lost-timer|" + d.object().name(),
                    "lost-timer",
                    Severity.ERROR,
                    "A goroutine waits for a timer that will not fire",
                    "The timer has been stopped, or it has fired once and its value was taken. Nothing"
                            + " comes through its channel any more, unless somebody resets it.",
                    "Do not receive from a timer's channel after stop(); use a Ticker if it should"
                            + " fire again, or reset the timer before each receive.",
                    evidence,
                    ids(d),
                    Links.goroutines(ids(d)));
        }
    }

    /** Goroutines that wait by yielding. */
    static final class YieldSpinRule implements Rule {
        private static final int TIMES = 4;
        private final Map<String, Integer> seen = new HashMap<>();

        @Override
        public List<Issue> look(Observation o) {
            Map<String, List<Yielding>> places = new LinkedHashMap<>();
            for (Yielding y : o.yielding()) {
                places.computeIfAbsent(y.at().toString(), k -> new ArrayList<>()).add(y);
            }
            seen.keySet().retainAll(places.keySet());
            List<Issue> found = new ArrayList<>();
            places.forEach((place, ys) -> {
                if (seen.merge(place, 1, Integer::sum) >= TIMES) {
                    found.add(spin(place, ys));
                }
            });
            return found;
        }

        private static Issue spin(String place, List<Yielding> ys) {
            Map<String, String> evidence = new LinkedHashMap<>();
            evidence.put("yields at", place);
            evidence.put("goroutines seen", Integer.toString(ys.size()));
            evidence.put("created at", site(ys.getFirst().site()));
            List<Long> ids = ys.stream().limit(NAMED).map(Yielding::goroutine).toList();
            return issue(
                    "yield-spin|" + place,
                    "yield-spin",
                    Severity.WARNING,
                    "Goroutines wait by yielding in a loop, at " + place,
                    "Each yield lets others run and then comes back to look again. That burns a CPU"
                            + " for as long as the wait lasts, and takes turns away from others.",
                    "Wait for the event itself: a channel, a Cond, a WaitGroup. If it must be polled,"
                            + " sleep between the looks.",
                    evidence,
                    ids,
                    Links.goroutines(ids));
        }
    }

    /**
     * Leaks that have been proven. Each search finds others, for the collection takes them: what
     * counts is their sum. Any thread may call.
     */
    static final class LeakRule implements Rule {
        private final Map<String, Long> totals = new ConcurrentHashMap<>();

        @Override
        public List<Issue> look(Observation o) {
            Map<String, Long> sums = new HashMap<>();
            List<Issue> found = new ArrayList<>();
            for (Leak l : o.leaks()) {
                String where = where(l.stack(), l.site());
                String key = "leak|" + site(l.site()) + "|" + where;
                long all = totals.getOrDefault(key, 0L) + sums.merge(key, l.count(), Long::sum);
                Map<String, String> evidence = new LinkedHashMap<>();
                evidence.put("leaked", goroutines(all) + ", proven by the garbage collector");
                if (all > l.count()) {
                    evidence.put("of these found last", goroutines(l.count()));
                }
                evidence.put("blocked at", where + " [" + l.reason() + "]");
                evidence.put("created at", site(l.site()));
                if (l.oldestNanos() > 0) {
                    evidence.put("blocked for", Times.text(l.oldestNanos()));
                }
                found.add(
                        issue(
                                key,
                                "leak",
                                Severity.ERROR,
                                goroutines(all)
                                        + (all == 1 ? " was" : " were")
                                        + " leaked at "
                                        + where,
                                "They were blocked for ever: nothing live could reach what they waited"
                                        + " on. Most often the other side returned early, on an error"
                                        + " or a timeout, and left them behind.",
                                "Make the other side always finish: close the channel in a finally,"
                                        + " give it a buffer of one for a single result, or select on"
                                        + " Context.done() as well.",
                                evidence,
                                l.goroutines(),
                                Links.LEAKS));
            }
            sums.forEach((key, n) -> totals.merge(key, n, Long::sum));
            return found;
        }
    }

    /** Goroutines that hold each other's locks. */
    static final class LockCycleRule implements Rule {
        @Override
        public List<Issue> look(Observation o) {
            List<Issue> found = new ArrayList<>();
            for (WaitGraph.Cycle c : o.cycles()) {
                Map<String, String> evidence = new LinkedHashMap<>();
                int i = 1;
                for (String line : c.text().lines().toList()) {
                    evidence.put("step " + i++, line);
                }
                List<Long> sorted = c.goroutines().stream().sorted().toList();
                found.add(
                        issue(
                                "lock-cycle|" + sorted,
                                "lock-cycle",
                                Severity.ERROR,
                                title(c),
                                "Each of them waits for something that the next one holds, in a circle."
                                        + (c.certain()
                                                ? " None of them can ever go on."
                                                : " None of them goes on unless "
                                                        + c.unless()
                                                        + "."),
                                fix(c),
                                evidence,
                                c.goroutines(),
                                Links.GRAPH));
            }
            return found;
        }

        private static String fix(WaitGraph.Cycle c) {
            if (!c.locks()) {
                return "Let one of them go on without the end of the other.";
            }
            return c.ends()
                    ? "Let go of the lock before waiting for the end of goroutines that take it."
                    : "Take locks in the same order everywhere, hold one at a time, or use tryLock"
                            + " with a time limit.";
        }

        private static String title(WaitGraph.Cycle c) {
            // Of threads that are no goroutines there is only the line in the text.
            long members = c.text().lines().count();
            long threads = members - c.goroutines().size();
            if (members == 1) {
                return "Deadlock: a goroutine waits for itself";
            }
            StringBuilder b = new StringBuilder("Partial deadlock: ");
            b.append(goroutines(c.goroutines().size()));
            if (threads > 0) {
                b.append(" and ").append(threads).append(threads == 1 ? " thread" : " threads");
            }
            return b.append(" wait for each other").toString();
        }
    }

    static Issue issue(
            String key,
            String rule,
            Severity severity,
            String title,
            String cause,
            String fix,
            Map<String, String> evidence,
            List<Long> goroutines,
            String link) {
        return new Issue(
                key, rule, severity, title, cause, fix, evidence, goroutines, link, 0, 0, false, 1);
    }

    /** Where the program's own code is; where it was started if its stack is not known. */
    private static String where(List<Frame> stack, @Nullable Frame site) {
        Frame own = UserCode.in(stack);
        return own != null
                ? own.toString()
                : stack.isEmpty() ? site(site) : stack.getFirst().toString();
    }

    static String goroutine(long id, @Nullable Frame site) {
        return id == MAIN ? "1, main" : id + ", created at " + site(site);
    }

    static String goroutines(long n) {
        return n == 1 ? "1 goroutine" : n + " goroutines";
    }

    private static List<Long> ids(ObjectDetail d) {
        return d.samples().stream().limit(NAMED).map(ObjectDetail.Waiting::goroutine).toList();
    }

    private static String site(@Nullable Frame f) {
        return f == null ? "(no go statement)" : f.toString();
    }

    private static String place(@Nullable Frame f) {
        return f == null ? "(no go statement)" : f.location();
    }
}
