package slam.lambda;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.ServiceLoader;

/**
 * Events and answers as Java values: through this client's own binding, or the function's CustomPojoSerializer.
 * https://docs.aws.amazon.com/lambda/latest/dg/java-custom-serialization.html
 */
final class Serializer {
    /** The function's serializer, or null. */
    private final Object own;
    private final Method fromJson;
    private final Method toJson;

    private Serializer(Object own, Method fromJson, Method toJson) {
        this.own = own;
        this.fromJson = fromJson;
        this.toJson = toJson;
    }

    static Serializer of(Core core) throws ReflectiveOperationException {
        Class<?> type = core.find("CustomPojoSerializer");
        Iterator<?> services =
            type == null || core.loader.getResource("META-INF/services/" + type.getName()) == null
                ? null : ServiceLoader.load(type, core.loader).iterator();
        if (services == null || !services.hasNext()) {
            return new Serializer(null, null, null);
        }
        Object own = services.next();
        if (services.hasNext()) {
            throw Fault.of("Too many serializers provided inside the META-INF/services folder, only one is allowed");
        }
        return new Serializer(own, type.getMethod("fromJson", InputStream.class, Type.class),
            type.getMethod("toJson", Object.class, OutputStream.class, Type.class));
    }

    /** Refuses a type that this client cannot turn into JSON as AWS's runtimes do, before the function is called. */
    void check(Type type) {
        Class<?> raw = Types.raw(type);
        // An interface says nothing: a Map or a List is one too.
        if (own == null && !raw.isInterface() && raw.getName().startsWith("com.amazonaws.")) {
            Unsupported.refuse(raw);
        }
    }

    Object read(byte[] event, Type type) throws Throwable {
        try {
            if (own != null) {
                return fromJson.invoke(own, new ByteArrayInputStream(event), type);
            }
            return JsonBinder.read(JsonReader.read(new String(event, StandardCharsets.UTF_8)), type);
        } catch (UnsupportedOperationException refusal) {
            throw refusal;
        } catch (Throwable error) {
            throw new RuntimeException("An error occurred during JSON parsing", cause(error));
        }
    }

    byte[] write(Object answer, Type type) {
        try {
            if (own != null) {
                ByteArrayOutputStream output = new ByteArrayOutputStream();
                toJson.invoke(own, answer, output, type);
                return output.toByteArray();
            }
            return JsonWriter.write(answer, type).getBytes(StandardCharsets.UTF_8);
        } catch (UnsupportedOperationException refusal) {
            throw refusal;
        } catch (Throwable error) {
            throw new RuntimeException("An error occurred during JSON serialization of response", cause(error));
        }
    }

    private static Throwable cause(Throwable error) {
        return error instanceof InvocationTargetException ? error.getCause() : error;
    }
}
