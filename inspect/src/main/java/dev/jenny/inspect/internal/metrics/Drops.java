package dev.jenny.inspect.internal.metrics;

import java.util.concurrent.atomic.AtomicLong;

/** What the tools lost under load since the program began, whoever looked. Any thread may call. */
public final class Drops {
    private static final AtomicLong EVENTS = new AtomicLong();
    private static final AtomicLong SAMPLES = new AtomicLong();
    private static final AtomicLong CLIENTS = new AtomicLong();

    private Drops() {}

    /** So many more events of threads without a P were overwritten before they were read. */
    public static void addEvents(long n) {
        EVENTS.getAndAdd(n);
    }

    /** So many more samples were not taken, for the machine had no time for them. */
    public static void addSamples(long n) {
        SAMPLES.getAndAdd(n);
    }

    /** So many more samples were not sent, for a client was too slow to take them. */
    public static void addClients(long n) {
        CLIENTS.getAndAdd(n);
    }

    /** Events of threads without a P. */
    public static long events() {
        return EVENTS.get();
    }

    /** Samples that were not taken. */
    public static long samples() {
        return SAMPLES.get();
    }

    /** Samples that slow clients missed. */
    public static long clients() {
        return CLIENTS.get();
    }
}
