package dev.jenny.inspect.internal.trace;

import static dev.jenny.inspect.internal.trace.GoTraceWriter.*;

import dev.jenny.inspect.internal.pause.Pause;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Tells a {@link Sink} what the events of a Go trace mean. Knows which P each thread holds and what
 * runs on it, and how far each goroutine's numbered events have come. For one thread.
 *
 * <p>In Jenny's own traces thread and P have the same number, and a P whose goroutine blocks the
 * thread is "stolen" by its own thread. In those of Go's programs Ps go from thread to thread, and
 * a goroutine in a system call that takes long waits, as one that is parked does.
 */
final class GoStory {
    private static final int EV_GO_CREATE_SYSCALL = 15;
    private static final int EV_GO_DESTROY_SYSCALL = 18;
    private static final int EV_GO_SYSCALL_END = 23;
    private static final int EV_GO_SWITCH = 45;
    private static final int EV_GO_SWITCH_DESTROY = 46;
    private static final int EV_GO_STATUS_STACK = 48;

    private static final Pattern STOLEN = Pattern.compile("\\d{1,8} goroutines? of P\\d{1,8}");

    private static final class M {
        int p = Sink.OUTSIDE;
        long running; // the goroutine, 0 for none
        long resumes; // goes on after it blocked the thread: its start says nothing new
        boolean jvm; // not a thread that runs goroutines
        boolean blocked; // the sink has been told so
        boolean inCall;
        boolean left; // the P was taken away during a system call
        long callSince;
        int callStack;
        long stopSince;
        String stopName = "";
        boolean collects; // in that stop
    }

    private static final class G {
        long gen;
        long seq;
    }

    private final Names names;
    private final Sink sink;
    private final Map<Long, M> ms = new HashMap<>();
    private final Map<Long, G> gs = new HashMap<>();
    private GoGeneration gen;
    private boolean jennys;
    private double nanosPerTick; // 0 if not known

    GoStory(Names names, Sink sink) {
        this.names = names;
        this.sink = sink;
        gen = new GoGeneration(-1);
    }

    void begin(GoGeneration next) {
        gen = next;
        jennys = next.isJennys();
        if (next.frequency() > 0) {
            nanosPerTick = 1e9 / next.frequency();
        } else if (nanosPerTick == 0 && jennys) {
            nanosPerTick = 1; // as in all of Jenny's
        }
    }

    /** Whether it is known how long a tick of the clock is: up to Go 1.24 that comes at the end. */
    boolean hasClock() {
        return nanosPerTick > 0;
    }

    /** The last tick of the clock whose time can be told. */
    long latest() {
        return (long) (TraceFormatException.MAX_TIME / nanosPerTick);
    }

    private M m(long thread) {
        return ms.computeIfAbsent(
                thread,
                k -> {
                    M m = new M();
                    m.jvm = jennys && k == JVM_ID;
                    return m;
                });
    }

    /** A P's number as Jenny counts. */
    private int p(GoCursor e) throws TraceFormatException {
        long number = e.args[0];
        if (number < 0 || number >= TraceFile.MAX_PS) {
            throw e.damaged("a P of the number " + Long.toUnsignedString(number));
        }
        if (!jennys || number < OUTSIDE_ID) {
            return (int) number;
        }
        return number == OUTSIDE_ID ? Sink.OUTSIDE : (int) number - 2;
    }

    /** Whether the event comes next for the goroutine that it names. */
    boolean isReady(GoCursor e) {
        return switch (e.type) {
            case EV_GO_START, EV_GO_UNBLOCK, EV_GO_SWITCH, EV_GO_SWITCH_DESTROY -> {
                G g = gs.get(e.args[0]);
                yield g != null && g.gen == gen.number && e.args[1] == g.seq + 1;
            }
            default -> true;
        };
    }

    void tell(GoCursor e) throws IOException {
        M m = m(e.thread);
        long t = nanosPerTick == 1 ? e.time : (long) (e.time * nanosPerTick);
        if (m.jvm && e.type != EV_STW_BEGIN && e.type != EV_STW_END && e.type != EV_GC_BEGIN) {
            return;
        }
        switch (e.type) {
            case EV_PROCS_CHANGE -> sink.procs(m.p, t, (int) e.args[0]);
            case EV_PROC_START -> proc(m, t, p(e), true);
            case EV_PROC_STOP -> {
                if (m.p != Sink.OUTSIDE) {
                    sink.proc(m.p, t, false);
                }
                m.p = Sink.OUTSIDE;
            }
            case EV_PROC_STATUS -> {
                boolean running = e.args[1] != PROC_IDLE;
                proc(running ? m : new M(), t, p(e), running); // any thread tells of idle ones
            }
            case EV_PROC_STEAL -> stolen(e, m, t);
            case EV_GO_SYSCALL_BEGIN -> {
                m.inCall = true;
                m.callSince = t;
                m.callStack = gen.stack(e.args[1]);
            }
            case EV_GO_SYSCALL_END -> m.inCall = false;
            case EV_GO_SYSCALL_END_BLOCKED -> callEnds(m, t);
            case EV_STW_BEGIN -> {
                m.stopSince = t;
                m.stopName = gen.string(e.args[0]);
                m.collects = m.stopName.startsWith("GC");
            }
            case EV_GC_BEGIN -> m.collects |= m.jvm;
            case EV_STW_END -> {
                if (!m.stopName.isEmpty()) { // else it began before the trace
                    sink.pause(new Pause(m.stopSince, t, m.collects, m.stopName));
                    m.stopName = "";
                }
            }
            case EV_LOG -> log(e, m, t);
            default -> goroutine(e, m, t);
        }
    }

    private void proc(M m, long t, int p, boolean busy) throws IOException {
        m.p = p;
        if (p != Sink.OUTSIDE) {
            sink.proc(p, t, busy);
        }
    }

    private void stolen(GoCursor e, M m, long t) throws IOException {
        M victim = m(e.args[2]);
        if (victim == m) {
            m.blocked = true;
            sink.blocked(m.p, m.callSince, t, m.callStack);
        } else if (victim.inCall && victim.running != 0) {
            victim.left = true;
            long since = Math.min(victim.callSince, t);
            int why = names.reason(Names.SYSCALL);
            sink.stop(victim.p, since, victim.running, Sink.Stop.BLOCK, why, victim.callStack);
            victim.p = Sink.OUTSIDE;
        }
    }

    private void callEnds(M m, long t) throws IOException {
        m.inCall = false;
        if (m.blocked) {
            m.blocked = false;
            m.resumes = m.running;
            sink.blockedEnd(m.p, t);
        } else if (m.running != 0) {
            if (!m.left) {
                int why = names.reason(Names.SYSCALL);
                sink.stop(m.p, m.callSince, m.running, Sink.Stop.BLOCK, why, m.callStack);
            }
            sink.ready(Sink.OUTSIDE, t, m.running);
            m.running = 0;
        }
        m.left = false;
    }

    private void log(GoCursor e, M m, long t) throws IOException {
        String category = gen.string(e.args[1]);
        String message = gen.string(e.args[2]);
        if (category.equals(STALL) && message.equals(BURNS)) {
            sink.burns(m.p, t);
        } else if (category.equals(DROPPED)) {
            sink.dropped(m.p, t, count(message));
        } else if (category.equals(STEAL) && STOLEN.matcher(message).matches()) {
            int victim = Integer.parseInt(message.substring(message.lastIndexOf('P') + 1));
            sink.steal(m.p, t, victim, (int) count(message));
        } else if (!category.equals(STALL)) {
            sink.log(m.p, t, e.args[0], category, message);
        }
    }

    private static long count(String message) {
        String number = message.replaceFirst(" .*", "");
        return number.matches("\\d{1,18}") ? Long.parseLong(number) : 1;
    }

    private void goroutine(GoCursor e, M m, long t) throws IOException {
        long id = e.args[0];
        switch (e.type) {
            case EV_GO_CREATE -> {
                boolean isNew = isNew(id);
                if (gen.number > 1 && e.args[1] == 0 && e.args[2] == 0) {
                    sink.appear(m.p, t, id, Sink.State.RUNNABLE); // seen only now
                } else if (isNew) {
                    sink.create(m.p, t, id, gen.entry(e.args[1]));
                }
            }
            case EV_GO_CREATE_BLOCKED -> {
                if (isNew(id)) {
                    sink.appear(m.p, t, id, Sink.State.WAITING);
                }
            }
            case EV_GO_CREATE_SYSCALL -> {
                isNew(id);
                sink.appear(m.p, t, id, Sink.State.RUNNING);
                m.running = id;
            }
            case EV_GO_STATUS, EV_GO_STATUS_STACK -> status(e, t);
            case EV_GO_START -> start(m, t, id);
            case EV_GO_SWITCH -> {
                int why = names.reason("coroutine switch");
                stop(m, t, Sink.Stop.BLOCK, why, Names.NONE);
                start(m, t, id);
            }
            case EV_GO_SWITCH_DESTROY -> {
                end(m, t);
                start(m, t, id);
            }
            case EV_GO_DESTROY, EV_GO_DESTROY_SYSCALL -> end(m, t);
            case EV_GO_STOP -> {
                Sink.Stop how =
                        switch (gen.string(e.args[0])) {
                            case YIELDED -> Sink.Stop.YIELD;
                            case EVENTS_LOST -> Sink.Stop.LOST;
                            default -> Sink.Stop.PREEMPT;
                        };
                stop(m, t, how, -1, Names.NONE);
            }
            case EV_GO_BLOCK -> {
                String why = gen.string(e.args[0]);
                int reason = why.isEmpty() ? -1 : names.reason(why);
                stop(m, t, Sink.Stop.BLOCK, reason, gen.stack(e.args[1]));
            }
            case EV_GO_UNBLOCK -> {
                advance(id);
                sink.ready(m.p, t, id);
            }
            default -> {} // of the garbage collector, tasks, labels
        }
    }

    /** Notes it; false if it was known before. */
    private boolean isNew(long id) {
        G g = gs.get(id);
        boolean isNew = g == null;
        if (g == null) {
            g = new G();
            gs.put(id, g);
        }
        g.gen = gen.number;
        g.seq = 0;
        return isNew;
    }

    private void advance(long id) {
        G g = gs.get(id);
        if (g == null || g.gen != gen.number) {
            isNew(id);
            g = gs.get(id);
        }
        if (g != null) {
            g.seq++;
        }
    }

    private void status(GoCursor e, long t) throws IOException {
        long id = e.args[0];
        M m = m(e.args[1]);
        if (!isNew(id)) {
            return;
        }
        int status = (int) e.args[2];
        boolean running = status == GO_RUNNING || status == GO_SYSCALL;
        sink.appear(
                running ? m.p : m(e.thread).p,
                t,
                id,
                running
                        ? Sink.State.RUNNING
                        : status == GO_RUNNABLE ? Sink.State.RUNNABLE : Sink.State.WAITING);
        if (running) {
            m.running = id;
            m.inCall = status == GO_SYSCALL;
            m.callSince = t;
            m.callStack = Names.NONE;
        }
    }

    private void start(M m, long t, long id) throws IOException {
        advance(id);
        m.running = id;
        if (m.resumes != id) {
            sink.start(m.p, t, id);
        }
        m.resumes = 0;
    }

    private void end(M m, long t) throws IOException {
        gs.remove(m.running);
        stop(m, t, Sink.Stop.END, -1, Names.NONE);
    }

    private void stop(M m, long t, Sink.Stop how, int reason, int stack) throws IOException {
        if (m.running != 0) {
            sink.stop(m.p, t, m.running, how, reason, stack);
            m.running = 0;
        }
    }
}
