package dev.jenny.inspect.internal.jfr;

import dev.jenny.inspect.internal.jfr.GoroutineEvents.Log;
import dev.jenny.inspect.internal.jfr.GoroutineEvents.Region;
import dev.jenny.inspect.internal.jfr.GoroutineEvents.Task;
import dev.jenny.internal.event.Batch;
import dev.jenny.internal.event.Event;
import dev.jenny.internal.event.Strings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Copies what the program says by {@code dev.jenny.Tracing}. Tasks and regions are written when
 * they end; those that began before the recording are not. For one thread.
 */
final class UserEvents {
    private static final int MAX_TASKS = 100_000;
    private static final int MAX_GOROUTINES = 100_000;
    private static final int MAX_REGIONS = 1_000; // of one goroutine: a recursion may have many

    private record Open(long since, long goroutine, long task, String name, long partOf) {
        boolean is(long aTask, String aName) {
            return task == aTask && name.equals(aName);
        }
    }

    private final LongUnaryOperator millis;
    private final Map<Long, Open> tasks = new HashMap<>();
    private final Map<Long, List<Open>> regions = new HashMap<>(); // by goroutine, nested
    private boolean wantsTasks;
    private boolean wantsRegions;
    private boolean wantsLogs;

    /**
     * Nothing is wanted yet.
     *
     * @param millis makes milliseconds since 1970 of a time
     */
    UserEvents(LongUnaryOperator millis) {
        this.millis = millis;
    }

    /** Which of the events some recording wants from now on. */
    void want(boolean ofTasks, boolean ofRegions, boolean ofLogs) {
        wantsTasks = ofTasks;
        wantsRegions = ofRegions;
        wantsLogs = ofLogs;
        if (!ofTasks) {
            tasks.clear(); // whose ends will not be seen
        }
        if (!ofRegions) {
            regions.clear();
        }
    }

    /** Whether events must come in the order of time, whatever their P. */
    boolean needsOrder() {
        return wantsTasks || wantsRegions;
    }

    /** Event {@code i} is of {@code goroutine}, 0 if that is not known. */
    void copy(Batch b, int i, long goroutine) {
        long id = b.id(i);
        switch (b.type(i)) {
            case Event.TASK_BEGIN -> {
                if (wantsTasks && tasks.size() < MAX_TASKS) {
                    long partOf = hasMore(b, i) ? b.id(i + 1) : 0;
                    String name = Strings.name(b.aux(i));
                    tasks.put(id, new Open(b.time(i), goroutine, id, name, partOf));
                }
            }
            case Event.TASK_END -> ended(tasks.remove(id), b.time(i));
            case Event.REGION_BEGIN -> {
                if (wantsRegions && goroutine != 0) {
                    String name = Strings.name(b.aux(i));
                    begun(new Open(b.time(i), goroutine, id, name, 0));
                }
            }
            case Event.REGION_END -> regionEnded(goroutine, id, Strings.name(b.aux(i)), b.time(i));
            case Event.LOG -> {
                if (wantsLogs && hasMore(b, i)) {
                    log(b, i, goroutine);
                }
            }
            case Event.END -> regions.remove(id);
            default -> {}
        }
    }

    private static boolean hasMore(Batch b, int i) {
        return i + 1 < b.size() && b.type(i + 1) == Event.MORE;
    }

    private void ended(@Nullable Open task, long time) {
        if (task != null) {
            Task e = new Task();
            fill(e, task.since, task.goroutine, task.task);
            e.name = task.name;
            e.partOf = task.partOf;
            e.lasted = time - task.since;
            e.commit();
        }
    }

    private void begun(Open region) {
        List<Open> open = regions.get(region.goroutine);
        if (open == null) {
            if (regions.size() >= MAX_GOROUTINES) {
                return;
            }
            open = new ArrayList<>();
            regions.put(region.goroutine, open);
        }
        if (open.size() < MAX_REGIONS) {
            open.add(region);
        }
    }

    /** Ends it, and those within it that have not been closed, as in Go's format. */
    private void regionEnded(long goroutine, long task, String name, long time) {
        List<Open> open = regions.getOrDefault(goroutine, List.of());
        int outer = open.size() - 1;
        while (outer >= 0 && !open.get(outer).is(task, name)) {
            outer--;
        }
        while (outer >= 0 && open.size() > outer) {
            Open region = open.removeLast();
            Region e = new Region();
            fill(e, region.since, goroutine, region.task);
            e.name = region.name;
            e.lasted = time - region.since;
            e.commit();
        }
        if (open.isEmpty()) {
            regions.remove(goroutine);
        }
    }

    private void log(Batch b, int i, long goroutine) {
        Log e = new Log();
        fill(e, b.time(i), goroutine, b.id(i));
        e.category = Strings.name(b.aux(i));
        e.message = Strings.message(b.aux(i + 1));
        e.commit();
    }

    private void fill(GoroutineEvents.User e, long time, long goroutine, long task) {
        e.time = millis.applyAsLong(time);
        e.goroutine = goroutine;
        e.task = task;
    }
}
