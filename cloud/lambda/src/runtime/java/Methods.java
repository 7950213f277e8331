package slam.lambda;

import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;

/** Which of a class's methods of one name is the handler, and what it takes: the rules of AWS's runtimes. */
final class Methods {
    private Methods() {}

    /** The one method of an interface. */
    static Method only(Class<?> type) {
        return type.getMethods()[0];
    }

    static Handler handler(Class<?> type, String name, Core core) throws Throwable {
        List<Method> methods = new ArrayList<>();
        try {
            for (Method method : type.getMethods()) {
                if (method.getName().equals(name)) {
                    methods.add(method);
                }
            }
        } catch (NoClassDefFoundError error) {
            Handlers.hint(error);
            throw Fault.of("Error loading method " + name + " on class " + type.getName(), error, false);
        }
        // Bridges last; then the longest signature first, in which Context counts twice.
        methods.sort((one, other) -> one.isBridge() != other.isBridge()
            ? Boolean.compare(one.isBridge(), other.isBridge()) : Integer.compare(length(other), length(one)));
        for (Method method : methods) {
            Handler handler = handler(type, method, core);
            if (handler != null) {
                return handler;
            }
        }
        throw Fault.of("No public method named " + name + " with appropriate method signature found on class "
            + type.getName());
    }

    private static int length(Method method) {
        Class<?>[] types = method.getParameterTypes();
        return types.length + (types.length > 0 && Core.isContext(types[types.length - 1]) ? 1 : 0);
    }

    /** The method as a handler; null when it takes something else. */
    private static Handler handler(Class<?> type, Method method, Core core) throws Throwable {
        Type[] types = method.getGenericParameterTypes();
        int rest = types.length;
        boolean takesContext = rest > 0 && Core.isContext(types[rest - 1]);
        rest -= takesContext ? 1 : 0;
        boolean takesOutput = rest > 0 && OutputStream.class.equals(types[rest - 1]);
        boolean takesInput = rest > 0 && InputStream.class.equals(types[0]);
        if (takesInput || takesOutput) {
            if (rest != (takesInput ? 1 : 0) + (takesOutput ? 1 : 0)) {
                return ignored(method);
            }
            if (method.getReturnType() != void.class && method.getReturnType() != Void.class) {
                System.err.println("Will ignore return type " + method.getReturnType() + " on byte stream handler");
            }
            return new StreamHandler(instance(type, method), method, false, core);
        }
        if (rest > 1) {
            return ignored(method);
        }
        return new PojoHandler(instance(type, method), method, false, rest == 0 ? null : types[0], takesContext,
            method.getGenericReturnType(), core);
    }

    private static Handler ignored(Method method) {
        System.err.println("Ignoring an overload of method " + method.getName() + " because of its parameters");
        return null;
    }

    private static Object instance(Class<?> type, Method method) throws Throwable {
        return Modifier.isStatic(method.getModifiers()) ? null : Handlers.create(type);
    }
}
