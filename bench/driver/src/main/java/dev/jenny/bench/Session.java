package dev.jenny.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Runs workloads on runtimes. The processes of all runtimes are started; each warms up; then they
 * take turns, a round each: A B C A B C. So what changes on the machine meanwhile hits all of them.
 */
final class Session {
    static final String QUICK_HEAP = "512m";
    static final long WARM_OPS = 10_000;

    /** At least: a first round of interpreted code may take all of the time for the warm-up. */
    private static final int WARM_ROUNDS = 3;

    private final Setup setup;
    private final List<Contestant> contestants;
    private final boolean quick;
    private final int rounds;
    private final int forks;
    private final Archives archives;
    private final Results results = new Results();
    private final List<Workload> complete = new CopyOnWriteArrayList<>();

    /**
     * @param rounds rounds of each process
     * @param forks how many processes each runtime gets one after the other: the JIT does not come
     *     to the same result every time
     */
    Session(Setup setup, List<Contestant> contestants, boolean quick, int rounds, int forks) {
        this.setup = setup;
        this.archives = new Archives(setup);
        this.contestants = contestants;
        this.quick = quick;
        this.rounds = rounds;
        this.forks = forks;
    }

    Results results() {
        return results;
    }

    /** The workloads whose last round is over. */
    List<Workload> complete() {
        return List.copyOf(complete);
    }

    void run(List<Workload> workloads) {
        long start = System.nanoTime();
        if (quick) {
            Progress.show("starting each JVM once, for its archive of classes", true);
            contestants.stream().filter(Contestant::onJvm).forEach(archives::make);
        }
        for (int i = 0; i < workloads.size(); i++) {
            Workload w = workloads.get(i);
            long spent = (System.nanoTime() - start) / 1_000_000_000;
            String left =
                    i == 0
                            ? ""
                            : ", about "
                                    + Format.seconds(spent * (workloads.size() - i) / i)
                                    + " left";
            String title = "[" + (i + 1) + "/" + workloads.size() + left + "] " + w.name();
            Progress.show(title, true);
            run(w, title);
            complete.add(w);
        }
        Progress.clear();
    }

    private void run(Workload w, String title) {
        // A process of its own for each round, one at a time.
        boolean single = w.heavy() && !quick;
        int generations = single ? Math.max(rounds, 5) : forks;
        List<Contestant> out = new ArrayList<>();
        for (int f = 0; f < generations; f++) {
            List<Contestant> in = new ArrayList<>(contestants);
            in.removeAll(out);
            in.removeIf(c -> !c.takesPartIn(w));
            if (single) {
                for (Contestant c : in) {
                    if (!generation(w, List.of(c), 1, title)) {
                        out.add(c);
                    }
                }
            } else {
                Map<Contestant, Boolean> before = new LinkedHashMap<>();
                in.forEach(c -> before.put(c, true));
                generationOf(w, before, rounds, title);
                before.forEach((c, alive) -> {
                    if (!alive) {
                        out.add(c);
                    }
                });
            }
        }
    }

    private boolean generation(Workload w, List<Contestant> in, int n, String title) {
        Map<Contestant, Boolean> alive = new LinkedHashMap<>();
        in.forEach(c -> alive.put(c, true));
        generationOf(w, alive, n, title);
        return !alive.containsValue(false);
    }

    /** Sets those to false that do not know the workload, or fail. */
    private void generationOf(Workload w, Map<Contestant, Boolean> alive, int n, String title) {
        Map<Contestant, Runner> runners = new LinkedHashMap<>();
        try {
            for (Contestant c : alive.keySet()) {
                runners.put(c, start(c, w, n));
            }
            for (int round = -1; round < n; round++) {
                for (Map.Entry<Contestant, Runner> e : runners.entrySet()) {
                    Contestant c = e.getKey();
                    if (Boolean.FALSE.equals(alive.get(c))) {
                        continue;
                    }
                    Progress.show(
                            title
                                    + " · "
                                    + c.name()
                                    + (round < 0 ? " warm-up" : " round " + (round + 1)),
                            false);
                    if (!results.add(w.name(), c.name(), e.getValue().turn())) {
                        alive.put(c, false);
                        e.getValue().close();
                    }
                }
            }
        } finally {
            runners.values().forEach(Runner::close);
        }
    }

    private Runner start(Contestant c, Workload w, int n) {
        String heap = quick ? QUICK_HEAP : w.heavy() ? "6g" : "2g";
        List<String> more = new ArrayList<>();
        if (quick && c.onJvm()) {
            more.addAll(archives.use(c));
            more.add("-Xmn64m"); // using up a young generation of the usual size takes a second
        }
        List<String> command = new ArrayList<>(c.command(setup, heap, more));
        command.add(w.name());
        command.add(String.valueOf(quick ? w.quickOps() : w.ops()));
        command.add(String.valueOf(n));
        command.add(warmUp(c));
        Map<String, String> environment = new LinkedHashMap<>();
        if (w.kind() != Workload.Kind.FIXED && !w.heavy()) {
            // A runtime that is ten times slower need not make the suite ten times longer.
            environment.put("BENCH_MAX_MS", quick ? "25" : "500");
        }
        if (c.onJvm()) {
            environment.put("BENCH_USED_HEAP", "1");
            environment.put("BENCH_WARM_ROUNDS", String.valueOf(WARM_ROUNDS));
        }
        if (w.heavy()) {
            // A JVM that has never come back from a park deoptimises the first million one by one,
            // for minutes; and Go keeps what describes a goroutine when that has ended.
            environment.put("BENCH_WARM_OPS", String.valueOf(WARM_OPS));
        }
        return new Runner(command, environment);
    }

    /** In ms; at least one round is done in any case. */
    private String warmUp(Contestant c) {
        if (!c.onJvm()) {
            return "50"; // there is no JIT
        }
        return quick ? "300" : "2000";
    }
}
