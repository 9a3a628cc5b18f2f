package dev.jenny.inspect.internal.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.internal.sched.SpawnSite;
import dev.jenny.sync.WaitGroup;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class SiteLoadsTest {
    private static final long S = 1_000_000_000;

    private static SpawnSite site(String method) {
        return SpawnSite.all().stream()
                .filter(s -> String.valueOf(Model.siteOf(s)).contains("SiteLoadsTest." + method))
                .findFirst()
                .orElseThrow();
    }

    private static void startMany() throws InterruptedException {
        WaitGroup all = new WaitGroup();
        for (int i = 0; i < 100_000; i++) {
            all.add(1);
            Go.go(all::done);
        }
        all.await();
    }

    @Test
    void goroutinesThatWereStartedAreCounted() throws Exception {
        SiteLoads loads = new SiteLoads();
        startMany();
        long before = site("startMany").stats.aboutCreated();
        loads.look(S);
        startMany();
        SiteLoads.Load load =
                loads.loads(3 * S).stream()
                        .filter(l -> l.site() == site("startMany"))
                        .findFirst()
                        .orElseThrow();
        assertThat(load.started() - before).isBetween(80_000L, 120_000L);
        assertThat(load.startedPerSecond()).isEqualTo((load.started() - before) / 2.0);
        assertThat(load.cores()).isZero();
    }

    @Test
    void looksThatFindThemRunningAreSharesOfCores() throws Exception {
        startMany();
        SpawnSite site = site("startMany");
        SiteLoads loads = new SiteLoads();
        for (int second = 1; second <= 30; second++) {
            for (int i = 0; i < 4; i++) {
                loads.look(second * S + i);
                if (second > 25 && i > 0) {
                    loads.running(site);
                    loads.running(site); // on another P
                }
            }
        }
        List<SiteLoads.Load> all = loads.loads(30 * S);
        assertThat(all)
                .singleElement()
                .satisfies(l -> assertThat(l.cores()).isBetween(0.6, 0.9)); // 5 of 11 s, 1.5 of 2
    }

    private static void spin(AtomicBoolean over) {
        while (!over.get()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aGoroutineThatBurnsACoreIsSeen() throws Exception {
        Assumptions.assumeTrue(GoRuntime.mode().equals("custom"));
        AtomicBoolean over = new AtomicBoolean();
        var g = Go.go(() -> spin(over));
        try (Sampler sampler = new Sampler(new Feed())) {
            sampler.look();
            while (sampler.loads().stream()
                    .noneMatch(l -> l.site() == site("aGoroutine") && l.cores() > .5)) {
                sampler.look();
            }
        } finally {
            over.set(true);
            g.join();
        }
    }
}
