package dev.jenny.internal.event;

import java.util.concurrent.atomic.AtomicLong;

/** Writes the events of user tasks, regions and logs. */
public final class UserEvents {
    private static final AtomicLong TASKS = new AtomicLong();

    private UserEvents() {}

    /** A number for a new task. */
    public static long newTask() {
        return TASKS.incrementAndGet();
    }

    /** A task begins. */
    public static void taskBegin(Ring r, long task, String name, long parent) {
        r.now(Event.TASK_BEGIN, task, Strings.name(name), parent, 0);
    }

    /** A task ends. */
    public static void taskEnd(Ring r, long task) {
        r.now(Event.TASK_END, 0, task, 0);
    }

    /** A region begins. */
    public static void regionBegin(Ring r, long task, String name) {
        r.now(Event.REGION_BEGIN, 0, task, Strings.name(name));
    }

    /** A region ends. */
    public static void regionEnd(Ring r, long task, String name) {
        r.now(Event.REGION_END, 0, task, Strings.name(name));
    }

    /** A message. */
    public static void log(Ring r, long task, String category, String message) {
        r.now(Event.LOG, task, Strings.name(category), 0, Strings.message(message));
    }
}
