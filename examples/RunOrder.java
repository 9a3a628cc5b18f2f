import dev.jenny.Chan;
import dev.jenny.sync.WaitGroup;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/*
 * In which order do ten goroutines run that are started one after the other?
 *
 *     ./jenny run --gomaxprocs=1 examples/RunOrder.java
 *     9 0 1 2 3 4 5 6 7 8
 *
 * What to watch: on one P, always the same order, and the same as in Go. A new goroutine takes the
 * P's "runnext" slot and pushes the one that was there to the tail of the P's queue. So when main
 * waits, the youngest goroutine (9) stands in the slot and runs first, then come the others in the
 * order of their start. With more Ps (leave the option out), other Ps steal from the queue, and the
 * order differs from run to run: never rely on it.
 */
public final class RunOrder {
    private RunOrder() {}

    public static void main(String[] args) throws InterruptedException {
        Chan<Integer> order = Chan.make(10); // room for all: nobody waits
        WaitGroup started = new WaitGroup();
        for (int i = 0; i < 10; i++) {
            int number = i;
            started.go(() -> order.send(number));
        }
        started.await();
        order.close();
        System.out.println(
                StreamSupport.stream(order.spliterator(), false)
                        .map(String::valueOf)
                        .collect(Collectors.joining(" ")));
    }
}
