package slam.lambda;

/** JSON and a Java type do not fit. */
final class JsonException extends RuntimeException {
    private static final long serialVersionUID = 1;

    JsonException(String message) {
        super(message);
    }

    /** The same, met at a property or an index. */
    JsonException at(Object place) {
        JsonException outer = new JsonException(getMessage() + " at " + place);
        outer.setStackTrace(getStackTrace());
        return outer;
    }
}
