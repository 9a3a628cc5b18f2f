package dev.jenny.inspect.internal.model;

import dev.jenny.internal.sched.Probe.GView;
import org.jspecify.annotations.Nullable;

/**
 * A wait for something that may have holders: that ends when they let go of it.
 *
 * @param thread who waits
 * @param g the same as a goroutine, null if it is none
 * @param kind what kind of wait it is
 * @param on what for; of a join, the thread
 */
record Wait(Thread thread, @Nullable GView g, Kind kind, Object on) {
    private static final String UNLOCKS = "somebody else unlocks one of the mutexes";

    /** The kinds of waits that may have holders. */
    enum Kind {
        /** A {@code Mutex}, or the write lock of an {@code RWMutex} behind another writer. */
        MUTEX("waits to lock", ", by unlocking it", UNLOCKS),
        /** The read lock of an {@code RWMutex}, behind a writer. */
        READ_LOCK("waits to read-lock", ", by unlocking it", UNLOCKS),
        /** The write lock of an {@code RWMutex}, behind readers. */
        READERS("waits to write-lock", ", by rUnlock", UNLOCKS),
        /** A lock of the JDK, which only its owner can unlock. */
        JDK_LOCK("waits to lock", ", by unlocking it", ""),
        /** {@code synchronized}. */
        MONITOR("waits to enter", ", by leaving it", ""),
        /** The ends of the goroutines that were started through a WaitGroup. */
        GROUP("waits for", ", by ending", "somebody else calls done() of one of the WaitGroups"),
        /** The end of a goroutine or thread. */
        JOIN("waits for the end of", ", by ending", ""),
        /** The result of a {@code FutureTask}, which the thread that runs it gives. */
        FUTURE(
                "waits for the result of",
                ", by finishing the task",
                "somebody cancels or completes one of the futures");

        /** What the waiter does: {@code waits to lock}. */
        final String verb;

        /** How a holder ends it. */
        final String end;

        /** What else can end it; {@code ""} if nothing can. */
        final String unless;

        Kind(String verb, String end, String unless) {
            this.verb = verb;
            this.end = end;
            this.unless = unless;
        }
    }

    /**
     * What is waited for, by identity. An {@code RWMutex} is two things: its readers have one kind
     * of holder, those that come after a writer another.
     */
    record Thing(Object on, boolean readers) {
        @Override
        public boolean equals(@Nullable Object o) {
            return o instanceof Thing t && t.on == on && t.readers == readers;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(on) * 2 + (readers ? 1 : 0);
        }
    }

    Thing thing() {
        return new Thing(on, kind == Kind.READERS);
    }

    /** The object in words. */
    String object() {
        if (on instanceof Thread t) {
            return Holders.name(t);
        }
        if (kind == Kind.MONITOR) {
            return "the monitor of " + Objects.named(on);
        }
        ObjectInfo o = Objects.of(on);
        return o == null ? "an unknown object" : o.name();
    }

    /** The wait in words: {@code waits to lock sync.Mutex#3}. */
    String text() {
        return kind.verb + " " + object();
    }

    /** Whether somebody has to end, and not only to let go of something. */
    boolean isForEnd() {
        return kind == Kind.JOIN || kind == Kind.GROUP;
    }

    /** What {@code by}, the name of a holder, is to the object; {@code ""} if it is the object. */
    String heldBy(String by) {
        return switch (kind) {
            case JOIN -> "";
            case GROUP -> "of which " + by + " has not ended";
            case FUTURE -> "run by " + by;
            default -> "held by " + by;
        };
    }
}
