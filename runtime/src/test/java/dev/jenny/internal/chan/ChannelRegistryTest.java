package dev.jenny.internal.chan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ChannelRegistryTest {
    private final ChannelRegistry registry = new ChannelRegistry();

    private List<Channel<?>> all() {
        List<Channel<?>> found = new ArrayList<>();
        registry.visitAll(found::add);
        return found;
    }

    @Test
    void aVisitSeesEachChannelAndEndsWhenTold() {
        Channel<Integer> a = new Channel<>(1);
        Channel<Integer> b = new Channel<>(2);
        registry.add(a);
        registry.add(b);
        assertThat(all()).containsExactlyInAnyOrder(a, b);
        List<Channel<?>> one = new ArrayList<>();
        registry.visitAll(ch -> {
            one.add(ch);
            return false;
        });
        assertThat(one).hasSize(1);
    }

    @Test
    void aChannelThatIsNoLongerUsedIsForgotten() {
        Channel<Integer> used = new Channel<>(1);
        registry.add(used);
        registry.add(new Channel<>(2));
        while (all().size() > 1) {
            System.gc();
        }
        assertThat(all()).containsExactly(used);
        while (registry.size() > 1) {
            registry.purge();
        }
        Reference.reachabilityFence(used);
    }

    @Test
    void unlessAskedForNoChannelIsKept() {
        assertThat(ChannelRegistry.ON).isFalse();
        Chan<Integer> ch = Chan.make();
        List<Channel<?>> found = new ArrayList<>();
        ChannelRegistry.visit(found::add);
        assertThat(found).isEmpty();
        Reference.reachabilityFence(ch);
    }
}
