package dev.jenny.internal.sched;

import dev.jenny.Task;

/**
 * What ends a wait of one of our own primitives when a context is done. Given to {@code afterFunc}
 * it is no function in a goroutine of its own: whoever cancels the context runs it, so that the
 * wait ends even if there is no memory for a goroutine. Therefore it neither blocks, nor throws,
 * nor takes memory, nor calls user code.
 */
public interface CancelHook extends Task {
    @Override
    void run();
}
