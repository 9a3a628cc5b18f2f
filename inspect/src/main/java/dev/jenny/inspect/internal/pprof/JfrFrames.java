package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.model.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedStackTrace;
import org.jspecify.annotations.Nullable;

/** Stacks as the JDK's flight recorder gives them. */
final class JfrFrames {
    /** What lies below every goroutine's own first frame. */
    private static final Set<String> ROOTS =
            Set.of(
                    "java.lang.Thread",
                    "java.lang.VirtualThread",
                    "java.lang.VirtualThread$VThreadContinuation",
                    "java.lang.VirtualThread$VThreadContinuation$1",
                    "java.lang.ThreadBuilders$BoundVirtualThread",
                    "jdk.internal.vm.Continuation",
                    "dev.jenny.internal.sched.G");

    private JfrFrames() {}

    /** The frames, the innermost first, without those below a goroutine's own. */
    static List<Frame> of(@Nullable RecordedStackTrace trace) {
        if (trace == null) {
            return List.of();
        }
        List<Frame> frames = new ArrayList<>();
        for (RecordedFrame f : trace.getFrames()) {
            if (f.isJavaFrame()) {
                RecordedMethod method = f.getMethod();
                String type = method.getType().getName();
                frames.add(
                        new Frame(
                                type + "." + method.getName(),
                                file(type),
                                Math.max(0, f.getLineNumber())));
            }
        }
        int end = frames.size();
        while (end > 0 && ROOTS.contains(type(frames.get(end - 1)))) {
            end--;
        }
        // A carrier's or scheduler's own work has nothing but such frames.
        return end == 0 ? frames : frames.subList(0, end);
    }

    private static String type(Frame frame) {
        return frame.function().substring(0, frame.function().lastIndexOf('.'));
    }

    /** The recorder does not know files; a class is in that of its outermost class, mostly. */
    private static String file(String type) {
        String simple = type.substring(type.lastIndexOf('.') + 1);
        int inner = simple.indexOf('$', 1);
        return (inner < 0 ? simple : simple.substring(0, inner)) + ".java";
    }
}
