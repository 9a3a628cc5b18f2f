import static dev.jenny.Go.go;
import static dev.jenny.Select.after;
import static dev.jenny.Select.recv;
import static dev.jenny.Select.select;
import static dev.jenny.Select.send;

import dev.jenny.Chan;
import dev.jenny.RecvChan;
import dev.jenny.context.Context;
import dev.jenny.sync.WaitGroup;
import java.time.Duration;

/*
 * A pool of workers: so many jobs, so few at a time, and all of it stops when its context is
 * cancelled, here by Ctrl-C.
 *
 *     ./jenny run examples/WorkerPool.java [JOBS [WORKERS]]     (default 100 jobs, 4 workers)
 *
 * What to watch: press Ctrl-C half-way. Each goroutine that waits, for a job, for a worker or for
 * its own work, waits for ctx.done() as well, so all of them end at once and in order; the program
 * says what was done and exits with the code for Ctrl-C, 130. Nothing is interrupted or killed.
 */
public final class WorkerPool {
    private WorkerPool() {}

    private static final Duration JOB_TIME = Duration.ofMillis(100);
    private static final Duration GRACE = Duration.ofSeconds(2);

    public static void main(String[] args) throws InterruptedException {
        int jobs = parse(args, 0, 100);
        int workers = parse(args, 1, 4);
        WaitGroup main = new WaitGroup();
        main.add(1);
        try (Context ctx = Context.background().withCancel()) {
            // Ctrl-C makes the JVM run its shutdown hooks and exit: cancel, and let main come to
            // its end.
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(ctx, main)));
            int done = runAll(ctx, jobs, workers);
            System.out.println(
                    (done == jobs ? "all done: " : "cancelled: ") + done + " of " + jobs + " jobs");
        } finally {
            main.done();
        }
    }

    private static void stop(Context ctx, WaitGroup main) {
        ctx.cancel();
        try {
            main.await(GRACE);
        } catch (InterruptedException e) {
            // exit now
        }
    }

    /** Runs jobs until all are done or {@code ctx} is; returns how many are done. */
    private static int runAll(Context ctx, int jobs, int workers) throws InterruptedException {
        RecvChan<Integer> queue = produce(ctx, jobs);
        Chan<Integer> finished = Chan.make();
        WaitGroup pool = new WaitGroup();
        for (int i = 1; i <= workers; i++) {
            String name = "worker " + i;
            pool.go(() -> {
                for (int job : queue) {
                    if (!work(ctx)) {
                        break;
                    }
                    System.out.println(name + ": job " + job);
                    finished.send(job);
                }
            });
        }
        go(() -> {
            pool.await();
            finished.close();
        });
        int done = 0;
        while (finished.recv() != null) {
            done++;
        }
        return done;
    }

    private static RecvChan<Integer> produce(Context ctx, int jobs) {
        Chan<Integer> queue = Chan.make();
        go(() -> {
            boolean goOn = true;
            for (int job = 1; goOn && job <= jobs; job++) {
                goOn = select(send(queue, job, () -> true), recv(ctx.done(), v -> false));
            }
            queue.close();
        });
        return queue;
    }

    /** Stands for real work; returns false if it was called off. */
    private static boolean work(Context ctx) throws InterruptedException {
        return select(after(JOB_TIME, () -> true), recv(ctx.done(), v -> false));
    }

    private static int parse(String[] args, int index, int otherwise) {
        if (args.length <= index) {
            return otherwise;
        }
        try {
            if (args.length <= 2 && Integer.parseInt(args[index]) > 0) {
                return Integer.parseInt(args[index]);
            }
        } catch (NumberFormatException e) {
            // said below
        }
        System.err.println("usage: WorkerPool.java [JOBS [WORKERS]]   (each 1 or more)");
        System.exit(2);
        throw new AssertionError();
    }
}
