package dev.jenny.inspect;

/** Starts and stops the tools that look into this program. */
public final class Inspect {
    private Inspect() {}
}
