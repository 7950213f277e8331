// What Java functions return and throw: a case each, by its name.
//
// It is the function itself: `Values::handler` answers {"case": name}. It is compiled for Java 17.

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;

public class Values {
    public enum Colour {
        RED,
        GREEN {
            @Override
            public String toString() {
                return "green";
            }
        }
    }

    public static class Bean {
        private final String name;
        private final int count;
        public Bean next;
        private String secret = "s";
        transient String passing = "t";

        public Bean(String name, int count) {
            this.name = name;
            this.count = count;
        }

        public String getName() {
            return name;
        }

        public int getCount() {
            return count;
        }

        public boolean isLarge() {
            return count > 5;
        }

        public String hidden() {
            return "h";
        }
    }

    public static class Names {
        public String getURL() {
            return "url";
        }

        public String getaName() {
            return "a";
        }

        public String getX() {
            return "x";
        }

        public Boolean isBoxed() {
            return true;
        }

        public String get() {
            return "nothing";
        }

        public String getWith(String argument) {
            return "with";
        }

        public static String getStatic() {
            return "static";
        }

        public void getVoid() {
        }
    }

    public static class Child extends Bean {
        public Child() {
            super("child", 1);
        }

        public String getOwn() {
            return "own";
        }
    }

    public static class Fields {
        public int b = 2;
        public String a = "a";
        public String none;
        protected int hidden = 3;
        public static int of = 4;
        public final int fixed = 5;
    }

    public static class Nothing {
    }

    public static class Throwing {
        public String getName() {
            throw new IllegalStateException("in a getter");
        }
    }

    public static class Round {
        public Round self = this;
    }

    public record Point(int x, String y) {
    }

    public record Item(int id, boolean isOld, String getName) {
        public boolean isLarge() {
            return id > 5;
        }

        public String getOther() {
            return "other";
        }
    }

    public interface Shape {
        String getKind();
    }

    static class Circle implements Shape {
        public String getKind() {
            return "circle";
        }

        public int getRadius() {
            return 1;
        }
    }

    public static class Generic<T> {
        public T value;

        public Generic(T value) {
            this.value = value;
        }
    }

    public static class Boxes {
        public Integer number;
        public Boolean flag = true;
        public char letter = 'c';
        public byte small = 1;
        public float real = 1.5f;
        public Object any = 5;
        public byte[] bytes = {1, 2};
        public int[] numbers = {1, 2};
        public List<String> texts = List.of("a");
    }

    public static class OddException extends Exception {
        public OddException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    static final Map<String, Callable<Object>> CASES = new LinkedHashMap<>();

    static void add(String name, Callable<Object> value) {
        CASES.put(name, value);
    }

    static Map<String, Object> ordered(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int index = 0; index < pairs.length; index += 2) {
            map.put((String) pairs[index], pairs[index + 1]);
        }
        return map;
    }

    static Object fail(Throwable error) throws Exception {
        if (error instanceof Error) {
            throw (Error) error;
        }
        throw (Exception) error;
    }

    static {
        add("null", () -> null);
        add("true", () -> true);
        add("false", () -> Boolean.FALSE);
        add("int", () -> 42);
        add("int negative", () -> -7);
        add("long", () -> Long.MAX_VALUE);
        add("short", () -> (short) 3);
        add("byte", () -> (byte) -1);
        add("double", () -> 1.5);
        add("double whole", () -> 1.0);
        add("double small", () -> 1e-7);
        add("double large", () -> 1e22);
        add("double exact", () -> 0.1 + 0.2);
        add("double negative zero", () -> -0.0);
        add("float", () -> 0.1f);
        add("float large", () -> 1e10f);
        add("nan", () -> Double.NaN);
        add("nan inside", () -> List.of(Double.NaN, Double.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY));
        add("big integer", () -> new BigInteger("123456789012345678901234567890"));
        add("big decimal", () -> new BigDecimal("12345678901234567890.10"));
        add("big decimal exponent", () -> List.of(new BigDecimal("1E+3"), new BigDecimal("1E-10"), new BigDecimal("0.00")));
        add("atomic integer", () -> new AtomicInteger(5));
        add("atomic long", () -> new AtomicLong(5));
        add("atomic boolean", () -> new AtomicBoolean(true));
        add("atomic reference", () -> new AtomicReference<>("x"));
        add("char", () -> 'c');
        add("string", () -> "text");
        add("string empty", () -> "");
        add("string quotes", () -> "a \"b\" \\ / c '");
        add("string controls", () -> "\0\u0001\b\t\n\u000b\f\r\u001f\u007f\u0080");
        add("string umlauts", () -> "äöü 😀");
        add("string separators", () -> "\u2028\u2029\ufeff<>&=");
        add("string surrogate", () -> List.of("a\ud800b"));
        add("string builder", () -> new StringBuilder("built"));
        add("bytes", () -> new byte[] {1, 2, 3});
        add("bytes inside", () -> ordered("b", new byte[] {-1, 0}));
        add("byte buffer", () -> ByteBuffer.wrap(new byte[] {1, 2, 3}));
        add("ints", () -> new int[] {1, 2});
        add("longs", () -> new long[] {1, 2});
        add("doubles", () -> new double[] {1, 2.5, Double.NaN});
        add("floats", () -> new float[] {1, 0.1f});
        add("booleans", () -> new boolean[] {true, false});
        add("chars", () -> new char[] {'a', 'b'});
        add("shorts", () -> new short[] {1, 2});
        add("strings", () -> new String[] {"a", null});
        add("objects", () -> new Object[] {1, "a", null, new int[] {1}});
        add("list", () -> Arrays.asList(1, "a", null, true));
        add("list empty", () -> List.of());
        add("list linked", () -> new LinkedList<>(List.of(1)));
        add("list nested", () -> List.of(List.of(), List.of(List.of(1))));
        add("set", () -> new TreeSet<>(List.of(2, 1)));
        add("set enum", () -> EnumSet.of(Colour.GREEN, Colour.RED));
        add("deque", () -> new ArrayDeque<>(List.of(1, 2)));
        add("iterator", () -> List.of(1).iterator());
        add("iterable", () -> (Iterable<Integer>) () -> List.of(1).iterator());
        add("map", () -> ordered("b", 1, "a", ordered("c", List.of())));
        add("map empty", () -> Map.of());
        add("map null value", () -> ordered("a", null));
        add("map null key", () -> {
            Map<String, Object> map = new HashMap<>();
            map.put(null, 1);
            return map;
        });
        add("map int keys", () -> new TreeMap<>(Map.of(2, "b", 1, "a")));
        add("map enum keys", () -> new EnumMap<>(Map.of(Colour.GREEN, 1)));
        add("map bean key", () -> Map.of(new Point(1, "a"), 1).size());
        add("map boolean keys", () -> Map.of(true, 1));
        add("map double keys", () -> Map.of(1.5, 1));
        add("map long keys", () -> Map.of(5L, 1));
        add("map char keys", () -> Map.of('c', 1));
        add("map concurrent", () -> new ConcurrentHashMap<>(Map.of("a", 1)));
        add("map properties", () -> {
            Properties properties = new Properties();
            properties.setProperty("a", "b");
            return properties;
        });
        add("entry", () -> Map.entry("a", 1));
        add("enum", () -> Colour.RED);
        add("enum with body", () -> List.of(Colour.GREEN));
        add("bean", () -> new Bean("n", 7));
        add("bean nested", () -> {
            Bean bean = new Bean("n", 7);
            bean.next = new Bean(null, 1);
            return bean;
        });
        add("bean child", () -> new Child());
        add("bean names", () -> new Names());
        add("bean fields", () -> new Fields());
        add("bean empty", () -> new Nothing());
        add("bean boxes", () -> new Boxes());
        add("bean throwing", () -> new Throwing());
        add("bean of interface", () -> new Circle());
        add("bean inside", () -> ordered("bean", new Bean("n", 1), "list", List.of(new Fields())));
        add("bean generic", () -> new Generic<>(List.of(new Generic<>(1))));
        add("bean round", () -> new Round());
        add("anonymous", () -> new Object() {
            public String getName() {
                return "anonymous";
            }
        });
        add("object", () -> new Object());
        add("record", () -> new Point(1, "y"));
        add("record inside", () -> List.of(new Point(1, null)));
        add("record with getters", () -> new Item(7, true, "n"));
        add("optional", () -> Optional.of("x"));
        add("optional inside", () -> ordered("a", Optional.empty()));
        add("optional int", () -> OptionalInt.of(1));
        add("optionals", () -> Arrays.asList(OptionalInt.empty(), OptionalLong.of(5), OptionalDouble.of(1.5), OptionalDouble.empty()));
        add("atomic reference null", () -> List.of(new AtomicReference<>()));
        add("file relative", () -> new java.io.File("x").toString().length());
        add("locale language", () -> List.of(Locale.ENGLISH, Locale.forLanguageTag("zh-Hans-CN")));
        add("uuid", () -> new UUID(0, 1));
        add("uri", () -> java.net.URI.create("http://localhost/a"));
        add("locale", () -> Locale.GERMANY);
        add("currency", () -> Currency.getInstance("EUR"));
        add("class", () -> String.class);
        add("pattern", () -> java.util.regex.Pattern.compile("a+"));
        add("file", () -> new java.io.File("/tmp/x"));
        add("path", () -> java.nio.file.Path.of("/tmp/x"));
        add("charset", () -> java.nio.charset.StandardCharsets.UTF_8);
        add("time zone", () -> TimeZone.getTimeZone("UTC"));
        add("date", () -> new Date(0));
        add("calendar", () -> {
            Calendar calendar = Calendar.getInstance(TimeZone.getTimeZone("UTC"));
            calendar.setTimeInMillis(0);
            return calendar;
        });
        add("instant", () -> java.time.Instant.EPOCH);
        add("local date", () -> java.time.LocalDate.EPOCH);
        add("duration", () -> java.time.Duration.ofSeconds(1));
        add("bit set", () -> BitSet.valueOf(new long[] {5}));
        add("response", () -> ordered("statusCode", 200, "headers", Map.of("a", "b"), "body", "é", "isBase64Encoded", false));

        add("throw", () -> fail(new IllegalStateException("as asked")));
        add("throw nothing", () -> fail(new RuntimeException()));
        add("throw checked", () -> fail(new java.io.IOException("checked")));
        add("throw own", () -> fail(new OddException("outer", new IllegalArgumentException("inner"))));
        add("throw error", () -> fail(new AssertionError("an error")));
        add("throw unicode", () -> fail(new RuntimeException("é 😀 \u2028 \u0001")));
        add("throw html", () -> fail(new RuntimeException("<a href='x'>&=\\\u007f\u2029</a>")));
        add("throw lines", () -> fail(new RuntimeException("one\ntwo\n")));
    }

    public Object handler(Map<String, Object> event) throws Exception {
        String name = (String) event.get("case");
        if (name.equals("names")) {
            return new ArrayList<>(CASES.keySet());
        }
        return CASES.get(name).call();
    }
}
