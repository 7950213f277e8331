package slam.lambda;

import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.HashMap;
import java.util.Map;

/** Generic types by reflection. */
final class Types {
    private Types() {}

    /** The class behind a type: of a variable or a wildcard, that of its bound. */
    static Class<?> raw(Type type) {
        if (type instanceof Class) {
            return (Class<?>) type;
        }
        if (type instanceof ParameterizedType) {
            return raw(((ParameterizedType) type).getRawType());
        }
        if (type instanceof GenericArrayType) {
            return Array.newInstance(raw(((GenericArrayType) type).getGenericComponentType()), 0).getClass();
        }
        if (type instanceof WildcardType) {
            return raw(((WildcardType) type).getUpperBounds()[0]);
        }
        return raw(((TypeVariable<?>) type).getBounds()[0]);
    }

    /** What a type gives as arguments to a class or interface above it; null when it does not say them. */
    static Type[] arguments(Type type, Class<?> above) {
        Class<?> raw = raw(type);
        if (raw == above) {
            return type instanceof ParameterizedType ? ((ParameterizedType) type).getActualTypeArguments() : null;
        }
        Map<TypeVariable<?>, Type> known = bindings(type);
        for (Type next : raw.getGenericInterfaces()) {
            if (above.isAssignableFrom(raw(next))) {
                return arguments(resolve(next, known), above);
            }
        }
        Type parent = raw.getGenericSuperclass();
        return parent == null || !above.isAssignableFrom(raw(parent)) ? null : arguments(resolve(parent, known), above);
    }

    /** One of those arguments; Object when it is not said. */
    static Type argument(Type type, Class<?> above, int index) {
        Type[] arguments = arguments(type, above);
        return arguments == null ? Object.class : arguments[index];
    }

    /** What a type gives to its class's variables. */
    static Map<TypeVariable<?>, Type> bindings(Type type) {
        Map<TypeVariable<?>, Type> bindings = new HashMap<>();
        if (type instanceof ParameterizedType) {
            TypeVariable<?>[] variables = raw(type).getTypeParameters();
            Type[] arguments = ((ParameterizedType) type).getActualTypeArguments();
            for (int i = 0; i < variables.length; i++) {
                bindings.put(variables[i], arguments[i]);
            }
        }
        return bindings;
    }

    /** A type with the variables replaced that are known. */
    static Type resolve(Type type, Map<TypeVariable<?>, Type> known) {
        if (type instanceof TypeVariable) {
            return known.getOrDefault(type, type);
        }
        if (type instanceof ParameterizedType) {
            Type[] arguments = ((ParameterizedType) type).getActualTypeArguments().clone();
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = resolve(arguments[i], known);
            }
            return new Parameterized(raw(type), arguments);
        }
        if (type instanceof GenericArrayType) {
            Type component = resolve(((GenericArrayType) type).getGenericComponentType(), known);
            return Array.newInstance(raw(component), 0).getClass() == raw(type) && component instanceof Class
                ? raw(type) : new ArrayOf(component);
        }
        return type;
    }

    /** The type of an array's elements. */
    static Type component(Type type) {
        return type instanceof GenericArrayType
            ? ((GenericArrayType) type).getGenericComponentType() : raw(type).getComponentType();
    }

    private static final class Parameterized implements ParameterizedType {
        private final Class<?> raw;
        private final Type[] arguments;

        Parameterized(Class<?> raw, Type[] arguments) {
            this.raw = raw;
            this.arguments = arguments;
        }

        @Override
        public Type[] getActualTypeArguments() {
            return arguments;
        }

        @Override
        public Type getRawType() {
            return raw;
        }

        @Override
        public Type getOwnerType() {
            return raw.getDeclaringClass();
        }
    }

    private static final class ArrayOf implements GenericArrayType {
        private final Type component;

        ArrayOf(Type component) {
            this.component = component;
        }

        @Override
        public Type getGenericComponentType() {
            return component;
        }
    }
}
