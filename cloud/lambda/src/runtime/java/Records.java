package slam.lambda;

import java.lang.reflect.Method;
import java.util.Map;

/**
 * Records as answers, by reflection: this client is compiled for Java 11, which has none. As events AWS's runtimes read none
 * (aws-lambda-java-serialization 1.2.0).
 */
final class Records {
    private Records() {}

    static boolean is(Class<?> type) {
        return type.getSuperclass() != null && type.getSuperclass().getName().equals("java.lang.Record");
    }

    /** The accessors of a record's components, by name. */
    static void addAccessors(Class<?> type, Map<String, Method> getters) {
        if (!is(type)) {
            return;
        }
        for (Object component : components(type)) {
            getters.put((String) ask(component, "getName"), (Method) ask(component, "getAccessor"));
        }
    }

    private static Object[] components(Class<?> type) {
        return (Object[]) ask(type, "getRecordComponents");
    }

    private static Object ask(Object object, String method) {
        try {
            return object.getClass().getMethod(method).invoke(object);
        } catch (ReflectiveOperationException error) {
            throw new IllegalStateException(error);
        }
    }
}
