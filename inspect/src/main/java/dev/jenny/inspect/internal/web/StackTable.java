package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.internal.event.Stacks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The stacks of a trace, numbered in the order in which they appear. It grows with the places in
 * the program, not with the trace.
 */
final class StackTable {
    private final Map<String, Integer> frames = new LinkedHashMap<>();
    private final List<int[]> stacks = new ArrayList<>(List.of(new int[0]));
    private int[] numbers = new int[256]; // by the number in Stacks; 0 if it has not appeared

    /** The number of a stack of {@link Stacks} here; 0 if that is not known. */
    int number(int id) {
        if (id <= Stacks.NONE) {
            return 0;
        }
        if (id >= numbers.length) {
            numbers = Arrays.copyOf(numbers, Math.max(2 * numbers.length, id + 1));
        }
        if (numbers[id] == 0) {
            List<StackTraceElement> stack = Stacks.frames(id);
            if (stack.isEmpty()) {
                return 0;
            }
            numbers[id] = stacks.size();
            stacks.add(stack.stream().mapToInt(this::frame).toArray());
        }
        return numbers[id];
    }

    private int frame(StackTraceElement e) {
        return frames.computeIfAbsent(Frame.of(e).toString(), s -> frames.size());
    }

    /** Writes the members {@code frames} and {@code stacks}, the latter as indices of frames. */
    void write(Json j) {
        j.array("frames");
        frames.keySet().forEach(j::value);
        j.end().array("stacks");
        for (int[] stack : stacks) {
            j.array();
            for (int frame : stack) {
                j.value(frame);
            }
            j.end();
        }
        j.end();
    }
}
