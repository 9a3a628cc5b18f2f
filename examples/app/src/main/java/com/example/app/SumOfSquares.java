package com.example.app;

import static dev.jenny.Go.go;
import static dev.jenny.Select.after;
import static dev.jenny.Select.recv;
import static dev.jenny.Select.select;

import dev.jenny.Chan;
import dev.jenny.sync.WaitGroup;
import java.time.Duration;

/** A pipeline: one goroutine produces numbers, some workers square them, the caller adds up. */
public final class SumOfSquares {
    private SumOfSquares() {}

    /** Returns 1² + 2² + … + n². */
    public static long compute(int n, int workers) throws InterruptedException {
        Chan<Integer> numbers = Chan.make();
        Chan<Long> squares = Chan.make(16);

        go(() -> {
            for (int i = 1; i <= n; i++) {
                numbers.send(i);
            }
            numbers.close(); // ends the workers' loops
        });

        WaitGroup working = new WaitGroup();
        for (int w = 0; w < workers; w++) {
            working.go(() -> {
                for (int number : numbers) {
                    squares.send((long) number * number);
                }
            });
        }
        go(() -> {
            working.await();
            squares.close(); // ends the loop below
        });

        long sum = 0;
        while (true) {
            Long square =
                    select(
                            recv(squares, value -> value),
                            after(
                                    Duration.ofSeconds(10),
                                    () -> {
                                        throw new IllegalStateException("no result for 10 s");
                                    }));
            if (square == null) { // closed and drained
                return sum;
            }
            sum += square;
        }
    }
}
