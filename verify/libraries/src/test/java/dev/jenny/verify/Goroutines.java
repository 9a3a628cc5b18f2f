package dev.jenny.verify;

import static dev.jenny.Go.go;

import dev.jenny.Chan;
import java.util.ArrayList;
import java.util.List;

/** Runs tasks in goroutines and brings their failures back to the test. */
final class Goroutines {
    /** A task with a result. */
    interface Work<R> {
        R run(int i) throws Exception;
    }

    private Goroutines() {}

    /** Runs {@code work} in {@code n} goroutines at once; their results, in no order. */
    static <R> List<R> all(int n, Work<R> work) throws Exception {
        Chan<Object> results = Chan.make(n);
        for (int i = 0; i < n; i++) {
            int k = i;
            go(() -> {
                try {
                    results.send(work.run(k));
                } catch (Throwable t) {
                    results.send(new Failure(t));
                }
            });
        }
        List<R> out = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            Object r = results.recv();
            if (r instanceof Failure f) {
                throw new AssertionError("in a goroutine", f.cause());
            }
            @SuppressWarnings("unchecked")
            R result = (R) r;
            out.add(result);
        }
        return out;
    }

    private record Failure(Throwable cause) {}
}
