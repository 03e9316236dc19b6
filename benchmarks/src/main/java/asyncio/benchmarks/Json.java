package asyncio.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads JSON: objects as maps, arrays as lists, numbers as doubles; strings and booleans as they
/// are, and null as the string `null`, which no result of JMH needs to be told apart from.
///
/// Threads: one instance, one thread.
final class Json {
    private final String text;
    private int position; // of the next character

    private Json(String text) {
        this.text = text;
    }

    /// Reads one value.
    ///
    /// @throws IllegalArgumentException if the text is anything else
    static Object parse(String text) {
        Json json = new Json(text);
        Object value = json.value();
        if (json.peek() != '\0') {
            throw json.unexpected();
        }
        return value;
    }

    private Object value() {
        char first = peek();
        return switch (first) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            default -> word();
        };
    }

    private Map<String, Object> object() {
        Map<String, Object> members = new LinkedHashMap<>();
        take('{');
        while (peek() != '}') {
            if (!members.isEmpty()) {
                take(',');
                peek();
            }
            String name = string();
            take(':');
            members.put(name, value());
        }
        take('}');
        return members;
    }

    private List<Object> array() {
        List<Object> elements = new ArrayList<>();
        take('[');
        while (peek() != ']') {
            if (!elements.isEmpty()) {
                take(',');
            }
            elements.add(value());
        }
        take(']');
        return elements;
    }

    private String string() {
        take('"');
        StringBuilder characters = new StringBuilder();
        while (at(position) != '"') {
            char next = next();
            characters.append(next == '\\' ? escaped() : next);
        }
        position++;
        return characters.toString();
    }

    private char escaped() {
        char kind = next();
        return switch (kind) {
            case '"', '\\', '/' -> kind;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int start = position;
                position = Math.min(start + 4, text.length());
                yield (char) Integer.parseInt(text.substring(start, position), 16);
            }
            default -> throw unexpected();
        };
    }

    /// A number, or a name.
    private Object word() {
        int start = position;
        while (Character.isLetterOrDigit(at(position)) || "+-.".indexOf(at(position)) >= 0) {
            position++;
        }
        String word = text.substring(start, position);
        return switch (word) {
            case "true" -> true;
            case "false" -> false;
            case "null" -> word;
            default -> number(word);
        };
    }

    private Double number(String word) {
        try {
            return Double.valueOf(word);
        } catch (NumberFormatException e) {
            throw unexpected();
        }
    }

    private void take(char expected) {
        if (peek() != expected) {
            throw unexpected();
        }
        position++;
    }

    /// The next character that is not white space; it stays the next one.
    private char peek() {
        while (Character.isWhitespace(at(position))) {
            position++;
        }
        return at(position);
    }

    private char next() {
        if (position >= text.length()) {
            throw unexpected();
        }
        return text.charAt(position++);
    }

    /// The character at an index; NUL behind the end.
    private char at(int index) {
        return index < text.length() ? text.charAt(index) : '\0';
    }

    private IllegalArgumentException unexpected() {
        String found = position < text.length() ? "'" + text.charAt(position) + "'" : "the end";
        return new IllegalArgumentException("not JSON: did not expect " + found + " at index " + position);
    }
}
