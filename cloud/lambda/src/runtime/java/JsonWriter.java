package slam.lambda;

import java.lang.reflect.Array;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Iterator;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * Java values as JSON, as Jackson writes them with the settings of AWS's runtimes: no null in objects and maps, and of
 * the answer itself what its declared type has.
 */
final class JsonWriter {
    private static final int DEEPEST = 1000;
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private final StringBuilder text = new StringBuilder();
    /** Which characters are escaped beside those that must be. */
    private final IntPredicate escaped;
    private int depth;

    private JsonWriter(IntPredicate escaped) {
        this.escaped = escaped;
    }

    /** Errors are written by another library there, Gson. */
    static String writeError(Map<String, ?> document) {
        JsonWriter writer = new JsonWriter(next -> next == 0x2028 || next == 0x2029);
        writer.map(document);
        return writer.text.toString();
    }

    static String write(Object value, Type declared) {
        JsonWriter writer = new JsonWriter(next -> Character.isSurrogate((char) next));
        Class<?> type = Types.raw(declared);
        writer.value(value, type == Object.class ? null : type);
        return writer.text.toString();
    }

    /** Writes a value; a bean as this type of it, or as what it is when that is null. */
    private void value(Object value, Class<?> type) {
        if (value == null) {
            text.append("null");
        } else if (Scalars.isWritten(value)) {
            scalar(value);
        } else if (Stand.isFor(value)) {
            value(Stand.of(value), null);
        } else if (value.getClass() == Object.class) {
            text.append("{}");
        } else {
            if (++depth > DEEPEST) {
                throw new JsonException("The value is nested deeper than " + DEEPEST + " levels, or within itself");
            }
            composite(value, type);
            depth--;
        }
    }

    private void composite(Object value, Class<?> type) {
        if (value instanceof Map) {
            map((Map<?, ?>) value);
        } else if (value instanceof Map.Entry) {
            Map.Entry<?, ?> entry = (Map.Entry<?, ?>) value;
            text.append('{');
            name(key(entry.getKey()), true);
            value(entry.getValue(), null);
            text.append('}');
        } else if (value instanceof Iterable) {
            elements(((Iterable<?>) value).iterator());
        } else if (value instanceof Iterator) {
            elements((Iterator<?>) value);
        } else if (value.getClass().isArray()) {
            array(value);
        } else {
            bean(value, type == null ? value.getClass() : type);
        }
    }

    private void scalar(Object value) {
        if (value instanceof Boolean) {
            text.append(value);
        } else if (value instanceof Number) {
            boolean isNumber = !(value instanceof Double || value instanceof Float)
                || Double.isFinite(((Number) value).doubleValue());
            text.append(isNumber ? value.toString() : "\"" + value + "\"");
        } else if (value instanceof Enum) {
            string(((Enum<?>) value).name());
        } else if (value instanceof byte[]) {
            string(Base64.getEncoder().encodeToString((byte[]) value));
        } else if (value instanceof char[]) {
            string(new String((char[]) value));
        } else if (value instanceof ByteBuffer) {
            ByteBuffer bytes = ((ByteBuffer) value).slice();
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            string(Base64.getEncoder().encodeToString(copy));
        } else {
            string(value.toString());
        }
    }

    private void map(Map<?, ?> map) {
        text.append('{');
        boolean first = true;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (entry.getKey() == null) {
                throw new JsonException("Null key for a Map not allowed in JSON");
            }
            if (entry.getValue() != null) {
                name(key(entry.getKey()), first);
                value(entry.getValue(), null);
                first = false;
            }
        }
        text.append('}');
    }

    private static String key(Object key) {
        if (key instanceof Enum) {
            return ((Enum<?>) key).name();
        }
        if (key != null && !(key instanceof String) && key.getClass().getName().startsWith("java.")
            && !Scalars.isWritten(key)) {
            throw Unsupported.refusal(key.getClass());
        }
        return String.valueOf(key);
    }

    private void elements(Iterator<?> elements) {
        text.append('[');
        for (boolean first = true; elements.hasNext(); first = false) {
            if (!first) {
                text.append(',');
            }
            value(elements.next(), null);
        }
        text.append(']');
    }

    private void array(Object array) {
        text.append('[');
        for (int i = 0; i < Array.getLength(array); i++) {
            if (i > 0) {
                text.append(',');
            }
            value(Array.get(array, i), null);
        }
        text.append(']');
    }

    private void bean(Object bean, Class<?> type) {
        text.append('{');
        boolean first = true;
        for (Map.Entry<String, Bean.Property> entry : Bean.of(type).properties.entrySet()) {
            Object value = entry.getValue().isReadable() ? entry.getValue().get(bean) : null;
            if (value == bean) {
                throw new JsonException("Direct self-reference leading to cycle in " + entry.getKey());
            }
            if (value != null) {
                name(entry.getKey(), first);
                value(value, null);
                first = false;
            }
        }
        text.append('}');
    }

    private void name(String name, boolean first) {
        if (!first) {
            text.append(',');
        }
        string(name);
        text.append(':');
    }

    private void string(String string) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char next = string.charAt(i);
            int known = "\"\\\b\f\n\r\t".indexOf(next);
            if (known >= 0) {
                text.append('\\').append("\"\\bfnrt".charAt(known));
            } else if (next < ' ' || escaped.test(next)) {
                text.append("\\u").append(HEX[next >> 12]).append(HEX[next >> 8 & 15]);
                text.append(HEX[next >> 4 & 15]).append(HEX[next & 15]);
            } else {
                text.append(next);
            }
        }
        text.append('"');
    }
}
