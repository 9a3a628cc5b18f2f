package dev.jenny.inspect.internal.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What the numbers of stacks and wait reasons mean that the reader of a file hands to a {@link
 * Sink}. It grows with the places in the program, not with the trace. For one thread.
 */
public final class Names {
    /** The number of a stack that is not known. */
    public static final int NONE = 0;

    /** A goroutine that does not move on for a system call, in traces of Go programs. */
    public static final String SYSCALL = "syscall";

    private record Stack(String place, String root) {}

    private final Map<Stack, Integer> numbers = new HashMap<>();
    private final List<Stack> stacks = new ArrayList<>(List.of(new Stack("", "")));
    private final Map<String, Integer> reasonNumbers = new HashMap<>();
    private final List<String> reasons = new ArrayList<>();
    private long[] spawned = {}; // goroutines, in order
    private int[] sites = {}; // where each of them was started

    /**
     * The number of a stack.
     *
     * @param place the innermost line of the program's own
     * @param root the outermost line
     */
    public int stack(String place, String root) {
        return number(new Stack(place, root), stacks, numbers);
    }

    /** The number of a reason to wait. */
    public int reason(String text) {
        return number(text, reasons, reasonNumbers);
    }

    private static <T> int number(T value, List<T> list, Map<T, Integer> numbers) {
        Integer known = numbers.get(value);
        if (known != null) {
            return known;
        }
        numbers.put(value, list.size());
        list.add(value);
        return list.size() - 1;
    }

    /** The innermost line of the program's own in that stack; empty if not known. */
    public String place(int stack) {
        return stacks.get(stack).place;
    }

    /** The outermost line of that stack: what the goroutine was started with. */
    public String root(int stack) {
        return stacks.get(stack).root;
    }

    /** A reason in words; empty for a negative number. */
    public String reasonText(int reason) {
        return reason < 0 ? "" : reasons.get(reason);
    }

    /** The stack where {@code g} was started, if the file tells it apart from its creation. */
    public int site(long g) {
        int i = Arrays.binarySearch(spawned, g);
        return i < 0 ? NONE : sites[i];
    }

    /** {@code goroutines} were started at {@code stacks}; both have the same length. */
    void spawned(long[] goroutines, int[] stacks) {
        Objects.checkFromIndexSize(0, goroutines.length, stacks.length);
        Integer[] order = new Integer[goroutines.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Long.compare(goroutines[a], goroutines[b]));
        spawned = new long[order.length];
        sites = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            spawned[i] = goroutines[order[i]];
            sites[i] = stacks[order[i]];
        }
    }
}
