package slam.lambda;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON text as maps, lists, strings, booleans, null, and numbers as {@link JsonNumber}. */
final class JsonReader {
    /** As deep as Jackson goes, which AWS's runtimes read with. */
    private static final int DEEPEST = 1000;

    private final String text;
    private int position;
    private int depth;

    private JsonReader(String text) {
        this.text = text;
    }

    static Object read(String text) {
        JsonReader reader = new JsonReader(text);
        Object value = reader.value();
        reader.skipSpace();
        if (reader.position < text.length()) {
            throw reader.unexpected();
        }
        return value;
    }

    private Object value() {
        skipSpace();
        switch (peek()) {
            case '{':
                return object();
            case '[':
                return array();
            case '"':
                return string();
            case 't':
                return word("true", Boolean.TRUE);
            case 'f':
                return word("false", Boolean.FALSE);
            case 'n':
                return word("null", null);
            default:
                return number();
        }
    }

    private Map<String, Object> object() {
        enter();
        Map<String, Object> object = new LinkedHashMap<>();
        if (!ends('}')) {
            do {
                skipSpace();
                String name = string();
                expect(':');
                object.put(name, value());
            } while (goesOn('}'));
        }
        depth--;
        return object;
    }

    private List<Object> array() {
        enter();
        List<Object> array = new ArrayList<>();
        if (!ends(']')) {
            do {
                array.add(value());
            } while (goesOn(']'));
        }
        depth--;
        return array;
    }

    private void enter() {
        position++;
        if (++depth > DEEPEST) {
            throw new JsonException("The JSON is nested deeper than " + DEEPEST + " levels");
        }
    }

    private boolean ends(char end) {
        skipSpace();
        if (peek() != end) {
            return false;
        }
        position++;
        return true;
    }

    private boolean goesOn(char end) {
        if (ends(end)) {
            return false;
        }
        expect(',');
        return true;
    }

    private void expect(char wanted) {
        skipSpace();
        if (peek() != wanted) {
            throw unexpected();
        }
        position++;
    }

    private String string() {
        if (peek() != '"') {
            throw unexpected();
        }
        int start = ++position;
        while (peek() != '"' && peek() != '\\') {
            position++;
        }
        if (peek() == '"') {
            return text.substring(start, position++);
        }
        StringBuilder string = new StringBuilder(text.substring(start, position));
        while (peek() != '"') {
            char next = text.charAt(position++);
            string.append(next == '\\' ? escaped() : next);
        }
        position++;
        return string.toString();
    }

    private char escaped() {
        char next = peek();
        position++;
        switch (next) {
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u':
                int end = Math.min(position + 4, text.length());
                try {
                    char unit = (char) Integer.parseInt(text.substring(position, end), 16);
                    position = end;
                    return unit;
                } catch (NumberFormatException error) {
                    throw unexpected();
                }
            default:
                return next;
        }
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, position)) {
            throw unexpected();
        }
        position += word.length();
        return value;
    }

    private JsonNumber number() {
        int start = position;
        while (position < text.length() && "+-.0123456789eE".indexOf(text.charAt(position)) >= 0) {
            position++;
        }
        try {
            return new JsonNumber(text.substring(start, position));
        } catch (NumberFormatException error) {
            position = start;
            throw unexpected();
        }
    }

    private void skipSpace() {
        while (position < text.length() && " \t\r\n".indexOf(text.charAt(position)) >= 0) {
            position++;
        }
    }

    private char peek() {
        if (position >= text.length()) {
            throw new JsonException("The JSON ends too early");
        }
        return text.charAt(position);
    }

    private JsonException unexpected() {
        return new JsonException("Unexpected character at position " + position + " of the JSON");
    }
}
