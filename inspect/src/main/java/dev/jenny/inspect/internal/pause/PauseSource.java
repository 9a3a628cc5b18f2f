package dev.jenny.inspect.internal.pause;

import java.util.List;

/** Where pauses come from that are asked for when they are needed. */
public interface PauseSource {
    /** No pauses but those that the writer is told of. */
    PauseSource NONE =
            new PauseSource() {
                @Override
                public boolean isDue() {
                    return true;
                }

                @Override
                public List<Pause> take() {
                    return List.of();
                }
            };

    /** Whether asking costs little now; a generation may last until then. */
    boolean isDue();

    /** The pauses up to now that were not taken before. */
    List<Pause> take();
}
