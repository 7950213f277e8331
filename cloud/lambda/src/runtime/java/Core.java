package slam.lambda;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** The interfaces of aws-lambda-java-core, as the function's package brings them. */
final class Core {
    private static final String PACKAGE = "com.amazonaws.services.lambda.runtime.";

    final ClassLoader loader;
    /** What AWS's appender for Log4j tells the runtime; null without it. */
    private final Class<?> internal;
    /** LambdaLogger, once something asked for it. */
    private Object logger;

    Core(ClassLoader loader) {
        this.loader = loader;
        internal = find("LambdaRuntimeInternal");
    }

    /** A class of the library, or null when the function does not bring it. */
    Class<?> find(String name) {
        try {
            return Class.forName(PACKAGE + name, true, loader);
        } catch (ClassNotFoundException | LinkageError absent) {
            return null;
        }
    }

    static boolean isContext(Object type) {
        return type instanceof Class && ((Class<?>) type).getName().equals(PACKAGE + "Context");
    }

    /** Whether it is for the lack of this library that something cannot be loaded. */
    static boolean isOf(Throwable thrown) {
        return String.valueOf(thrown.getMessage()).replace('/', '.').startsWith(PACKAGE);
    }

    /** Gives an interface of the library this behaviour. */
    Object implement(Class<?> type, InvocationHandler behaviour) {
        return Proxy.newProxyInstance(loader, new Class<?>[] {type}, (proxy, method, arguments) -> {
            if (method.getDeclaringClass() != Object.class) {
                return behaviour.invoke(proxy, method, arguments);
            }
            switch (method.getName()) {
                case "equals":
                    return proxy == arguments[0];
                case "hashCode":
                    return System.identityHashCode(proxy);
                default:
                    return type.getName() + "@" + Integer.toHexString(System.identityHashCode(proxy));
            }
        });
    }

    Object logger() {
        if (logger == null) {
            logger = implement(find("LambdaLogger"), (proxy, method, arguments) -> {
                String level = arguments.length > 1 ? ((Enum<?>) arguments[1]).name() : "UNDEFINED";
                if (arguments[0] instanceof byte[]) {
                    Log.log((byte[]) arguments[0], level);
                } else {
                    Log.log((String) arguments[0], level);
                }
                return null;
            });
        }
        return logger;
    }

    /** LambdaRuntime.getLogger() is the runtime's logger, as AWS's runtimes set it. */
    void setLogger() {
        Class<?> runtime = find("LambdaRuntime");
        if (runtime == null) {
            return;
        }
        try {
            Field field = runtime.getDeclaredField("logger");
            field.setAccessible(true);
            field.set(null, logger());
        } catch (ReflectiveOperationException | RuntimeException other) {
            // Another version of the library: its own logger prints.
        }
    }

    /** Tells Log4j the invocation, if the function uses AWS's appender for it. */
    void announce(Invocation invocation) {
        try {
            if (internal == null || !(boolean) internal.getMethod("getUseLog4jAppender").invoke(null)) {
                return;
            }
            Class<?> context = Class.forName("org.apache.logging.log4j.ThreadContext", true, loader);
            Method put = context.getMethod("put", String.class, String.class);
            put.invoke(null, "AWSRequestId", invocation.id());
        } catch (ReflectiveOperationException | LinkageError absent) {
            // Then nothing asks for it.
        }
    }
}
