package slam.lambda;

import java.io.File;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Calendar;
import java.util.Currency;
import java.util.Date;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TimeZone;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

/** What stands in JSON for the JDK's own types that Jackson has a simple rule for. Only answers are written so. */
final class Stand {
    private Stand() {}

    static boolean isFor(Object value) {
        return of(value) != value;
    }

    /** The value itself when it stands for itself. */
    static Object of(Object value) {
        if (value instanceof Optional) {
            return ((Optional<?>) value).orElse(null);
        } else if (value instanceof AtomicReference) {
            return ((AtomicReference<?>) value).get();
        } else if (value instanceof AtomicBoolean) {
            return ((AtomicBoolean) value).get();
        } else if (value instanceof OptionalInt) {
            return ((OptionalInt) value).isPresent() ? (Object) ((OptionalInt) value).getAsInt() : null;
        } else if (value instanceof OptionalLong) {
            return ((OptionalLong) value).isPresent() ? (Object) ((OptionalLong) value).getAsLong() : null;
        } else if (value instanceof OptionalDouble) {
            return ((OptionalDouble) value).isPresent() ? (Object) ((OptionalDouble) value).getAsDouble() : null;
        } else if (value.getClass() == Date.class) {
            return ((Date) value).getTime();
        } else if (value instanceof Calendar) {
            return ((Calendar) value).getTimeInMillis();
        } else if (value instanceof TimeZone) {
            return ((TimeZone) value).getID();
        } else if (value instanceof Class) {
            return ((Class<?>) value).getName();
        } else if (value instanceof File) {
            return ((File) value).getAbsolutePath();
        } else if (value instanceof Path) {
            return ((Path) value).toUri().toString();
        } else if (value instanceof Locale || value instanceof Charset || value instanceof Pattern
            || value instanceof Currency) {
            return value.toString();
        }
        return value;
    }
}
