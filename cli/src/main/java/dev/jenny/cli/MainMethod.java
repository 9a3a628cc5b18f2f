package dev.jenny.cli;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds what to run in a class, by the rules of the java launcher (JEP 512): static or instance,
 * with or without args.
 */
final class MainMethod {
    private MainMethod() {}

    /**
     * The main method of the first of {@code classNames} that has one, as a handle of type {@code
     * ()void}. Loads classes, but initializes none: the program's static initializers are to run in
     * goroutine 1.
     */
    static MethodHandle find(List<String> classNames, ClassLoader loader, String[] args) {
        for (String name : classNames) {
            try {
                Class<?> type = Class.forName(name, false, loader);
                Method main = findIn(type);
                if (main != null) {
                    return bind(type, main, args);
                }
            } catch (ClassNotFoundException e) {
                throw new UserError(
                        1,
                        "no class " + name + " on the class path: check the name, or add -cp PATH");
            } catch (LinkageError e) { // of a type in the signature of one of its methods, too
                throw new UserError(
                        1, "cannot load class " + name + ": " + e + ": rebuild it, or correct -cp");
            }
        }
        throw new UserError(
                1,
                "no main method in class "
                        + classNames.get(0)
                        + ": add 'void main()' or 'public static void main(String[] args)'");
    }

    /** {@code main(String[])} wins over {@code main()}, whichever is static. */
    static @Nullable Method findIn(Class<?> type) {
        Method withArgs = findIn(type, type, String[].class);
        return withArgs != null ? withArgs : findIn(type, type);
    }

    private static @Nullable Method findIn(
            @Nullable Class<?> type, Class<?> mainClass, Class<?>... parameters) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            try {
                Method method = c.getDeclaredMethod("main", parameters);
                if (isCandidate(method, mainClass)) {
                    return method;
                }
            } catch (NoSuchMethodException e) {
                // look further up
            }
        }
        try {
            Method inherited = mainClass.getMethod("main", parameters); // a default method
            return isCandidate(inherited, mainClass) ? inherited : null;
        } catch (NoSuchMethodException e) {
            return null;
        }
    }

    private static boolean isCandidate(Method method, Class<?> mainClass) {
        int modifiers = method.getModifiers();
        boolean packagePrivate =
                (modifiers & (Modifier.PUBLIC | Modifier.PROTECTED | Modifier.PRIVATE)) == 0;
        Class<?> owner = method.getDeclaringClass();
        return method.getReturnType() == void.class
                && !Modifier.isPrivate(modifiers)
                && !Modifier.isAbstract(modifiers)
                && (!packagePrivate || owner.getPackageName().equals(mainClass.getPackageName()))
                && (Modifier.isStatic(modifiers) || !Modifier.isAbstract(mainClass.getModifiers()));
    }

    private static MethodHandle bind(Class<?> type, Method main, String[] args) {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            main.setAccessible(true);
            MethodHandle handle = lookup.unreflect(main);
            if (!Modifier.isStatic(main.getModifiers())) {
                Constructor<?> constructor = type.getDeclaredConstructor();
                if (Modifier.isPrivate(constructor.getModifiers())) {
                    throw new NoSuchMethodException();
                }
                constructor.setAccessible(true);
                // The object is made when the handle is called, so its constructor runs in
                // goroutine 1, too.
                MethodHandle create =
                        lookup.unreflectConstructor(constructor)
                                .asType(MethodType.methodType(main.getDeclaringClass()));
                handle = MethodHandles.foldArguments(handle, create);
            }
            if (handle.type().parameterCount() == 1) {
                handle = MethodHandles.insertArguments(handle, 0, (Object) args);
            }
            return handle;
        } catch (NoSuchMethodException e) {
            throw new UserError(
                    1,
                    "class "
                            + type.getName()
                            + " has an instance main method, but no constructor without parameters: add one, or make main"
                            + " static");
        } catch (IllegalAccessException e) {
            throw new UserError(1, "cannot call " + main + ": make it public");
        }
    }
}
