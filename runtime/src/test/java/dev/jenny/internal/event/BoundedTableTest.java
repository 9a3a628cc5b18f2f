package dev.jenny.internal.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BoundedTableTest {
    private record Key(String place, String detail) {}

    private static final class Keys implements BoundedTable.Keys<Key> {
        @Override
        public boolean isDetailed(Key k) {
            return !k.detail.isEmpty();
        }

        @Override
        public Key plain(Key k) {
            return new Key(k.place, "");
        }

        @Override
        public Key rest(Key k) {
            return new Key("rest", "");
        }
    }

    private final BoundedTable<Key, AtomicInteger> table =
            new BoundedTable<>(8, new Keys(), AtomicInteger::new);

    private void count(String place, String detail) {
        table.get(new Key(place, detail)).incrementAndGet();
    }

    private Map<String, Integer> counts() {
        Map<String, Integer> all = new TreeMap<>();
        table.forEach((k, v) -> all.put(k.place + k.detail, v.get()));
        return all;
    }

    @Test
    void detailsHaveAQuarterOfTheRoom() {
        count("a", "1");
        count("a", "2");
        count("a", "3");
        count("a", "4");
        count("a", "1");
        assertThat(counts()).isEqualTo(Map.of("a1", 2, "a2", 1, "a", 2));
    }

    @Test
    void whatFindsNoRoomSharesOneEntry() {
        for (char c = 'a'; c <= 'j'; c++) {
            count(String.valueOf(c), "");
        }
        count("k", "1");
        count("a", "1");
        count("h", "");
        assertThat(counts()).hasSize(9).containsEntry("rest", 3).containsEntry("a", 2);
        assertThat(counts()).containsEntry("h", 2).doesNotContainKeys("i", "j", "k");
    }

    @Test
    void aClearedTableHasRoomAgain() {
        for (char c = 'a'; c <= 'j'; c++) {
            count(String.valueOf(c), "");
        }
        table.clear();
        count("z", "1");
        assertThat(counts()).isEqualTo(Map.of("z1", 1));
    }
}
