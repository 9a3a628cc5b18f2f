import static dev.jenny.Go.go;

import dev.jenny.Chan;
import dev.jenny.RecvChan;

/*
 * The prime sieve: a chain of goroutines, one per prime, each of which passes on the numbers that
 * its prime does not divide. The first number to come out of a new filter is the next prime.
 *
 *     ./jenny run examples/PrimeSieve.java 100
 *
 * What to watch: nothing here knows how many goroutines there are, and nothing stops them. When
 * main returns, the program ends, and the goroutines with it. Try 2000: that is two thousand
 * goroutines and some 20 million hand-offs.
 */
public final class PrimeSieve {
    private PrimeSieve() {}

    public static void main(String[] args) throws InterruptedException {
        int count = parse(args);
        RecvChan<Integer> numbers = numbersFrom(2);
        for (int i = 0; i < count; i++) {
            int prime = numbers.recv();
            System.out.println(prime);
            numbers = filter(numbers, prime);
        }
    }

    /** Sends first, first + 1, first + 2 and so on. */
    private static RecvChan<Integer> numbersFrom(int first) {
        Chan<Integer> out = Chan.make();
        go(() -> {
            for (int i = first; ; i++) {
                out.send(i);
            }
        });
        return out;
    }

    /** Passes on what {@code prime} does not divide. */
    private static RecvChan<Integer> filter(RecvChan<Integer> in, int prime) {
        Chan<Integer> out = Chan.make();
        go(() -> {
            for (int n : in) {
                if (n % prime != 0) {
                    out.send(n);
                }
            }
        });
        return out;
    }

    private static int parse(String[] args) {
        try {
            if (args.length == 1 && Integer.parseInt(args[0]) >= 0) {
                return Integer.parseInt(args[0]);
            }
        } catch (NumberFormatException e) {
            // said below
        }
        System.err.println("usage: PrimeSieve.java N   (N: how many primes to print, 0 or more)");
        System.exit(2);
        throw new AssertionError();
    }
}
