package slam.lambda;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A failure as AWS's runtimes tell it: what the caller gets and what is in the log. */
final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final String LOADING = "Error loading class ";

    /** Whether the process cannot go on. */
    final boolean fatal;
    private final String message;
    /** The class of what was thrown, or null. */
    private final String type;
    private final String trace;
    /** The stack of what the handler threw; null when it was not the handler. */
    private final StackTraceElement[] stack;

    private Fault(String message, String type, String trace, StackTraceElement[] stack, boolean fatal) {
        super(message);
        this.message = message;
        this.type = type;
        this.trace = trace;
        this.stack = stack;
        this.fatal = fatal;
    }

    /** What is wrong with the function, before it ran. */
    static Fault of(String message) {
        return new Fault(message, null, null, null, false);
    }

    /** The same, with what was thrown. */
    static Fault of(String message, Throwable thrown, boolean fatal) {
        return new Fault(message, thrown.getClass().getName(), traceOf(thrown), null, fatal);
    }

    /** What the function's constructor threw. */
    static Fault ofConstructor(Throwable thrown, boolean fatal) {
        return of(messageOf(thrown), thrown, fatal);
    }

    /** What a class's loading threw. */
    static Fault ofClass(String name, Throwable thrown) {
        String message = thrown.getMessage() == null ? "" : ": " + thrown.getMessage();
        return of(LOADING + name + message, thrown, true);
    }

    /** What came out of an invocation. */
    static Fault of(Throwable thrown) {
        if (thrown instanceof Fault) {
            return (Fault) thrown;
        }
        String trace = traceOf(thrown);
        return new Fault(messageOf(thrown), thrown.getClass().getName(), trace, thrown.getStackTrace(), false);
    }

    private static String messageOf(Throwable thrown) {
        String message = thrown.getLocalizedMessage();
        return message == null ? thrown.getClass().getName() : message;
    }

    private static String traceOf(Throwable thrown) {
        Traces.cut(thrown);
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    /** Whether it is a class that the handler's needs: AWS's runtimes tell of that when they are invoked. */
    boolean isMissingClass() {
        return NoClassDefFoundError.class.getName().equals(type) && message.startsWith(LOADING);
    }

    /** The error type of the Runtime API. */
    String kind() {
        return stack == null ? "Runtime.BadFunctionCode" : "Runtime.UserException";
    }

    /** What the caller gets. */
    byte[] document() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("errorMessage", message);
        document.put("errorType", type);
        if (stack != null) {
            List<String> frames = new ArrayList<>();
            for (StackTraceElement frame : stack) {
                frames.add(frame.toString());
            }
            document.put("stackTrace", frames);
        }
        return JsonWriter.writeError(document).getBytes(StandardCharsets.UTF_8);
    }

    /** What is logged. */
    String report() {
        return type == null && trace == null ? message + "\n" : message + ": " + type + "\n" + trace + "\n";
    }
}
