package dev.jenny.inspect;

import java.util.Map;

/**
 * The runtime in JMX, as {@value #NAME}: for JConsole, VisualVM, JMC and agents that read beans.
 * Registered by {@link Inspect#start()}, or on its own by {@link Metrics#registerMXBean()}.
 *
 * {@snippet :
 * Metrics.registerMXBean();
 * JennyMXBean jenny =
 *         JMX.newMXBeanProxy(
 *                 ManagementFactory.getPlatformMBeanServer(),
 *                 new ObjectName(JennyMXBean.NAME),
 *                 JennyMXBean.class);
 * System.out.println(jenny.getGoroutines());
 * }
 */
public interface JennyMXBean {
    /** The name under which the bean is registered. */
    String NAME = "dev.jenny:type=Runtime";

    /** {@code custom}, or {@code fallback} if goroutines run on the JDK's scheduler. */
    String getMode();

    /** How many goroutines may run at once. */
    int getGomaxprocs();

    /** Live goroutines. */
    long getGoroutines();

    /** Goroutines started so far. */
    long getGoroutinesCreated();

    /** Goroutines in run queues; approximate. */
    long getRunnable();

    /** Goroutines on a thread; approximate. */
    long getRunning();

    /** Goroutines that wait; approximate. */
    long getWaiting();

    /** Median of the time from runnable to running since the start, in seconds. */
    double getLatencyP50();

    /** 99th percentile of the time from runnable to running since the start, in seconds. */
    double getLatencyP99();

    /** All metrics by name; of a histogram, how many values it has. */
    Map<String, Double> getMetrics();

    /**
     * What to do when the metric {@code name} is high.
     *
     * @throws IllegalArgumentException if there is no such metric
     */
    String advice(String name);
}
