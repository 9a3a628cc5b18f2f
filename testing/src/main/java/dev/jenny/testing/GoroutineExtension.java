package dev.jenny.testing;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.DynamicTestInvocationContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * What {@link CheckGoroutines} registers. Without that annotation it checks with its defaults:
 *
 * {@snippet :
 * @ExtendWith(GoroutineExtension.class)
 * class ShopTest {}
 * }
 */
public final class GoroutineExtension
        implements InvocationInterceptor, AfterEachCallback, AfterAllCallback {
    /** The label that the goroutines of a test or class have; its value is that one's name. */
    public static final String LABEL = "jenny.test";

    private static final Namespace NAMESPACE = Namespace.create(GoroutineExtension.class);

    /** Where a test's {@link Running} is kept. */
    private static final Object OF_TEST = Running.class;

    /** A test or class while it runs. Closed by JUnit if it never comes to its end. */
    private record Running(TestScope scope, TestMain main) implements AutoCloseable {
        @Override
        public void close() {
            main.end();
            scope.close();
        }
    }

    /** For JUnit. */
    public GoroutineExtension() {}

    /** Constructors are a test's own, too; its class's if that has one instance for all tests. */
    @Override
    public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
        return ExtensionContextScope.TEST_METHOD;
    }

    @Override
    public <T> T interceptTestClassConstructor(
            Invocation<T> invocation,
            ReflectiveInvocationContext<Constructor<T>> invocationContext,
            ExtensionContext context)
            throws Throwable {
        return run(invocation, context);
    }

    @Override
    public void interceptBeforeAllMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invocationContext,
            ExtensionContext context)
            throws Throwable {
        run(invocation, context);
    }

    @Override
    public void interceptBeforeEachMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invocationContext,
            ExtensionContext context)
            throws Throwable {
        run(invocation, context);
    }

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invocationContext,
            ExtensionContext context)
            throws Throwable {
        run(invocation, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invocationContext,
            ExtensionContext context)
            throws Throwable {
        run(invocation, context);
    }

    @Override
    public <T extends @Nullable Object> T interceptTestFactoryMethod(
            Invocation<T> invocation,
            ReflectiveInvocationContext<Method> invocationContext,
            ExtensionContext context)
            throws Throwable {
        return run(invocation, context);
    }

    /** Dynamic tests belong to their factory's test; they may run at the same time. */
    @Override
    public void interceptDynamicTest(
            Invocation<@Nullable Void> invocation,
            DynamicTestInvocationContext invocationContext,
            ExtensionContext context)
            throws Throwable {
        Running factory = context.getStore(NAMESPACE).get(OF_TEST, Running.class);
        TestMain main = new TestMain(Objects.requireNonNull(factory).scope(), true);
        try {
            main.run(invocation);
        } finally {
            main.end();
        }
    }

    @Override
    public void interceptAfterEachMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invocationContext,
            ExtensionContext context)
            throws Throwable {
        run(invocation, context);
    }

    @Override
    public void interceptAfterAllMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invocationContext,
            ExtensionContext context)
            throws Throwable {
        run(invocation, context);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        end(context);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        end(context);
    }

    private static void end(ExtensionContext context) {
        Running r = context.getStore(NAMESPACE).remove(key(context), Running.class);
        if (r == null) {
            return;
        }
        r.main().end();
        AssertionError failure = AfterTest.check(r.scope());
        r.close();
        if (failure != null) {
            throw failure;
        }
    }

    private static <T extends @Nullable Object> T run(
            Invocation<T> invocation, ExtensionContext context) throws Throwable {
        return running(context).main().run(invocation);
    }

    private static Running running(ExtensionContext context) {
        Store store = context.getStore(NAMESPACE);
        Object key = key(context);
        Running r = store.get(key, Running.class);
        if (r == null) {
            TestScope scope = TestScope.open(kind(context), name(context), settings(context));
            r = new Running(scope, new TestMain(scope, false));
            store.put(key, r);
        }
        return r;
    }

    /** A store has what those above it have: a class inside another has a key of its own. */
    private static Object key(ExtensionContext context) {
        return kind(context) == TestScope.Kind.TEST ? OF_TEST : context.getUniqueId();
    }

    private static TestScope.Kind kind(ExtensionContext context) {
        return context.getTestMethod().isPresent() ? TestScope.Kind.TEST : TestScope.Kind.CLASS;
    }

    /**
     * {@code ShopTest.Orders.buys#2}: the class, the method, and which time it is run; of a class,
     * {@code ShopTest.Orders}.
     */
    private static String name(ExtensionContext context) {
        Class<?> c = context.getRequiredTestClass();
        int start = c.getPackageName().isEmpty() ? 0 : c.getPackageName().length() + 1;
        String inPackage = c.getName().substring(start).replace('$', '.');
        Method method = context.getTestMethod().orElse(null);
        if (method == null) {
            return inPackage;
        }
        String id = context.getUniqueId();
        int number = id.endsWith("]") ? id.lastIndexOf(":#") : -1;
        boolean last = number > id.lastIndexOf('/');
        return inPackage
                + "."
                + method.getName()
                + (last ? id.substring(number + 1, id.length() - 1) : "");
    }

    private static Settings settings(ExtensionContext context) {
        Optional<CheckGoroutines> found =
                AnnotationSupport.findAnnotation(context.getTestMethod(), CheckGoroutines.class);
        if (found.isEmpty()) {
            found =
                    AnnotationSupport.findAnnotation(
                            context.getRequiredTestClass(),
                            CheckGoroutines.class,
                            context.getEnclosingTestClasses());
        }
        return Settings.of(found.orElse(null), context::getConfigurationParameter);
    }
}
