package slam.lambda;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.net.URL;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.UUID;

/** The types that are one text, number or boolean in JSON. */
final class Scalars {
    private Scalars() {}

    static boolean isWritten(Object value) {
        return value instanceof CharSequence || value instanceof Number || value instanceof Boolean
            || value instanceof Character || value instanceof Enum || value instanceof byte[] || value instanceof char[]
            || value instanceof ByteBuffer || value instanceof UUID || value instanceof URI || value instanceof URL;
    }

    static boolean isRead(Class<?> type) {
        return type.isPrimitive() || type.isEnum() || type == String.class || type == CharSequence.class
            || type == Boolean.class || type == Character.class || type == Number.class || isNumber(type)
            || type == byte[].class || type == char[].class || type == ByteBuffer.class || type == UUID.class
            || type == URI.class;
    }

    private static boolean isNumber(Class<?> type) {
        return type == Integer.class || type == Long.class || type == Double.class || type == Float.class
            || type == Short.class || type == Byte.class || type == BigDecimal.class || type == BigInteger.class;
    }

    /** What is not there: null, or the zero of a primitive type. */
    static Object absent(Class<?> type) {
        if (!type.isPrimitive()) {
            return null;
        }
        if (type == boolean.class) {
            return false;
        }
        return type == char.class ? (Object) '\0' : number(type, BigDecimal.ZERO);
    }

    /** Whether an array of nothing but null may stand for it. */
    static boolean isNumeric(Class<?> type) {
        return type.isPrimitive() || isCharacter(type) || type == Boolean.class
            || (isNumber(type) && type != BigDecimal.class && type != BigInteger.class);
    }

    /** Reads a text, number or boolean; others do not fit. */
    static Object read(Object json, Class<?> type) {
        if (json instanceof String && isAbsentIfBlank(type) && ((String) json).isBlank()) {
            return absent(type);
        }
        if (isCharacter(type) && "".equals(json)) {
            return absent(type);
        }
        try {
            Object value = fitted(json, type);
            if (value != null) {
                return value;
            }
        } catch (IllegalArgumentException | ArithmeticException unreadable) {
            // Told below.
        }
        // A constant that the function does not know.
        if (type.isEnum() && (json instanceof String || isIndex(json))) {
            return null;
        }
        throw misfit(json, type);
    }

    private static boolean isAbsentIfBlank(Class<?> type) {
        return type != String.class && type != CharSequence.class && !isCharacter(type) && type != char[].class
            && type != byte[].class && type != ByteBuffer.class;
    }

    private static boolean isIndex(Object json) {
        return json instanceof JsonNumber && ((JsonNumber) json).isWhole()
            && ((JsonNumber) json).natural() instanceof Integer;
    }

    static JsonException misfit(Object json, Class<?> type) {
        String found = json instanceof String ? "the text \"" + json + "\"" : "a JSON value";
        return new JsonException("Cannot make " + type.getTypeName() + " of " + found);
    }

    private static Object fitted(Object json, Class<?> type) {
        if (type == String.class || type == CharSequence.class) {
            return json.toString();
        }
        if (type == boolean.class || type == Boolean.class) {
            return bool(json);
        }
        if (isCharacter(type)) {
            return character(json, type);
        }
        if (type.isEnum()) {
            return constant(json, type);
        }
        if (type == Number.class) {
            return (json instanceof JsonNumber ? (JsonNumber) json : new JsonNumber(((String) json).trim())).natural();
        }
        if (type.isPrimitive() || isNumber(type)) {
            return json instanceof Boolean ? null : number(json, type);
        }
        return json instanceof String || type == URI.class ? ofText(json.toString(), type) : null;
    }

    private static Object number(Object json, Class<?> type) {
        if (json instanceof JsonNumber) {
            return number(type, ((JsonNumber) json).decimal());
        }
        JsonNumber number = new JsonNumber(((String) json).trim());
        // The fraction of a number is cut off, but not that of a text.
        return number.isWhole() || type == BigDecimal.class || isFloating(type) ? number(type, number.decimal()) : null;
    }

    private static boolean isFloating(Class<?> type) {
        return type == double.class || type == Double.class || type == float.class || type == Float.class;
    }

    private static Object character(Object json, Class<?> type) {
        if (json instanceof JsonNumber) {
            JsonNumber number = (JsonNumber) json;
            int unit = number.isWhole() ? number.decimal().intValueExact() : -1;
            return unit >= 0 && unit <= Character.MAX_VALUE ? (Object) (char) unit : null;
        }
        String text = json instanceof String ? (String) json : "";
        return text.length() == 1 ? (Object) text.charAt(0) : null;
    }

    private static boolean isCharacter(Class<?> type) {
        return type == char.class || type == Character.class;
    }

    private static Object ofText(String text, Class<?> type) {
        if (type == byte[].class) {
            return bytes(text);
        }
        if (type == ByteBuffer.class) {
            return ByteBuffer.wrap(bytes(text));
        }
        if (type == char[].class) {
            return text.toCharArray();
        }
        return type == UUID.class ? UUID.fromString(text.trim()) : URI.create(text.trim());
    }

    private static byte[] bytes(String text) {
        String trimmed = text.trim();
        if (trimmed.length() % 4 != 0) {
            throw new IllegalArgumentException("Base64 ends with its padding");
        }
        return Base64.getDecoder().decode(trimmed);
    }

    private static Object bool(Object json) {
        if (json instanceof JsonNumber) {
            return ((JsonNumber) json).isWhole() ? (Object) (((JsonNumber) json).decimal().signum() != 0) : null;
        }
        switch (json.toString().trim()) {
            case "true":
            case "True":
            case "TRUE":
                return true;
            case "false":
            case "False":
            case "FALSE":
                return false;
            default:
                return null;
        }
    }

    private static Object constant(Object json, Class<?> type) {
        Object[] constants = type.getEnumConstants();
        if (json instanceof JsonNumber) {
            int index = ((JsonNumber) json).decimal().intValueExact();
            return index >= 0 && index < constants.length ? constants[index] : null;
        }
        for (Object constant : constants) {
            if (((Enum<?>) constant).name().equals(json)) {
                return constant;
            }
        }
        return null;
    }

    /** A number of this type; fractions are cut off of whole ones, and what is too large does not fit. */
    private static Object number(Class<?> type, BigDecimal value) {
        if (type == int.class || type == Integer.class) {
            return whole(value).intValueExact();
        }
        if (type == long.class || type == Long.class) {
            return whole(value).longValueExact();
        }
        if (type == double.class || type == Double.class) {
            return value.doubleValue();
        }
        if (type == float.class || type == Float.class) {
            return value.floatValue();
        }
        if (type == short.class || type == Short.class) {
            return whole(value).shortValueExact();
        }
        if (type == byte.class || type == Byte.class) {
            int number = whole(value).intValueExact();
            // Jackson takes unsigned bytes too.
            return number >= Byte.MIN_VALUE && number <= 255 ? (Object) (byte) number : null;
        }
        return type == BigInteger.class ? (Object) whole(value) : value;
    }

    private static BigInteger whole(BigDecimal value) {
        // 1e1000000000 would fill the memory.
        if (value.precision() - (long) value.scale() > 1000) {
            throw new ArithmeticException();
        }
        return value.toBigInteger();
    }
}
