package example;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Handlers that need no interface of AWS's. */
public class Plain {
    public enum Color { RED, GREEN }

    public static class Item {
        private String name;
        private int count;
        public Color color;

        public String getName() {
            return name;
        }

        public void setName(String name) {
            this.name = name;
        }

        public int getCount() {
            return count;
        }

        public void setCount(int count) {
            this.count = count;
        }

        public String getURL() {
            return "/" + name;
        }

        public String getMissing() {
            return null;
        }
    }

    /** A handler whose types come from the class above it. */
    public abstract static class Generic<I, O> {
        public abstract O answer(I event);

        public O handle(I event) {
            return answer(event);
        }
    }

    private int calls;

    public String hello(Map<String, Object> event) {
        return "hello " + event.get("name");
    }

    public static int sum(List<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).sum();
    }

    public Item item(Item item) {
        item.setCount(item.getCount() + 1);
        return item;
    }

    public Map<Color, List<Item>> items(Map<String, Item> items) {
        return Map.of(Color.GREEN, new ArrayList<>(items.values()));
    }

    public int count() {
        return ++calls;
    }

    public void nothing(Object event) {
        System.out.println("got " + event);
        System.err.println("two\nlines");
    }

    public void bytes(InputStream input, OutputStream output) throws IOException {
        output.write('[');
        input.transferTo(output);
        output.write(']');
    }

    /** The one with the most parameters is the handler. */
    public String overloaded() {
        return "without an event";
    }

    public String overloaded(String event) {
        return "with " + event;
    }

    public String environment() {
        return String.join(" ", System.getenv("AWS_EXECUTION_ENV"), System.getenv("_HANDLER"),
            System.getProperty("com.amazonaws.xray.traceHeader").substring(0, 5));
    }

    public String resource() throws IOException {
        try (InputStream file = Thread.currentThread().getContextClassLoader().getResourceAsStream("greeting.txt")) {
            return new String(file.readAllBytes());
        }
    }

    public boolean seesTheClient() {
        try {
            Class.forName("slam.lambda.Main");
            return true;
        } catch (ClassNotFoundException hidden) {
            return false;
        }
    }

    public String options() {
        return String.join(" ", java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments());
    }

    public String fail(String message) {
        throw new IllegalStateException(message, new RuntimeException("the cause"));
    }

    public int overflow(int depth) {
        return overflow(depth + 1) + 1;
    }

    public int countOrOverflow(boolean overflows) {
        calls++;
        return overflows ? overflow(1) : calls;
    }

    public int exhaust() {
        return new long[Integer.MAX_VALUE - 8].length;
    }

    public void exit() {
        System.exit(3);
    }

    public int wrongParameters(String one, String two) {
        return 1;
    }

    public java.time.Instant instant(String event) {
        return java.time.Instant.EPOCH;
    }
}
