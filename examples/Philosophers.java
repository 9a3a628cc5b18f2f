import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.sync.WaitGroup;
import java.util.Arrays;
import java.util.List;

/*
 * The dining philosophers: five of them, five forks, and each needs the two beside his plate to
 * eat.
 *
 *     ./jenny run examples/Philosophers.java          all take the lower fork first
 *     ./jenny run examples/Philosophers.java greedy   all take the left fork first
 *
 * What to watch: a fork is a channel with room for one: who receives the fork has it. With an order
 * among the forks, all eat. Without one, all sit with a fork in the left hand and wait for the
 * other; Jenny sees that nobody can ever go on, shows where each of them waits, and ends the
 * program with exit code 2.
 */
public final class Philosophers {
    private Philosophers() {}

    private enum Fork {
        FORK
    }

    private static final List<String> NAMES =
            List.of("Aristotle", "Kant", "Spinoza", "Marx", "Russell");
    private static final int MEALS = 1000;

    public static void main(String[] args) throws InterruptedException {
        boolean greedy = Arrays.equals(args, new String[] {"greedy"});
        if (args.length > 0 && !greedy) {
            System.err.println("usage: Philosophers.java [greedy]");
            System.exit(2);
        }
        int n = NAMES.size();
        List<Chan<Fork>> forks = NAMES.stream().map(name -> Chan.<Fork>make(1)).toList();
        for (Chan<Fork> fork : forks) {
            fork.send(Fork.FORK);
        }
        WaitGroup dinner = new WaitGroup();
        for (int i = 0; i < n; i++) {
            String name = NAMES.get(i);
            int left = i;
            int right = (i + 1) % n;
            Chan<Fork> first = forks.get(greedy ? left : Math.min(left, right));
            Chan<Fork> second = forks.get(greedy ? right : Math.max(left, right));
            dinner.go(() -> dine(name, first, second));
        }
        dinner.await();
    }

    private static void dine(String name, Chan<Fork> first, Chan<Fork> second)
            throws InterruptedException {
        for (int meal = 0; meal < MEALS; meal++) {
            first.recv();
            Go.gosched(); // a thought between the two forks
            second.recv();
            // eats
            second.send(Fork.FORK);
            first.send(Fork.FORK);
        }
        System.out.println(name + " has eaten " + MEALS + " times");
    }
}
