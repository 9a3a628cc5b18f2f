package dev.jenny.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MainMethodTest {
    private static final List<String> calls = new ArrayList<>();

    @BeforeEach
    void clear() {
        calls.clear();
    }

    static class Classic {
        public static void main(String[] args) {
            calls.add("classic " + String.join(",", args));
        }
    }

    static class NoArguments {
        static void main() {
            calls.add("static no arguments");
        }
    }

    static class Instance {
        Instance() {
            calls.add("constructor");
        }

        void main(String[] args) {
            calls.add("instance " + String.join(",", args));
        }
    }

    static class Both {
        static void main() {
            calls.add("wrong");
        }

        void main(String[] args) {
            calls.add("with arguments wins");
        }
    }

    static class Inherits extends Instance {}

    interface HasMain {
        default void main() {
            calls.add("default method");
        }
    }

    static class FromInterface implements HasMain {}

    static class Hidden {
        private static void main(String[] args) {
            calls.add("wrong");
        }

        int main() {
            return 1;
        }
    }

    static class NeedsArgument {
        NeedsArgument(int x) {}

        void main() {}
    }

    @Test
    void staticWithArguments() throws Throwable {
        run(Classic.class, "a", "b");
        assertThat(calls).containsExactly("classic a,b");
    }

    @Test
    void staticWithoutArguments() throws Throwable {
        run(NoArguments.class);
        assertThat(calls).containsExactly("static no arguments");
    }

    @Test
    void instanceIsMadeWhenMainIsCalled() throws Throwable {
        var main = MainMethod.find(List.of(Instance.class.getName()), loader(), new String[] {"x"});
        assertThat(calls).isEmpty();
        main.invokeExact();
        assertThat(calls).containsExactly("constructor", "instance x");
    }

    @Test
    void argumentsWinOverStatic() throws Throwable {
        run(Both.class);
        assertThat(calls).containsExactly("with arguments wins");
    }

    @Test
    void inherited() throws Throwable {
        run(Inherits.class, "y");
        run(FromInterface.class);
        assertThat(calls).containsExactly("constructor", "instance y", "default method");
    }

    @Test
    void theFirstClassWithAMainMethodIsRun() throws Throwable {
        MainMethod.find(
                        List.of(Hidden.class.getName(), Classic.class.getName()),
                        loader(),
                        new String[0])
                .invokeExact();
        assertThat(calls).containsExactly("classic ");
    }

    @Test
    void errorsSayWhatToDo() {
        assertThatThrownBy(() -> run(Hidden.class))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("no main method in class")
                .hasMessageContaining("add 'void main()'");
        assertThatThrownBy(() -> run(NeedsArgument.class))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("no constructor without parameters");
        assertThatThrownBy(() -> MainMethod.find(List.of("No"), loader(), new String[0]))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("no class No on the class path");
    }

    private static void run(Class<?> type, String... args) throws Throwable {
        MainMethod.find(List.of(type.getName()), loader(), args).invokeExact();
    }

    private static ClassLoader loader() {
        return MainMethodTest.class.getClassLoader();
    }
}
