package dev.jenny.inspect.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.SettingDefinition;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import jdk.jfr.Timestamp;
import org.jspecify.annotations.Nullable;

/**
 * The events. Those of single goroutines are written by one thread, shortly after they happened, so
 * they carry their time in a field of their own; they are off unless a recording asks for them.
 */
final class GoroutineEvents {
    private GoroutineEvents() {}

    /** What all events of single goroutines have. */
    @Category({"Jenny"})
    @StackTrace(false)
    @Enabled(false)
    abstract static class Single extends Event {
        @Label("Time")
        @Description("When it happened; the event itself is written a little later")
        @Timestamp(Timestamp.MILLISECONDS_SINCE_EPOCH)
        long time;

        @Label("Goroutine")
        long goroutine;
    }

    @Name("jenny.GoroutineStart")
    @Label("Goroutine Start")
    @Description("A go statement started a goroutine")
    static final class Start extends Single {
        @Label("Spawn Site")
        @Description("Where the go statement is")
        @Nullable String site;
    }

    @Name("jenny.GoroutineEnd")
    @Label("Goroutine End")
    @Description("A goroutine ended")
    static final class End extends Single {}

    @Name("jenny.GoroutinePark")
    @Label("Goroutine Park")
    @Description("A goroutine waited, for 20 ms or more; the setting atLeast changes that")
    static final class Park extends Single {
        @Label("Wait Reason")
        @Nullable String reason;

        @Label("Waited")
        @Timespan
        long waited;

        @Label("Where")
        @Description("The innermost frame of the program's own")
        @Nullable String where;

        @SettingDefinition
        @Name("atLeast")
        @Label("At Least")
        boolean atLeast(AtLeast setting) {
            return waited >= setting.nanos();
        }
    }

    @Name("jenny.Stall")
    @Label("Stall")
    @Description("A goroutine held its thread for more than 10 ms, and another thread took over")
    static final class Stall extends Single {
        @Label("P")
        int p;

        @Label("Burns CPU")
        @Description("It computes; otherwise it blocks in native code, in file I/O, or pinned")
        boolean burns;
    }

    @Name("jenny.Steal")
    @Label("Steal")
    @Description("A P took goroutines from another")
    static final class Steal extends Single {
        @Label("Thief")
        int thief;

        @Label("Victim")
        int victim;

        @Label("Goroutines")
        int count;
    }

    @Name("jenny.ProcStart")
    @Label("P Start")
    @Description("A P that had nothing to do woke up, or one came into use")
    static final class ProcStart extends Single {
        @Label("P")
        int p;
    }

    @Name("jenny.ProcStop")
    @Label("P Stop")
    @Description("A P found nothing to do and went to sleep")
    static final class ProcStop extends Single {
        @Label("P")
        int p;
    }

    /** What {@code dev.jenny.Tracing} says. Of what lasts, the time is when it began. */
    @Category({"Jenny"})
    abstract static class User extends Single {
        @Label("Task")
        @Description("The number of the task that it belongs to; 0 for none")
        long task;
    }

    @Name("jenny.Task")
    @Label("Task")
    @Description("A task of Tracing ended; the goroutine is the one that began it")
    static final class Task extends User {
        @Label("Name")
        @Nullable String name;

        @Label("Part Of")
        @Description("The number of the task that it is a part of; 0 for none")
        long partOf;

        @Label("Lasted")
        @Timespan
        long lasted;
    }

    @Name("jenny.Region")
    @Label("Region")
    @Description("A region of Tracing ended")
    static final class Region extends User {
        @Label("Name")
        @Nullable String name;

        @Label("Lasted")
        @Timespan
        long lasted;
    }

    @Name("jenny.Log")
    @Label("Log")
    @Description("A message of Tracing")
    static final class Log extends User {
        @Label("Log Category")
        @Nullable String category;

        @Label("Message")
        @Nullable String message;
    }

    @Name("jenny.ChanOp")
    @Label("Channel Operation")
    @Description("A goroutine sent, received or closed: one in 100 times; oneIn changes that")
    static final class ChanOp extends Single {
        @Label("Operation")
        @Nullable String operation;

        @Label("Channel")
        @Nullable String channel;

        @Label("Length")
        @Description("How many values were in its buffer afterwards")
        int length;

        @Label("Capacity")
        int capacity;

        @Label("Passed")
        @Description("How many values had been received from it by then, since it was made")
        long passed;

        @SettingDefinition
        @Name("oneIn")
        @Label("One In")
        boolean oneIn(OneIn setting) {
            return true; // they are left out where they happen
        }
    }

    @Name("jenny.SchedStats")
    @Label("Scheduler Statistics")
    @Description("Goroutines and queues; counters since the start")
    @Category({"Jenny"})
    @StackTrace(false)
    @Period("1 s")
    static final class SchedStats extends Event {
        @Label("GOMAXPROCS")
        int gomaxprocs;

        @Label("Goroutines")
        long goroutines;

        @Label("Created")
        long created;

        @Label("Runnable")
        long runnable;

        @Label("Running")
        long running;

        @Label("Waiting")
        long waiting;

        @Label("Global Queue")
        long globalQueue;

        @Label("Idle Ps")
        long idlePs;

        @Label("Spinning Ps")
        long spinningPs;

        @Label("Steals")
        long steals;

        @Label("Yields")
        long yields;

        @Label("Wake-ups")
        long wakeups;

        @Label("Stalls, CPU")
        long burnt;

        @Label("Stalls, Blocked")
        long blocked;

        @Label("Latency p50")
        @Timespan
        long latencyP50;

        @Label("Latency p99")
        @Timespan
        long latencyP99;

        @Label("Events Lost")
        @Description("Events of single goroutines that came faster than they could be written")
        long lost;

        @Label("Heap Used")
        @DataAmount
        long heapUsed;
    }
}
