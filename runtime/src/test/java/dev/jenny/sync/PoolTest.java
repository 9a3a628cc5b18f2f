package dev.jenny.sync;

import static dev.jenny.support.Eventually.eventually;
import static dev.jenny.support.Fork.forks;
import static dev.jenny.support.Fork.joinAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.support.Fork.Kind;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class PoolTest {
    @Test
    void givesBackWhatWasPutPrivateFirstThenTheNewest() {
        withoutGc(() -> {
            Pool<String> pool = new Pool<>();
            assertThat(pool.get()).isNull();
            pool.put("a"); // private
            pool.put("b");
            pool.put("c");
            List<String> got = List.of(pool.get(), pool.get(), pool.get());
            assertThat(pool.get()).isNull();
            assertThat(got).containsExactly("a", "c", "b");
        });
    }

    @Test
    void asksTheSupplierOnlyWhenEmpty() {
        withoutGc(() -> {
            AtomicInteger made = new AtomicInteger();
            Pool<Integer> pool = new Pool<>(made::incrementAndGet);
            assertThat(pool.get()).isEqualTo(1);
            assertThat(pool.get()).isEqualTo(2);
            pool.put(42);
            assertThat(pool.get()).isEqualTo(42);
            assertThat(pool.get()).isEqualTo(3);
        });
        assertThatThrownBy(() -> new Pool<>(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void nullIsIgnored() {
        Pool<String> pool = new Pool<>(() -> "new");
        pool.put(null);
        assertThat(pool.get()).isEqualTo("new");
    }

    @Test
    void findsWhatWasPutOnAnotherP() throws Exception {
        Pool<Integer> pool = new Pool<>();
        Set<Integer> got = new HashSet<>();
        while (got.isEmpty()) { // a collection in between may empty the pool
            joinAll(
                    forks(
                            Kind.PLATFORM,
                            4,
                            () -> {
                                pool.put(1);
                                pool.put(2);
                            }));
            for (Integer x; (x = pool.get()) != null; ) {
                got.add(x);
            }
        }
        assertThat(got).isSubsetOf(1, 2);
    }

    @Test
    void contentsSurviveOneCollection() {
        eventually(() -> {
            int before = quietSequence();
            Pool<Integer> pool = filled();
            collect();
            List<Integer> got = drain(pool);
            if (Pool.GcWatch.sequence() != before + 2) {
                return false; // there was another collection
            }
            assertThat(got).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
            return true;
        });
    }

    @Test
    void contentsDoNotSurviveTwoCollections() {
        quietSequence();
        Pool<Integer> pool = filled();
        collect();
        collect();
        assertThat(drain(pool)).isEmpty();
    }

    @Test
    void aPoolForWhichThereIsNoMemoryDoesNotKeepTheOthersFromBeingCleared() {
        AtomicInteger told = new AtomicInteger();
        Pool.Collected full =
                () -> {
                    told.incrementAndGet();
                    throw new OutOfMemoryError("as if");
                };
        Pool.GcWatch.watch(full);
        Pool<Integer> pool = filled();
        collect();
        collect();
        assertThat(drain(pool)).isEmpty();
        assertThat(told.get()).isPositive();
        Reference.reachabilityFence(full);
    }

    @Test
    void anIdlePoolReleasesItsContentsAndAnUnusedPoolItself() {
        Pool<Object> pool = new Pool<>();
        List<WeakReference<Object>> contents = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Object x = new Object();
            contents.add(new WeakReference<>(x));
            pool.put(x);
        }
        WeakReference<Pool<Object>> unused = new WeakReference<>(new Pool<>());
        eventually(() -> {
            System.gc();
            return contents.stream().allMatch(w -> w.get() == null) && unused.get() == null;
        });
        assertThat(pool.get()).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void nobodyElseGetsAnObjectThatIsInUse(Kind kind) throws Exception {
        Pool<AtomicBoolean> pool = new Pool<>(AtomicBoolean::new);
        joinAll(
                forks(
                        kind,
                        8,
                        () -> {
                            for (int i = 0; i < 20_000; i++) {
                                AtomicBoolean x = pool.get();
                                AtomicBoolean y = i % 3 == 0 ? pool.get() : null;
                                assertThat(x.getAndSet(true)).isFalse();
                                if (i % 100 == 0) {
                                    Thread.yield();
                                }
                                x.set(false);
                                pool.put(x);
                                pool.put(y);
                            }
                        }));
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsHandedOutTwice(Kind kind) throws Exception {
        Pool<Object> pool = new Pool<>();
        Set<Object> got = Collections.newSetFromMap(new IdentityHashMap<>());
        Mutex mu = new Mutex();
        List<dev.jenny.support.Fork> all = new ArrayList<>();
        all.addAll(
                forks(
                        kind,
                        2,
                        () -> {
                            for (int i = 0; i < 5_000; i++) {
                                pool.put(new Object());
                            }
                        }));
        all.addAll(
                forks(
                        kind,
                        4,
                        () -> {
                            for (int i = 0; i < 5_000; i++) {
                                Object x = pool.get();
                                if (x != null) {
                                    mu.lock();
                                    boolean first = got.add(x);
                                    mu.unlock();
                                    assertThat(first).isTrue();
                                }
                            }
                        }));
        joinAll(all);
    }

    private static Pool<Integer> filled() {
        Pool<Integer> pool = new Pool<>();
        for (int i = 0; i < 10; i++) {
            pool.put(i);
        }
        return pool;
    }

    private static List<Integer> drain(Pool<Integer> pool) {
        List<Integer> got = new ArrayList<>();
        for (Integer x; (x = pool.get()) != null; ) {
            got.add(x);
        }
        return got;
    }

    /** Runs {@code test} until no garbage collection came in between. */
    private static void withoutGc(Runnable test) {
        for (; ; ) {
            int before = quietSequence();
            try {
                test.run();
                return;
            } catch (AssertionError | NullPointerException e) {
                if (Pool.GcWatch.sequence() == before) {
                    throw e;
                }
            }
        }
    }

    /** The number of a moment at which the pools are not being told of a collection. */
    private static int quietSequence() {
        eventually(() -> Pool.GcWatch.sequence() % 2 == 0);
        return Pool.GcWatch.sequence();
    }

    /** At least one collection that the pools have been told of. */
    private static void collect() {
        int before = Pool.GcWatch.sequence();
        System.gc();
        eventually(() -> Pool.GcWatch.sequence() >= before + 2);
    }
}
