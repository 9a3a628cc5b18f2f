package dev.jenny.inspect.internal.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.internal.event.Batch;
import dev.jenny.internal.event.Recorder;
import dev.jenny.internal.sched.Probe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("there is one recording")
class RecordingTest {
    private static final double MUCH = 2 * Recording.BUSY;

    @AfterEach
    void end() {
        Recording.stop();
    }

    @Test
    void aBusyProgramIsNotRecordedBecauseSomebodyWatches() {
        Recording.watched(MUCH);
        assertThat(Recording.state()).isEqualTo("busy");
        Recording.watched(.9 * Recording.BUSY); // not yet: recording would slow it to this
        assertThat(Recording.state()).isEqualTo("busy");
        Recording.watched(.1 * Recording.BUSY);
        assertThat(Recording.state()).isEqualTo("on");
        Recording.watched(.9 * Recording.BUSY);
        assertThat(Recording.state()).isEqualTo("on");
        Recording.watched(MUCH);
        assertThat(Recording.state()).isEqualTo("busy");
        Recording.unwatched(MUCH);
        assertThat(Recording.state()).isNotEqualTo("on");
    }

    @Test
    void whatCostsLittleIsRecordedThoughNobodyWatches() {
        assertThat(Recording.isSmall(2, 1L << 30)).isTrue();
        assertThat(Recording.isSmall(64, 1L << 30)).as("rings of 8 MB each").isFalse();
        Assumptions.assumeTrue(
                Recording.isSmall(GoRuntime.gomaxprocs(), Runtime.getRuntime().maxMemory()));
        Recording.unwatched(.1 * Recording.BUSY);
        assertThat(Recording.state()).isEqualTo("on");
        Recording.unwatched(MUCH);
        assertThat(Recording.state()).isEqualTo("busy");
    }

    /** Rings of 64 MB, and three times that to look at them, were too much for a heap of 256. */
    @Test
    void ofASmallHeapTheRingsTakeASmallPart() {
        Assumptions.assumeTrue(System.getProperty("jenny.traceMegabytes") == null);
        assertThat(Recording.bytesPerP(2, 4L << 30)).isEqualTo(8 << 20);
        assertThat(Recording.bytesPerP(8, 256 << 20)).isEqualTo(1 << 20);
        Recording.want(1);
        try (Recorder recorder = Recorder.join()) {
            long events = Recording.bytesPerP(1, Runtime.getRuntime().maxMemory()) / 16;
            int ps = GoRuntime.gomaxprocs();
            assertThat(recorder.capacity()).isLessThanOrEqualTo(ps * events);
        }
    }

    @Test
    void noMoreEventsAreMergedThanThereIsMemoryFor() {
        assertThat(TracePages.most(1000, 0)).isEqualTo(1000);
        assertThat(TracePages.most(10_000_000, 0)).isEqualTo(TracePages.LEAST);
        assertThat(TracePages.most(10_000_000, 64 << 20)).isEqualTo(1 << 20);
        assertThat(TracePages.most(10_000_000, 4L << 30)).isEqualTo(10_000_000);
    }

    @Test
    void whoAsksGetsARecordingAllTheSame() {
        Recording.watched(MUCH);
        long since = Recording.want(60);
        Recording.watched(MUCH);
        Recording.unwatched(MUCH);
        assertThat(Recording.state()).isEqualTo("on");
        assertThat(Recording.want(1)).as("it goes on").isEqualTo(since);
        Recording.watched(MUCH);
        assertThat(Recording.state()).isEqualTo("on");
    }

    /**
     * The dashboard's slow motion asked half a moment after the page was opened, and got nothing.
     */
    @Test
    void aRecordingThatHasJustBegunIsWaitedFor() throws Exception {
        long begin = System.nanoTime();
        Recording.watched(0); // somebody has opened the dashboard
        Recording.last(1, List::size);
        assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(1_000_000_000);
    }

    /** {@code trace analyze --last} of a program with {@code --flight} waited for a minute. */
    @Test
    @Timeout(50)
    void whatAFlightRecorderHasIsThere() throws Exception {
        try (Recorder flight = Recorder.start(1 << 20)) {
            Go.go(() -> {}).join();
            int batches = Recording.last(60, List::size);
            assertThat(batches).isPositive();
            assertThat(flight.capacity()).isPositive();
        }
    }

    @Test
    void whatIsAskedForIsRecordedToTheEndThoughOthersStop() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        AtomicReference<List<Batch>> batches = new AtomicReference<>();
        Thread client =
                Thread.startVirtualThread(() -> {
                    try {
                        asked.countDown();
                        batches.set(Recording.last(1, all -> all));
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
        asked.await();
        while (!Recording.state().equals("on")) {
            Thread.onSpinWait();
        }
        Recording.stop();
        Go.go(() -> {}).join();
        client.join();
        assertThat(batches.get()).isNotEmpty();
    }

    /**
     * Who is runnable is known from there on: the events of another P may be overwritten before.
     */
    @Test
    void aTraceTellsFromWhenOnItIsWhole() throws Exception {
        Assumptions.assumeTrue(Probe.custom());
        try (Recorder small = Recorder.start(1)) {
            Go.go(() -> {}).join();
            assertThat(whole(small)).isZero();
            for (int i = 0; i < small.capacity(); i++) {
                Go.go(() -> {}).join(); // more than one event each
            }
            assertThat(whole(small)).isPositive();
        }
    }

    private static long whole(Recorder recorder) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Timeline(recorder.snapshot(), recorder.since(), System.nanoTime(), 1_000_000)
                .write(out, List.of());
        ByteBuffer file = ByteBuffer.wrap(out.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
        String head = new String(file.array(), 12, file.getInt(8), StandardCharsets.UTF_8);
        return MiniJson.number(MiniJson.object(head.strip()).get("whole"));
    }
}
