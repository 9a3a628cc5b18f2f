package dev.jenny.internal.sched;

/** Go's SCHED lines on standard error, for {@code JENNYDEBUG=schedtrace=MS[,scheddetail=1]}. */
final class SchedTrace {
    private static final long INTERVAL = Debug.INSTANCE.schedTrace * 1_000_000L;
    private static final boolean DETAIL = Debug.INSTANCE.schedDetail;
    private static long first = -1;
    private static long due;

    private SchedTrace() {}

    static boolean enabled() {
        return INTERVAL > 0;
    }

    /** Prints if it is time. Monitor only. */
    static void poll(long now) {
        if (!enabled() || (first >= 0 && now < due)) {
            return;
        }
        if (first < 0) {
            first = now;
        }
        due = now + INTERVAL;
        System.err.print(lines(now - first, DETAIL));
    }

    /** Shortens a sleep so that the next line comes in time. */
    static long limit(long sleep, long now) {
        return enabled() ? Math.max(1, Math.min(sleep, due - now)) : sleep;
    }

    /** The trace as text. */
    static String lines(long nanos, boolean detail) {
        StringBuilder b = new StringBuilder(160);
        int threads = 1;
        int idleThreads = 0;
        int idleProcs = 0;
        StringBuilder queues = new StringBuilder();
        StringBuilder ticks = new StringBuilder();
        for (P p : Procs.all()) {
            boolean spare = p.status == P.SPARE;
            if (p.m != null) {
                threads++;
                if (spare || p.idle) {
                    idleThreads++;
                }
            }
            if (spare) {
                continue;
            }
            if (p.idle) {
                idleProcs++;
            }
            queues.append(p.runq.size()).append(' ');
            ticks.append(Integer.toUnsignedString(p.readSchedtick())).append(' ');
        }
        b.append("SCHED ")
                .append(nanos / 1_000_000)
                .append("ms: gomaxprocs=")
                .append(Procs.target());
        b.append(" idleprocs=").append(idleProcs).append(" threads=").append(threads);
        b.append(" spinningthreads=").append(Sched.spinningCount());
        b.append(" needspinning=0 idlethreads=").append(idleThreads);
        b.append(" runqueue=").append(Sched.globalSize());
        if (!detail) {
            b.append(" [ ").append(queues).append("] schedticks=[ ").append(ticks).append("]\n");
            return b.toString();
        }
        b.append(" gcwaiting=false nmidlelocked=0 stopwait=0 sysmonwait=false\n");
        for (P p : Procs.all()) {
            M m = p.m;
            b.append("  P").append(p.id).append(": status=").append(status(p));
            b.append(" schedtick=").append(Integer.toUnsignedString(p.readSchedtick()));
            b.append(" syscalltick=0 m=").append(m == null || p.idle ? "nil" : "" + p.id);
            b.append(" runqsize=").append(p.runq.size()).append(" gfreecnt=0 timerslen=");
            b.append(p.id == 0 ? Timers.count() : 0).append('\n');
        }
        for (P p : Procs.all()) {
            M m = p.m;
            if (m == null) {
                continue;
            }
            G g = m.curg;
            b.append("  M").append(p.id).append(": p=").append(p.idle ? "nil" : "" + p.id);
            b.append(" curg=").append(g == null ? "nil" : "" + g.id);
            b.append(" mallocing=0 throwing=0 preemptoff= locks=0 dying=0 spinning=");
            b.append(p.spinning).append(" blocked=").append(p.idle).append(" lockedg=nil\n");
        }
        Sched.REGISTRY.forEach(g -> {
            GStatus s = GStatus.of(g);
            b.append("  G").append(g.id).append(": status=").append(s.number());
            b.append('(').append(s.reasonText()).append(") m=");
            b.append(s.carrier() == null ? "nil" : "" + s.carrier().p.id);
            b.append(" lockedm=nil\n");
        });
        return b.toString();
    }

    /** Go's numbers for P states: idle, running, dead; ours for a held-up P is Go's syscall. */
    private static int status(P p) {
        if (p.status == P.SPARE) {
            return 4;
        }
        if (p.status == P.STALLED) {
            return 2;
        }
        return p.idle ? 0 : 1;
    }
}
