import static dev.jenny.Go.go;

import dev.jenny.Chan;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.LongAdder;

/*
 * A program that never rests: pairs of goroutines that play ball, and a pipeline, more of them than
 * there are processors. Four times a second it prints how many values have gone through channels:
 *
 *     ops COUNT NANOSECONDS CPU_OF_ALL_THREADS
 *
 *     ./jenny run --inspect verify/watchers/Busy.java [pairs|pipeline|both]
 */
public final class Busy {
    private Busy() {}

    private static final LongAdder OPS = new LongAdder();

    /** So many values are counted at a time: the counter is not what is measured. */
    private static final int BATCH = 1024;

    public static void main(String[] args) throws InterruptedException {
        String what = args.length > 0 ? args[0] : "both";
        if (!what.equals("pipeline")) {
            for (int i = 0; i < 4; i++) {
                Chan<Integer> there = Chan.make();
                Chan<Integer> back = Chan.make();
                go(() -> play(there, back));
                go(() -> returnAll(there, back));
            }
        }
        if (!what.equals("pairs")) {
            Chan<Integer> raw = Chan.make(64);
            Chan<Integer> more = Chan.make(64);
            Chan<Integer> most = Chan.make(64);
            go(() -> produce(raw));
            go(() -> forward(raw, more));
            go(() -> forward(more, most));
            go(() -> consume(most));
        }
        var system =
                ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
        System.out.println("ready");
        while (true) {
            dev.jenny.Go.sleep(java.time.Duration.ofMillis(250));
            System.out.println(
                    "ops " + OPS.sum() + " " + System.nanoTime() + " " + system.getProcessCpuTime());
        }
    }

    private static void play(Chan<Integer> there, Chan<Integer> back) throws InterruptedException {
        for (int i = 1; ; i++) {
            there.send(i);
            back.recv();
            if (i % BATCH == 0) {
                OPS.add(2 * BATCH);
            }
        }
    }

    private static void returnAll(Chan<Integer> there, Chan<Integer> back)
            throws InterruptedException {
        for (int ball : there) {
            back.send(ball);
        }
    }

    private static void produce(Chan<Integer> to) throws InterruptedException {
        for (int i = 0; ; i = (i + 1) & 127) {
            to.send(i);
        }
    }

    private static void forward(Chan<Integer> from, Chan<Integer> to) throws InterruptedException {
        for (int x : from) {
            to.send(x + 1);
        }
    }

    private static void consume(Chan<Integer> from) throws InterruptedException {
        for (int i = 1; ; i++) {
            from.recv();
            if (i % BATCH == 0) {
                OPS.add(3 * BATCH);
            }
        }
    }
}
