package dev.jenny.inspect.internal.model;

import dev.jenny.internal.sched.Probe;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells the program's own frames from those of the JDK and of Jenny. */
public final class UserCode {
    private static final List<String> OTHERS =
            List.of("java.", "javax.", "jdk.", "sun.", "dev.jenny.sync.", "dev.jenny.internal.");

    private UserCode() {}

    /** Whether {@code f} is none of the JDK's frames nor of Jenny's primitives. */
    static boolean is(Frame f) {
        return OTHERS.stream().noneMatch(f.function()::startsWith)
                && !f.function().matches("dev\\.jenny\\.[A-Z].*");
    }

    /** Where the program's own code is in {@code stack}; null if it is not there. */
    public static @Nullable Frame in(List<Frame> stack) {
        return stack.stream().filter(UserCode::is).findFirst().orElse(null);
    }

    /** The line of the program where {@code t} is; null if its stack has none. */
    static @Nullable Frame at(Thread t) {
        List<Frame> stack = new ArrayList<>();
        Probe.trim(t.getStackTrace()).forEach(f -> stack.add(Frame.of(f)));
        return in(stack);
    }

    /** The frames of {@code stack} that the program's own code has called, the innermost first. */
    static List<Frame> below(List<Frame> stack) {
        int n = 0;
        while (n < stack.size() && !is(stack.get(n))) {
            n++;
        }
        return stack.subList(0, n);
    }
}
