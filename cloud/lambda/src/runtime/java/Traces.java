package slam.lambda;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** Stack traces without what is under the function: this client. */
final class Traces {
    private static final String PACKAGE = Main.class.getPackageName() + ".";

    private Traces() {}

    /** Cuts the traces of this and of its causes. */
    static void cut(Throwable thrown) {
        cut(thrown, Collections.newSetFromMap(new IdentityHashMap<>()));
    }

    private static void cut(Throwable thrown, Set<Throwable> seen) {
        if (thrown == null || !seen.add(thrown)) {
            return;
        }
        StackTraceElement[] frames = thrown.getStackTrace();
        for (int i = 0; i < frames.length; i++) {
            if (frames[i].getClassName().startsWith(PACKAGE)) {
                thrown.setStackTrace(Arrays.copyOf(frames, i));
                break;
            }
        }
        cut(thrown.getCause(), seen);
        for (Throwable suppressed : thrown.getSuppressed()) {
            cut(suppressed, seen);
        }
    }

    /** Cuts off the reflection as well with which an interface was called: AWS's runtimes call it directly. */
    static void cutReflection(Throwable thrown) {
        cut(thrown);
        StackTraceElement[] frames = thrown.getStackTrace();
        int end = frames.length;
        while (end > 0 && isReflection(frames[end - 1].getClassName())) {
            end--;
        }
        if (end < frames.length) {
            thrown.setStackTrace(Arrays.copyOf(frames, end));
        }
    }

    private static boolean isReflection(String name) {
        return name.startsWith("java.lang.reflect.") || name.startsWith("jdk.internal.reflect.")
            || name.startsWith("java.lang.invoke.");
    }
}
