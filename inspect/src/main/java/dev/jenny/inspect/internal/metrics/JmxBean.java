package dev.jenny.inspect.internal.metrics;

import dev.jenny.GoRuntime;
import dev.jenny.inspect.JennyMXBean;
import dev.jenny.inspect.Metric;
import dev.jenny.inspect.Metric.Histogram;
import dev.jenny.inspect.Metrics;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.TreeMap;
import javax.management.InstanceAlreadyExistsException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.StandardMBean;

/** {@link JennyMXBean} on {@link Metrics}. */
public final class JmxBean implements JennyMXBean {
    private JmxBean() {}

    /** Registers the bean, if it is not registered already. */
    public static void register() {
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        try {
            ObjectName name = new ObjectName(NAME);
            if (!beans.isRegistered(name)) {
                beans.registerMBean(
                        new StandardMBean(new JmxBean(), JennyMXBean.class, true), name);
            }
        } catch (InstanceAlreadyExistsException e) {
            // somebody was faster
        } catch (JMException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String getMode() {
        return GoRuntime.mode();
    }

    @Override
    public int getGomaxprocs() {
        return GoRuntime.gomaxprocs();
    }

    @Override
    public long getGoroutines() {
        return SchedMetrics.goroutines();
    }

    @Override
    public long getGoroutinesCreated() {
        return SchedMetrics.created();
    }

    @Override
    public long getRunnable() {
        return SchedMetrics.runnable();
    }

    @Override
    public long getRunning() {
        return SchedMetrics.running();
    }

    @Override
    public long getWaiting() {
        return SchedMetrics.waiting();
    }

    @Override
    public double getLatencyP50() {
        return latency(0.5);
    }

    @Override
    public double getLatencyP99() {
        return latency(0.99);
    }

    private static double latency(double q) {
        Histogram latencies = SchedMetrics.latencies();
        return latencies.quantile(q);
    }

    @Override
    public Map<String, Double> getMetrics() {
        Map<String, Double> values = new TreeMap<>();
        for (Metric m : Metrics.all()) {
            values.put(m.name(), m.value());
        }
        return values;
    }

    @Override
    public String advice(String name) {
        return Metrics.find(name)
                .map(Metric::advice)
                .orElseThrow(() -> new IllegalArgumentException("no metric is called " + name));
    }
}
