import static dev.jenny.Go.go;

import dev.jenny.Chan;
import dev.jenny.Goroutine;
import dev.jenny.sync.Mutex;
import java.util.concurrent.atomic.AtomicBoolean;

/*
 * As many events as the trace viewer is to stay fluid with, of many kinds: pairs that pass a value
 * to and fro, a channel and a mutex that several use, sleepers, and goroutines that end at once.
 * Then it only waits, so that the rings keep them.
 *
 *     ./jenny run --inspect --gomaxprocs=2 -J-Djenny.traceMegabytes=128 verify/browser/Events.java
 */
public final class Events {
    private Events() {}

    private static final int SHORT = 600_000;
    private static final int SECONDS = 60;
    private static final AtomicBoolean DONE = new AtomicBoolean();

    public static void main(String[] args) throws InterruptedException {
        for (int i = 0; i < 4; i++) {
            Chan<Integer> there = Chan.make();
            Chan<Integer> back = Chan.make();
            go(() -> {
                while (!DONE.get()) {
                    there.send(1);
                    back.recv();
                }
            });
            go(() -> {
                for (; ; ) {
                    back.send(there.recv());
                }
            });
        }
        Chan<Integer> work = Chan.make(16);
        Mutex lock = new Mutex();
        go(() -> {
            while (!DONE.get()) {
                work.send(1);
            }
        });
        for (int i = 0; i < 8; i++) {
            go(() -> {
                for (; ; ) {
                    work.recv();
                    lock.lock();
                    lock.unlock();
                }
            });
        }
        for (int i = 0; i < 20; i++) {
            go(() -> {
                while (!DONE.get()) {
                    Thread.sleep(1);
                }
            });
        }
        Goroutine starter =
                go(() -> {
                    for (int i = 0; i < SHORT; i++) {
                        go(() -> {}).join();
                    }
                });
        starter.join();
        DONE.set(true);
        System.out.println("ready");
        Thread.sleep(SECONDS * 1000L * 60);
    }
}
