package dev.jenny.bench.harness;

/** One round of one workload. */
@FunctionalInterface
public interface Workload {
    /**
     * Does {@code round.ops()} operations, or the nearest number that the workload can do, and
     * checks the result. Called again and again, for warm-up and for measurement.
     */
    void run(Round round) throws Exception;
}
