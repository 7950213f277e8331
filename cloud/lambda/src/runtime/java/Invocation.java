package slam.lambda;

import java.util.Map;

/** An event, and what the Runtime API tells about it. */
final class Invocation {
    final byte[] event;
    private final Map<String, String> headers;

    Invocation(Map<String, String> headers, byte[] event) {
        this.headers = headers;
        this.event = event;
    }

    /** A header by its lower-case name, or null. */
    String header(String name) {
        return headers.get(name);
    }

    String id() {
        return header("lambda-runtime-aws-request-id");
    }
}
