package slam.lambda;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;

/** A handler that reads the event and writes the answer as bytes. */
final class StreamHandler implements Handler {
    private static final byte[] NULL = "null".getBytes(StandardCharsets.UTF_8);

    private final Object instance;
    private final Method method;
    private final boolean isInterface;
    private final Contexts contexts;

    StreamHandler(Object instance, Method method, boolean isInterface, Core core) {
        this.instance = instance;
        this.method = method;
        this.isInterface = isInterface;
        contexts = new Contexts(core);
    }

    @Override
    public byte[] handle(Invocation invocation) throws Throwable {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        Class<?>[] types = method.getParameterTypes();
        Object[] arguments = new Object[types.length];
        boolean writes = false;
        for (int i = 0; i < types.length; i++) {
            if (types[i] == InputStream.class) {
                arguments[i] = new ByteArrayInputStream(invocation.event);
            } else if (types[i] == OutputStream.class) {
                arguments[i] = output;
                writes = true;
            } else {
                arguments[i] = contexts.of(invocation);
            }
        }
        Handlers.call(method, instance, isInterface, arguments);
        return writes ? output.toByteArray() : NULL;
    }
}
