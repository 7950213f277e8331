package slam.lambda;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What LambdaLogger logs, in Lambda's text or JSON format, and the errors that the runtime met.
 * https://docs.aws.amazon.com/lambda/latest/dg/java-logging.html
 */
final class Log {
    // In the log, a line that starts with RECORD is one event however many line ends it has: they are written as
    // LINE_END.
    private static final char RECORD = '\u001e';
    private static final char LINE_END = '\u001f';

    private static final List<String> LEVELS =
        Arrays.asList("UNDEFINED", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL");
    private static final boolean JSON = "JSON".equals(System.getenv("AWS_LAMBDA_LOG_FORMAT"));
    private static final int LEAST = least(System.getenv("AWS_LAMBDA_LOG_LEVEL"));
    private static final OutputStream OUT = new FileOutputStream(FileDescriptor.out);

    private static String id;

    private Log() {}

    static void setInvocation(Invocation invocation) {
        id = invocation.id();
    }

    /** Logs an error that the runtime met. */
    static void error(String message) {
        log(message, JSON ? "ERROR" : "UNDEFINED");
    }

    /** Logs a message of a level, if the function logs those. */
    static void log(String message, String level) {
        if (!isLogged(level)) {
            return;
        }
        if (JSON) {
            write(json(message, level));
        } else {
            write("UNDEFINED".equals(level) ? String.valueOf(message) : "[" + level + "] " + message);
        }
    }

    /** Bytes are logged as they are, in either format. */
    static void log(byte[] message, String level) {
        if (isLogged(level)) {
            write(message == null ? "null" : new String(message, StandardCharsets.UTF_8));
        }
    }

    private static String json(String message, String level) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("timestamp", DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").format(LocalDateTime.now()));
        entry.put("message", message);
        entry.put("level", level);
        entry.put("AWSRequestId", id);
        return JsonWriter.write(entry, Object.class);
    }

    private static boolean isLogged(String level) {
        return "UNDEFINED".equals(level) || LEVELS.indexOf(level) >= LEAST;
    }

    private static int least(String level) {
        return level == null ? 0 : Math.max(LEVELS.indexOf(level.toUpperCase(Locale.ROOT)), 0);
    }

    private static synchronized void write(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == '\n') {
            end--;
        }
        String record = RECORD + text.substring(0, end).replace('\n', LINE_END) + "\n";
        try {
            OUT.write(record.getBytes(StandardCharsets.UTF_8));
        } catch (IOException error) {
            // Whoever reads the log has gone.
        }
    }
}
