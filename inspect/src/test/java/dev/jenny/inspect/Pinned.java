package dev.jenny.inspect;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;

/**
 * Blocks a goroutine so that its thread cannot be freed: in a class initializer, of a class that is
 * loaded anew for each time.
 */
public final class Pinned {
    private static volatile CountDownLatch release;

    private Pinned() {}

    /** Blocks the calling goroutine's M until {@code until} is zero. One at a time. */
    public static void await(CountDownLatch until) throws Exception {
        release = until;
        String name = Pinned.class.getName() + "$Initializer";
        ClassLoader anew =
                new ClassLoader(Pinned.class.getClassLoader()) {
                    @Override
                    protected Class<?> loadClass(String n, boolean resolve)
                            throws ClassNotFoundException {
                        if (!n.equals(name)) {
                            return super.loadClass(n, resolve);
                        }
                        byte[] b = bytes(n);
                        return defineClass(n, b, 0, b.length);
                    }
                };
        Class.forName(name, true, anew);
    }

    private static byte[] bytes(String name) throws ClassNotFoundException {
        String file = name.substring(name.lastIndexOf('.') + 1) + ".class";
        try (InputStream in = Pinned.class.getResourceAsStream(file)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    /** Called by the initializer. */
    public static void block() {
        try {
            release.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Blocks where it is initialized. */
    public static final class Initializer {
        static {
            block();
        }

        private Initializer() {}
    }
}
