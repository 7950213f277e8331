package slam.lambda;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;

/**
 * Finds the handler: `package.Class`, which implements RequestHandler or RequestStreamHandler, or
 * `package.Class::method`, as AWS's runtimes find it (EventHandlerLoader of aws-lambda-java-runtime-interface-client),
 * with their words.
 */
final class Handlers {
    private Handlers() {}

    /** The handler; one that fails each invocation if it cannot be had, as on AWS. A fatal fault is thrown. */
    static Handler load(String name, Core core) {
        try {
            return find(name, core);
        } catch (Fault fault) {
            if (fault.fatal && !fault.isMissingClass()) {
                throw fault;
            }
            return invocation -> {
                throw fault;
            };
        }
    }

    private static Handler find(String name, Core core) {
        int colons = name.lastIndexOf("::");
        String className = colons < 0 ? name : name.substring(0, colons);
        String method = colons < 0 ? null : name.substring(colons + 2);
        if (className.isEmpty() || (method != null && method.isEmpty())) {
            throw Fault.of("Invalid handler: `" + name + "'");
        }
        Class<?> type = loadClass(className, core);
        try {
            core.setLogger();
            return method == null ? ofInterface(type, core) : Methods.handler(type, method, core);
        } catch (Fault fault) {
            throw fault;
        } catch (Throwable thrown) {
            throw Fault.ofConstructor(thrown, false);
        }
    }

    private static Class<?> loadClass(String name, Core core) {
        try {
            return Class.forName(name, true, core.loader);
        } catch (ClassNotFoundException error) {
            throw Fault.of("Class not found: " + name, error, false);
        } catch (Throwable error) {
            hint(error);
            throw Fault.ofClass(name, error);
        }
    }

    /** Says so when only the library of interfaces is missing, which AWS's runtimes have and a JDK has not. */
    static void hint(Throwable error) {
        if (error instanceof NoClassDefFoundError && Core.isOf(error)) {
            Log.error("[slam] aws-lambda-java-core is part of AWS's Java runtimes, but not of the JDK that runs this "
                + "function here: bundle it with the function");
        }
    }

    private static Handler ofInterface(Class<?> type, Core core) throws Throwable {
        Class<?> streams = core.find("RequestStreamHandler");
        if (streams != null && streams.isAssignableFrom(type)) {
            return new StreamHandler(create(type), Methods.only(streams), true, core);
        }
        Class<?> handles = core.find("RequestHandler");
        if (handles == null || !handles.isAssignableFrom(type)) {
            throw Fault.of("Class does not implement an appropriate handler interface: " + type.getName());
        }
        Type[] types = Types.arguments(type, handles);
        if (types == null) {
            throw Fault.of("Class " + type.getName()
                + " does not implement RequestHandler with concrete type parameters");
        }
        for (Type parameter : types) {
            if (parameter instanceof TypeVariable && Types.raw(parameter) == Object.class) {
                throw Fault.of("Class " + type.getName() + " does not implement RequestHandler with concrete type "
                    + "parameters: parameter " + parameter + " has no upper bound.");
            }
        }
        Object handler = create(type);
        return new PojoHandler(handler, Methods.only(handles), true, types[0], true, types[1], core);
    }

    /** An instance of the handler's class. What its constructor throws is fatal. */
    static Object create(Class<?> type) throws Throwable {
        Constructor<?> constructor;
        try {
            constructor = type.getConstructor();
        } catch (NoSuchMethodException error) {
            if (type.getEnclosingClass() != null && !Modifier.isStatic(type.getModifiers())) {
                throw new Exception("Class " + type.getName()
                    + " cannot be instantiated because it is a non-static inner class");
            }
            throw new Exception("Class " + type.getName() + " has no public zero-argument constructor", error);
        }
        try {
            return constructor.newInstance();
        } catch (InvocationTargetException error) {
            Traces.cutReflection(error.getCause());
            throw Fault.ofConstructor(error.getCause(), true);
        }
    }

    /** Calls the handler. What it throws has a stack that ends with it, but for reflection where AWS uses that too. */
    static Object call(Method method, Object handler, boolean isInterface, Object... arguments) throws Throwable {
        try {
            return method.invoke(handler, arguments);
        } catch (InvocationTargetException error) {
            if (isInterface) {
                Traces.cutReflection(error.getCause());
            } else {
                Traces.cut(error.getCause());
            }
            throw error.getCause();
        }
    }
}
