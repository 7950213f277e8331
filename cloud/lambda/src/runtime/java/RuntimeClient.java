package slam.lambda;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * HTTP/1.1 on one kept-alive connection to the Runtime API, which answers in the order of the requests. A socket is
 * there at once; the JDK's HTTP client takes longer to load than a small function runs.
 */
final class RuntimeClient {
    private static final String API = "/2018-06-01/runtime";

    private final String address;
    private final InputStream input;
    private final OutputStream output;
    /** The requests whose answers have not been read: nobody waits for those of posts. */
    private int unread;

    RuntimeClient(String address) throws IOException {
        int colon = address.lastIndexOf(':');
        InetAddress host = InetAddress.getByName(address.substring(0, colon));
        Socket socket = new Socket(host, Integer.parseInt(address.substring(colon + 1)));
        socket.setTcpNoDelay(true);
        this.address = address;
        input = new BufferedInputStream(socket.getInputStream());
        output = new BufferedOutputStream(socket.getOutputStream());
    }

    /** Waits for the next event. It is asked for together with what was posted: one round trip instead of two. */
    Invocation next() throws IOException {
        request("GET", "/invocation/next", new byte[0], "");
        output.flush();
        while (unread > 1) {
            receive();
        }
        return receive();
    }

    /** Posts an answer, or an error of this kind. */
    void post(String path, byte[] document, String kind) throws IOException {
        String type = kind == null ? "" : "Lambda-Runtime-Function-Error-Type: " + kind + "\r\n";
        request("POST", path, document, "Content-Type: application/json\r\n" + type);
    }

    /** Waits until what was posted has arrived. */
    void flush() throws IOException {
        output.flush();
        while (unread > 0) {
            receive();
        }
    }

    private void request(String method, String path, byte[] body, String headers) throws IOException {
        String head = method + " " + API + path + " HTTP/1.1\r\nHost: " + address + "\r\nContent-Length: " + body.length
            + "\r\n" + headers + "\r\n";
        output.write(head.getBytes(StandardCharsets.ISO_8859_1));
        output.write(body);
        unread++;
    }

    private Invocation receive() throws IOException {
        line();
        Map<String, String> headers = new HashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).trim());
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        byte[] body = input.readNBytes(length);
        if (body.length < length) {
            end();
        }
        unread--;
        return new Invocation(headers, body);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = input.read(); next != '\n'; next = input.read()) {
            if (next < 0) {
                end();
            }
            line.append((char) next);
        }
        return line.substring(0, line.length() - 1);
    }

    /** The cloud has ended this environment. */
    private static void end() {
        Runtime.getRuntime().halt(0);
    }
}
