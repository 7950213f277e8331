package slam.lambda;

import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The properties of a class as Jackson finds them with the settings of AWS's runtimes (aws-lambda-java-serialization,
 * JacksonFactory): public getters, setters of any visibility, public fields; standard names of beans.
 */
final class Bean {
    private static final Map<Class<?>, Bean> KNOWN = new ConcurrentHashMap<>();

    /** The properties in the order of the fields, those of superclasses first, then of the methods. */
    final Map<String, Property> properties = new LinkedHashMap<>();

    /** A property: where it is read from and written to, each null when there is none. */
    static final class Property {
        private Member getter;
        private Member setter;
        /** The type that the setter takes, as its class declares it. */
        Type type;

        boolean isReadable() {
            return getter != null;
        }

        boolean isWritable() {
            return setter != null;
        }

        Object get(Object bean) {
            try {
                return getter instanceof Method ? ((Method) getter).invoke(bean) : ((Field) getter).get(bean);
            } catch (InvocationTargetException error) {
                throw failed(getter, error.getCause());
            } catch (IllegalAccessException error) {
                throw failed(getter, error);
            }
        }

        void set(Object bean, Object value) {
            try {
                if (setter instanceof Method) {
                    ((Method) setter).invoke(bean, value);
                } else {
                    ((Field) setter).set(bean, value);
                }
            } catch (InvocationTargetException error) {
                throw failed(setter, error.getCause());
            } catch (IllegalAccessException | IllegalArgumentException error) {
                throw failed(setter, error);
            }
        }

        private static JsonException failed(Member member, Throwable error) {
            JsonException failure = new JsonException(member + " failed: " + error);
            failure.initCause(error);
            return failure;
        }
    }

    static Bean of(Class<?> type) {
        Bean known = KNOWN.get(type);
        if (known == null) {
            Unsupported.refuse(type);
            known = new Bean(type);
            KNOWN.put(type, known);
        }
        return known;
    }

    private Bean(Class<?> type) {
        List<Class<?>> lineage = new ArrayList<>();
        for (Class<?> next = type; next != null && next != Object.class; next = next.getSuperclass()) {
            lineage.add(0, next);
        }
        Map<String, Method> getters = new LinkedHashMap<>();
        Map<String, Method> setters = new LinkedHashMap<>();
        for (Class<?> next : lineage) {
            addFields(next);
        }
        Records.addAccessors(type, getters);
        List<Method> methods = new ArrayList<>();
        for (int i = lineage.size() - 1; i >= 0; i--) {
            methods.addAll(List.of(lineage.get(i).getDeclaredMethods()));
        }
        // Default methods, and those of an interface itself.
        methods.addAll(List.of(type.getMethods()));
        for (Method method : methods) {
            addMethod(method, getters, setters);
        }
        getters.forEach((name, getter) -> property(name).getter = accessible(getter));
        setters.forEach((name, setter) -> {
            Property property = property(name);
            property.setter = accessible(setter);
            property.type = setter.getGenericParameterTypes()[0];
        });
        properties.values().removeIf(property -> !property.isReadable() && !property.isWritable());
    }

    private Property property(String name) {
        return properties.computeIfAbsent(name, unknown -> new Property());
    }

    private void addFields(Class<?> type) {
        for (Field field : type.getDeclaredFields()) {
            int modifiers = field.getModifiers();
            if (field.isSynthetic() || Modifier.isStatic(modifiers) || Modifier.isTransient(modifiers)) {
                continue;
            }
            // A field that is not public keeps the place of its property.
            Property property = property(field.getName());
            if (Modifier.isPublic(modifiers)) {
                property.getter = accessible(field);
                property.setter = field;
                property.type = field.getGenericType();
            }
        }
    }

    private static void addMethod(Method method, Map<String, Method> getters, Map<String, Method> setters) {
        if (method.isSynthetic() || method.isBridge() || Modifier.isStatic(method.getModifiers())
            || method.getDeclaringClass() == Object.class) {
            return;
        }
        // A record's accessor is that of its component, whatever its name looks like.
        if (getters.containsValue(method)) {
            return;
        }
        String name = method.getName();
        Class<?> result = method.getReturnType();
        if (method.getParameterCount() == 0 && Modifier.isPublic(method.getModifiers())) {
            if (name.startsWith("get") && name.length() > 3 && result != void.class) {
                // A getter goes before an is-getter.
                getters.merge(named(name, 3), method, (known, other) -> known.getName().startsWith("is") ? other : known);
            } else if (name.startsWith("is") && name.length() > 2
                && (result == boolean.class || result == Boolean.class)) {
                getters.putIfAbsent(named(name, 2), method);
            }
        } else if (method.getParameterCount() == 1 && name.startsWith("set") && name.length() > 3) {
            setters.merge(named(name, 3), method, Bean::preferred);
        }
    }

    /** Of a class's overloaded setters one that takes a primitive goes first, then one that takes text. */
    private static Method preferred(Method known, Method other) {
        if (known.getDeclaringClass() != other.getDeclaringClass()) {
            return known;
        }
        return rank(other) > rank(known) ? other : known;
    }

    private static int rank(Method setter) {
        Class<?> type = setter.getParameterTypes()[0];
        return type.isPrimitive() ? 2 : type == String.class ? 1 : 0;
    }

    /** The property of getFoo is foo, that of getURL is URL. */
    private static String named(String method, int prefix) {
        String rest = method.substring(prefix);
        if (rest.length() > 1 && Character.isUpperCase(rest.charAt(0)) && Character.isUpperCase(rest.charAt(1))) {
            return rest;
        }
        return Character.toLowerCase(rest.charAt(0)) + rest.substring(1);
    }

    private static <M extends AccessibleObject> M accessible(M member) {
        member.setAccessible(true);
        return member;
    }

    /** The type of a property in a type that says its class's variables. */
    static Type typeOf(Property property, Map<TypeVariable<?>, Type> known) {
        return Types.resolve(property.type, known);
    }
}
