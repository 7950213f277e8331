package slam.lambda;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.Map;

/** Records, by reflection: this client is compiled for Java 11, which has none. */
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

    /** The types of a record's components, by name. */
    static Map<String, Type> types(Class<?> type) {
        Map<String, Type> types = new LinkedHashMap<>();
        for (Object component : components(type)) {
            types.put((String) ask(component, "getName"), (Type) ask(component, "getGenericType"));
        }
        return types;
    }

    /** A record of these components, in their order. */
    static Object create(Class<?> type, Object[] values) throws ReflectiveOperationException {
        Object[] components = components(type);
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < types.length; i++) {
            types[i] = (Class<?>) ask(components[i], "getType");
        }
        Constructor<?> constructor = type.getDeclaredConstructor(types);
        constructor.setAccessible(true);
        return constructor.newInstance(values);
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
