package dev.jenny;

import static dev.jenny.Go.go;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.support.JavaProcess;
import dev.jenny.support.JavaProcess.Result;
import dev.jenny.sync.WaitGroup;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An exception that leaves a goroutine under jenny run: Go's report, and exit code 2. */
@Timeout(90)
class PanicReportTest {
    private static Result panic(String how) throws InterruptedException {
        Result r = JavaProcess.of(Panics.class).args(how).run();
        assertThat(r.exitCode()).as(r.toString()).isEqualTo(2);
        assertThat(r.out()).isEqualTo("printed before\n");
        return r;
    }

    @Test
    void ofAGoroutine() throws Exception {
        String err = panic("goroutine").err();
        assertThat(err)
                .matches(
                        Pattern.compile(
                                """
                                panic: java\\.lang\\.IllegalStateException: boom

                                goroutine \\d+ \\[running]:
                                dev\\.jenny\\.PanicReportTest\\$Panics\\.fail\\(\\.\\.\\.\\)
                                \tPanicReportTest\\.java:\\d+
                                (?s:.*)\
                                created by dev\\.jenny\\.PanicReportTest\\$Panics\\.main in goroutine 1
                                \tPanicReportTest\\.java:\\d+
                                """));
        assertThat(err).doesNotContain("dev.jenny.internal", "java.lang.VirtualThread");
    }

    @Test
    void ofMain() throws Exception {
        String err = panic("main").err();
        assertThat(err)
                .startsWith(
                        "panic: java.lang.IllegalStateException: boom\n\ngoroutine 1 [running]:\n")
                .contains("PanicReportTest$Panics.main(...)\n")
                .doesNotContain("created by");
    }

    @Test
    void withACauseAndSuppressedExceptions() throws Exception {
        assertThat(panic("cause").err())
                .startsWith("panic: java.lang.RuntimeException: outer\n\ngoroutine ")
                .contains("\ncaused by: java.lang.IllegalStateException: boom\n")
                .contains("\nsuppressed: java.lang.ArithmeticException: on close\n");
    }

    @Test
    void whoseMessageHasSeveralLines() throws Exception {
        assertThat(panic("lines").err())
                .startsWith("panic: java.lang.IllegalStateException: one\n\ttwo\n\tthree\n\n");
    }

    @Test
    void whoseMessageCannotBeHad() throws Exception {
        assertThat(panic("toString").err())
                .startsWith("panic: dev.jenny.PanicReportTest$Unprintable")
                .contains("goroutine ");
    }

    @Test
    void withADeepStackItElidesTheMiddle() throws Exception {
        String err = panic("deep").err();
        assertThat(err)
                .startsWith("panic: java.lang.StackOverflowError")
                .containsPattern("\n\\.\\.\\.\\d+ frames elided\\.\\.\\.\n");
        assertThat(err.lines().filter(l -> l.contains("Panics.deep(...)")).count())
                .isBetween(50L, 100L);
    }

    @Test
    void ofSeveralAtOnceIsPrintedOnce() throws Exception {
        String err = panic("several").err();
        assertThat(err.split("panic: ", -1)).hasSize(2);
    }

    @Test
    void isPrintedAlthoughMainReturns() throws Exception {
        for (int i = 0; i < 3; i++) {
            Result r = JavaProcess.of(Panics.class).args("race").run();
            if (r.exitCode() == 0) {
                continue; // main was faster: the goroutine is dropped, as in Go
            }
            assertThat(r.exitCode()).as(r.toString()).isEqualTo(2);
            assertThat(r.err()).contains("boom").contains("goroutine ");
        }
    }

    @Test
    void comesAfterTheFinallyBlocksAndShutdownHooksRun() throws Exception {
        Result r = JavaProcess.of(Panics.class).args("hooks").run();
        assertThat(r.exitCode()).as(r.toString()).isEqualTo(2);
        assertThat(r.out()).isEqualTo("printed before\nfinally\nhook\n");
        assertThat(r.err()).startsWith("panic: java.lang.IllegalStateException: boom\n");
    }

    @Test
    void isReplacedByTheProgramsOwnHandler() throws Exception {
        Result r = JavaProcess.of(Panics.class).args("handler").run();
        assertThat(r.out()).as(r.toString()).isEqualTo("printed before\nhandled boom\ngoes on\n");
        assertThat(r.err()).isEmpty();
        assertThat(r.exitCode()).isZero();
    }

    @Test
    void isNotPrintedByAnEmbeddedProgram() throws Exception {
        Result r = JavaProcess.of(Panics.class).args("embedded").embedded().run();
        assertThat(r.exitCode()).as(r.toString()).isZero();
        assertThat(r.out()).isEqualTo("printed before\ngoes on\n");
        assertThat(r.err()).contains("IllegalStateException: boom").doesNotContain("panic:");
    }

    static final class Unprintable extends RuntimeException {
        @Override
        public String toString() {
            throw new IllegalStateException("in toString");
        }
    }

    static final class Panics {
        public static void main(String[] args) throws Exception {
            System.out.println("printed before");
            Chan<Integer> never = Chan.make();
            switch (args[0]) {
                case "goroutine" -> {
                    go(() -> fail());
                    never.recv();
                }
                case "main" -> fail();
                case "cause" -> {
                    go(() -> {
                        try {
                            fail();
                        } catch (IllegalStateException e) {
                            RuntimeException outer = new RuntimeException("outer", e);
                            outer.addSuppressed(new ArithmeticException("on close"));
                            throw outer;
                        }
                    });
                    never.recv();
                }
                case "lines" -> throw new IllegalStateException("one\ntwo\nthree");
                case "toString" -> throw new Unprintable();
                case "deep" -> deep(0);
                case "several" -> {
                    Chan<Integer> start = Chan.make();
                    for (int i = 0; i < 20; i++) {
                        go(() -> {
                            start.recv();
                            fail();
                        });
                    }
                    start.close();
                    never.recv();
                }
                case "race" -> {
                    Chan<Integer> started = Chan.make();
                    go(() -> {
                        started.close();
                        fail();
                    });
                    started.recv();
                }
                case "hooks" -> {
                    Runtime.getRuntime()
                            .addShutdownHook(new Thread(() -> System.out.println("hook")));
                    go(() -> {
                        try {
                            fail();
                        } finally {
                            System.out.println("finally");
                        }
                    });
                    never.recv();
                }
                case "handler" -> {
                    Chan<String> handled = Chan.make();
                    GoRuntime.onPanic((g, e) -> {
                        try {
                            handled.send("handled " + e.getMessage());
                        } catch (InterruptedException x) {
                            throw new AssertionError(x);
                        }
                    });
                    go(() -> fail());
                    System.out.println(handled.recv());
                    System.out.println("goes on");
                }
                case "embedded" -> {
                    go(() -> fail()).join();
                    System.out.println("goes on");
                }
                default -> throw new AssertionError(args[0]);
            }
        }

        static void fail() {
            throw new IllegalStateException("boom");
        }

        static int deep(int n) {
            return n == Integer.MAX_VALUE ? 0 : deep(n + 1) + 1;
        }
    }

    @Test
    void ofAWaitGroupsGoroutineWinsOverAwait() throws Exception {
        Result r = JavaProcess.of(InWaitGroup.class).run();
        assertThat(r.exitCode()).as(r.toString()).isEqualTo(2);
        assertThat(r.err()).startsWith("panic: java.lang.IllegalStateException: boom\n");
        assertThat(r.out()).isEmpty();
    }

    static final class InWaitGroup {
        public static void main(String[] args) throws InterruptedException {
            WaitGroup wg = new WaitGroup();
            wg.go(Panics::fail);
            wg.await();
            System.out.println("await has returned");
        }
    }

    /** Where not even a report can be made, the program ends all the same. */
    @Test
    void inAHeapThatStaysFull() throws Exception {
        Result r = JavaProcess.of(FullHeap.class).option("-Xmx32m").run();
        assertThat(r.exitCode()).as(r.toString()).isEqualTo(2);
        assertThat(r.err()).contains("panic: java.lang.OutOfMemoryError");
    }

    static final class FullHeap {
        static volatile Node kept;

        record Node(Node next, long[] some) {}

        public static void main(String[] args) throws InterruptedException {
            go(() -> {
                for (; ; ) {
                    kept = new Node(kept, new long[2]);
                }
            });
            Chan.make().recv();
        }
    }
}
