package com.example.app;

import dev.jenny.GoRuntime;

/** Prints the runtime's mode and the result, which run-all.sh checks. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        long sum = SumOfSquares.compute(1000, 4);
        System.out.println("mode: " + GoRuntime.mode());
        System.out.println("1² + … + 1000² = " + sum);
    }
}
