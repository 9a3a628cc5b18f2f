import static dev.jenny.Go.go;

import dev.jenny.Chan;
import dev.jenny.GoRuntime;
import dev.jenny.RecvChan;
import dev.jenny.sync.WaitGroup;

/*
 * A pipeline: stages of goroutines, connected by channels. Numbers go in, a stage of several
 * workers finds out how many Collatz steps each takes to reach 1, and the last stage keeps the
 * longest.
 *
 *     ./jenny run examples/Pipeline.java [LIMIT]         (default 300000)
 *
 * What to watch: each stage owns the channel that it sends on and closes it when it is through;
 * that is how the end of the input travels down the pipeline. The channels are small: a slow stage
 * makes the ones before it wait, so memory stays bounded however large the input is. Only one side
 * of a channel is handed out (RecvChan), so nobody can send on a channel that is not theirs.
 */
public final class Pipeline {
    private Pipeline() {}

    private record Result(long number, int steps) {}

    public static void main(String[] args) throws InterruptedException {
        RecvChan<Long> numbers = count(parse(args));
        RecvChan<Result> results = work(numbers, GoRuntime.gomaxprocs());
        Result longest = new Result(1, 0);
        for (Result r : results) {
            if (r.steps() > longest.steps()
                    || (r.steps() == longest.steps() && r.number() < longest.number())) {
                longest = r;
            }
        }
        System.out.println(longest.number() + " takes " + longest.steps() + " steps");
    }

    /** First stage: 1, 2, … limit. */
    private static RecvChan<Long> count(long limit) {
        Chan<Long> out = Chan.make(64);
        go(() -> {
            for (long n = 1; n <= limit; n++) {
                out.send(n);
            }
            out.close();
        });
        return out;
    }

    /** Second stage: several workers receive from one channel and send on one channel. */
    private static RecvChan<Result> work(RecvChan<Long> in, int workers) {
        Chan<Result> out = Chan.make(64);
        WaitGroup running = new WaitGroup();
        for (int i = 0; i < workers; i++) {
            running.go(() -> {
                for (long n : in) {
                    out.send(new Result(n, collatz(n)));
                }
            });
        }
        go(() -> { // the last worker closes the door; with many workers nobody knows who that is
            running.await();
            out.close();
        });
        return out;
    }

    private static int collatz(long n) {
        int steps = 0;
        while (n != 1) {
            n = n % 2 == 0 ? n / 2 : 3 * n + 1;
            steps++;
        }
        return steps;
    }

    private static long parse(String[] args) {
        try {
            if (args.length == 0) {
                return 300_000;
            }
            if (args.length == 1 && Integer.parseInt(args[0]) > 0) {
                return Integer.parseInt(args[0]);
            }
        } catch (NumberFormatException e) {
            // said below
        }
        System.err.println("usage: Pipeline.java [LIMIT]   (the largest number to try, 1 or more)");
        System.exit(2);
        throw new AssertionError();
    }
}
