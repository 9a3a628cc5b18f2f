package dev.jenny.inspect.internal.pause;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.GarbageCollectorMXBean;
import com.sun.management.GcInfo;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Objects;
import javax.management.Notification;
import org.junit.jupiter.api.Test;

class BeanPausesTest {
    private static GcInfo collection() {
        System.gc();
        return ManagementFactory.getPlatformMXBeans(GarbageCollectorMXBean.class).stream()
                .map(GarbageCollectorMXBean::getLastGcInfo)
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow();
    }

    /** Who looks at a dashboard for days must not fill the heap with them. */
    @Test
    void of_too_many_pauses_the_last_are_kept() {
        GcInfo gc = collection();
        BeanPauses pauses = new BeanPauses();
        pauses.close(); // from here on it hears only of what follows
        pauses.take();
        for (int i = 0; i < BeanPauses.MOST + 5; i++) {
            var n =
                    new Notification(
                            GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION,
                            this,
                            i);
            n.setUserData(
                    new GarbageCollectionNotificationInfo("gc" + i, "end", "test", gc)
                            .toCompositeData(null));
            pauses.handleNotification(n, this);
        }
        List<Pause> seen = pauses.seen();
        assertThat(seen).hasSize(BeanPauses.MOST);
        assertThat(seen.getFirst().name()).isEqualTo("gc5, test");
        assertThat(seen.getLast().name()).isEqualTo("gc" + (BeanPauses.MOST + 4) + ", test");
        assertThat(pauses.take()).isEqualTo(seen);
        assertThat(pauses.seen()).isEmpty();
    }
}
