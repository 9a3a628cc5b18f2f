import static dev.jenny.Go.go;

import dev.jenny.Chan;
import dev.jenny.sync.WaitGroup;

/*
 * A program that can never go on: two workers wait for jobs that nobody sends, and main waits for
 * the workers.
 *
 *     ./jenny run examples/Deadlock.java; echo $?
 *
 * What to watch: the program ends at once with exit code 2 and Go's report, "all goroutines are
 * asleep", which shows for every goroutine what it waits for, where, and who created it. The
 * mistake here is plain to see in it: nobody closed the channel that both workers receive from.
 */
public final class Deadlock {
    private Deadlock() {}

    public static void main(String[] args) throws InterruptedException {
        Chan<String> jobs = Chan.make();
        WaitGroup workers = new WaitGroup();
        workers.add(2);
        for (int i = 0; i < 2; i++) {
            go(() -> {
                for (String job : jobs) {
                    System.out.println("done: " + job);
                }
                workers.done();
            });
        }
        jobs.send("first job");
        jobs.send("second job");
        // Here jobs.close() is missing.
        workers.await();
        System.out.println("never printed");
    }
}
