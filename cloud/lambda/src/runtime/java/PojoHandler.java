package slam.lambda;

import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;

/** A handler that takes and returns Java values. */
final class PojoHandler implements Handler {
    private static final byte[] NULL = "null".getBytes(StandardCharsets.UTF_8);

    private final Object instance;
    private final Method method;
    private final boolean isInterface;
    /** Null for a handler that takes no event. */
    private final Type event;
    private final boolean takesContext;
    private final Type answer;
    private final Contexts contexts;
    private final Serializer serializer;

    PojoHandler(Object instance, Method method, boolean isInterface, Type event, boolean takesContext, Type answer,
        Core core) throws ReflectiveOperationException {
        this.instance = instance;
        this.method = method;
        this.isInterface = isInterface;
        this.event = event;
        this.takesContext = takesContext;
        this.answer = answer;
        contexts = new Contexts(core);
        serializer = Serializer.of(core);
        if (event != null) {
            serializer.check(event);
        }
        serializer.check(answer);
    }

    @Override
    public byte[] handle(Invocation invocation) throws Throwable {
        Object value = event == null ? null : serializer.read(invocation.event, event);
        Object context = takesContext ? contexts.of(invocation) : null;
        Object result;
        if (event != null && takesContext) {
            result = Handlers.call(method, instance, isInterface, value, context);
        } else if (event != null) {
            result = Handlers.call(method, instance, isInterface, value);
        } else if (takesContext) {
            result = Handlers.call(method, instance, isInterface, context);
        } else {
            result = Handlers.call(method, instance, isInterface);
        }
        Class<?> type = Types.raw(answer);
        return type == void.class || type == Void.class ? NULL : serializer.write(result, answer);
    }
}
