package slam.lambda;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Values of Java types of JSON, as Jackson makes them with the settings of AWS's runtimes: what a bean does not know is
 * ignored, a single value stands for an array and an array of one for a single value, an empty text for null.
 */
final class JsonBinder {
    private JsonBinder() {}

    static Object read(Object json, Type type) {
        Class<?> raw = Types.raw(type);
        if (raw == Optional.class) {
            return Optional.ofNullable(json == null ? null : read(json, Types.argument(type, Optional.class, 0)));
        }
        if (json == null) {
            return Scalars.absent(raw);
        }
        if (raw == Object.class) {
            return natural(json);
        }
        boolean isByteArray = raw == byte[].class || raw == char[].class;
        if (raw.isArray() && !(isByteArray && json instanceof String)) {
            return array(json, Types.component(type));
        }
        if (Collection.class.isAssignableFrom(raw) || raw == Iterable.class) {
            return collection(json, type, raw);
        }
        if (json instanceof List) {
            List<?> single = (List<?>) json;
            boolean fits = single.isEmpty() ? !raw.isPrimitive() && raw != ByteBuffer.class
                : single.size() == 1 && !(single.get(0) instanceof List)
                    && (single.get(0) != null || Scalars.isNumeric(raw));
            if (!fits) {
                throw new JsonException("Cannot make " + raw.getTypeName() + " of an array");
            }
            return single.isEmpty() ? null : read(single.get(0), type);
        }
        if (Scalars.isRead(raw)) {
            if (json instanceof Map) {
                throw new JsonException("Cannot make " + raw.getTypeName() + " of an object");
            }
            return Scalars.read(json, raw);
        }
        return isBlank(json) ? null : object(json, type, raw);
    }

    private static Object natural(Object json) {
        if (json instanceof JsonNumber) {
            return ((JsonNumber) json).natural();
        }
        if (json instanceof List) {
            List<Object> list = new ArrayList<>();
            ((List<?>) json).forEach(element -> list.add(natural(element)));
            return list;
        }
        if (json instanceof Map) {
            Map<Object, Object> map = new LinkedHashMap<>();
            ((Map<?, ?>) json).forEach((key, value) -> map.put(key, natural(value)));
            return map;
        }
        return json;
    }

    private static boolean isBlank(Object json) {
        return json instanceof String && ((String) json).isBlank();
    }

    private static List<?> elements(Object json) {
        return json instanceof List ? (List<?>) json : Collections.singletonList(json);
    }

    private static Object array(Object json, Type component) {
        if (isBlank(json)) {
            return null;
        }
        // A text is not taken for an array of numbers.
        if (json instanceof String && Types.raw(component).isPrimitive()) {
            throw Scalars.misfit(json, Types.raw(component));
        }
        List<?> elements = elements(json);
        if (component == char.class && !elements.stream().allMatch(String.class::isInstance)) {
            throw new JsonException("Cannot make char[] of anything but texts");
        }
        Object array = Array.newInstance(Types.raw(component), elements.size());
        for (int i = 0; i < elements.size(); i++) {
            Array.set(array, i, element(elements.get(i), component, i));
        }
        return array;
    }

    private static Object collection(Object json, Type type, Class<?> raw) {
        if (isBlank(json)) {
            return null;
        }
        @SuppressWarnings("unchecked")
        Collection<Object> collection = (Collection<Object>) create(raw, raw.isInterface() ? collectionFor(raw) : raw);
        Type component = raw == Iterable.class
            ? Types.argument(type, Iterable.class, 0) : Types.argument(type, Collection.class, 0);
        List<?> elements = elements(json);
        for (int i = 0; i < elements.size(); i++) {
            collection.add(element(elements.get(i), component, i));
        }
        return collection;
    }

    private static Class<?> collectionFor(Class<?> type) {
        if (type == SortedSet.class || type == NavigableSet.class) {
            return TreeSet.class;
        }
        if (type == Set.class) {
            return HashSet.class;
        }
        return type == Queue.class || type == Deque.class ? LinkedList.class : ArrayList.class;
    }

    private static Object element(Object json, Type type, int index) {
        try {
            return read(json, type);
        } catch (JsonException error) {
            throw error.at("[" + index + "]");
        }
    }

    private static Object object(Object json, Type type, Class<?> raw) {
        if (Map.class.isAssignableFrom(raw)) {
            return map(fields(json, raw), type, raw);
        }
        Bean bean = Bean.of(raw);
        return bean(fields(json, raw), bean, raw, type);
    }

    private static Map<?, ?> fields(Object json, Class<?> type) {
        if (json instanceof Map) {
            return (Map<?, ?>) json;
        }
        throw Scalars.misfit(json, type);
    }

    private static Object map(Map<?, ?> fields, Type type, Class<?> raw) {
        Class<?> made = raw;
        if (raw.isInterface()) {
            boolean sorted = SortedMap.class.isAssignableFrom(raw);
            made = sorted ? TreeMap.class : LinkedHashMap.class;
        }
        @SuppressWarnings("unchecked")
        Map<Object, Object> map = (Map<Object, Object>) create(raw, made);
        Class<?> keys = Types.raw(Types.argument(type, Map.class, 0));
        Type values = Types.argument(type, Map.class, 1);
        fields.forEach((name, value) -> {
            Object key = keys == Object.class ? name : Scalars.isRead(keys) ? Scalars.read(name, keys) : null;
            if (key == null && !Scalars.isRead(keys)) {
                throw Unsupported.refusal(keys);
            }
            map.put(key, property(value, values, name));
        });
        return map;
    }

    private static Object bean(Map<?, ?> fields, Bean bean, Class<?> raw, Type type) {
        Object made = create(raw, raw);
        fields.forEach((name, value) -> {
            Bean.Property property = bean.properties.get(name);
            if (property != null && property.isWritable()) {
                property.set(made, property(value, declared(property, type), name));
            }
        });
        return made;
    }

    /** The type of a property, with the variables of the class that declares it. */
    private static Type declared(Bean.Property property, Type type) {
        Map<TypeVariable<?>, Type> known = new HashMap<>();
        for (Type next = type; next != null; next = parent(next)) {
            known.putAll(Types.bindings(next));
        }
        return Bean.typeOf(property, known);
    }

    private static Type parent(Type type) {
        Type parent = Types.raw(type).getGenericSuperclass();
        return parent == null ? null : Types.resolve(parent, Types.bindings(type));
    }

    private static Object property(Object json, Type type, Object name) {
        try {
            return read(json, type);
        } catch (JsonException error) {
            throw error.at("." + name);
        }
    }

    private static Object create(Class<?> wanted, Class<?> type) {
        if (Modifier.isAbstract(type.getModifiers()) || !wanted.isAssignableFrom(type)) {
            throw new JsonException("Cannot construct an instance of " + wanted.getName() + ": it is abstract");
        }
        try {
            Constructor<?> constructor = type.getDeclaredConstructor();
            if (!type.getName().startsWith("java.")) {
                constructor.setAccessible(true);
            }
            return constructor.newInstance();
        } catch (NoSuchMethodException error) {
            throw new JsonException("Cannot construct an instance of " + type.getName() + ": it has no default "
                + "constructor" + (Records.is(type) ? ", and AWS's runtimes read no records" : ""));
        } catch (InvocationTargetException error) {
            throw failed(type, error.getCause());
        } catch (ReflectiveOperationException error) {
            throw failed(type, error);
        }
    }

    private static JsonException failed(Class<?> type, Throwable error) {
        JsonException failure = new JsonException("Cannot construct an instance of " + type.getName() + ": " + error);
        failure.initCause(error);
        return failure;
    }
}
