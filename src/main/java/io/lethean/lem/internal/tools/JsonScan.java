package io.lethean.lem.internal.tools;

import io.lethean.lem.ToolCall;
import io.lethean.lem.internal.io.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** Values of JSON inside a longer text, by their places, so that arguments stay as the model wrote them. */
final class JsonScan {

    static final int UNFINISHED = -1;

    static final Object MALFORMED = new Object();

    private JsonScan() {}

    /** Where the object, array or string that begins here ends; {@link #UNFINISHED} if the text ends before. */
    static int end(String text, int at) {
        int depth = 0;
        boolean quoted = false;
        for (int i = at; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted) {
                i += c == '\\' ? 1 : 0;
                quoted = c != '"';
            } else {
                quoted = c == '"';
                depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
            }
            if (depth == 0 && !quoted) {
                return Math.min(i + 1, text.length());
            }
        }
        return UNFINISHED;
    }

    static int skipSpace(String text, int at) {
        int i = at;
        while (i < text.length() && Character.isWhitespace(text.charAt(i))) {
            i++;
        }
        return i;
    }

    /** Whether a text ends here with a part of these words, or right before them. */
    static boolean couldBegin(String text, int at, String words) {
        return text.length() - at < words.length() && words.startsWith(text.substring(at));
    }

    /**
     * Where a malformed call ends: after what closes it, but not beyond the next one that opens.
     *
     * @param at where it opens
     */
    static int malformedEnd(String text, int at, String open, String close) {
        int closed = text.indexOf(close, at);
        int next = text.indexOf(open, at + 1);
        if (closed >= 0 && (next < 0 || closed < next)) {
            return closed + close.length();
        }
        return next < 0 ? text.length() : next;
    }

    /** Whether a text is an object of JSON. */
    static boolean isObject(String json) {
        return value(json) instanceof Map<?, ?>;
    }

    /** The value of a text; {@link #MALFORMED} if it is not JSON, which NaN and infinite numbers are not. */
    static @Nullable Object value(String json) {
        try {
            Object value = json.isBlank() ? MALFORMED : Json.parse(json);
            return isFinite(value) ? value : MALFORMED;
        } catch (JacksonException malformed) {
            return MALFORMED;
        }
    }

    private static boolean isFinite(@Nullable Object value) {
        return switch (value) {
            case null -> true;
            case Double number -> Double.isFinite(number);
            case Map<?, ?> members -> members.values().stream().allMatch(JsonScan::isFinite);
            case List<?> elements -> elements.stream().allMatch(JsonScan::isFinite);
            default -> true;
        };
    }

    /** The members of an object or the elements of an array, as they are written; members by their names. */
    private static Map<String, String> parts(String json) {
        Map<String, String> parts = new LinkedHashMap<>();
        boolean object = json.startsWith("{");
        int at = skipSpace(json, 1);
        while (at < json.length() - 1) {
            String name = Integer.toString(parts.size());
            if (object) {
                int nameEnd = end(json, at);
                name = text(json.substring(at, nameEnd));
                at = skipSpace(json, skipSpace(json, nameEnd) + 1);
            }
            int valueEnd = valueEnd(json, at);
            parts.put(name, json.substring(at, valueEnd).strip());
            at = skipSpace(json, skipSpace(json, valueEnd) + 1);
        }
        return parts;
    }

    private static int valueEnd(String json, int at) {
        if ("{[\"".indexOf(json.charAt(at)) >= 0) {
            return end(json, at);
        }
        int i = at;
        while (",]}".indexOf(json.charAt(i)) < 0) {
            i++;
        }
        return i;
    }

    /** The calls in a text that is one object with name and arguments, or an array of such; empty if it is not. */
    static Optional<List<ToolCall>> calls(String json) {
        Object value = value(json);
        if (value instanceof Map<?, ?>) {
            return call(json).map(List::of);
        }
        if (!(value instanceof List<?> list) || list.isEmpty()) {
            return Optional.empty();
        }
        List<ToolCall> calls = new ArrayList<>();
        for (String element : parts(json).values()) {
            Optional<ToolCall> call = element.startsWith("{") ? call(element) : Optional.empty();
            if (call.isEmpty()) {
                return Optional.empty();
            }
            calls.add(call.get());
        }
        return Optional.of(calls);
    }

    private static Optional<ToolCall> call(String json) {
        Map<String, String> members = parts(json);
        String function = members.getOrDefault("function", "");
        if (function.startsWith("{")) {
            return call(function).map(call -> call.id().isEmpty() ? withId(call, members) : call);
        }
        String name = text(members.getOrDefault("name", function));
        String arguments = "{}";
        for (String member : List.of("arguments", "parameters")) {
            arguments = members.getOrDefault(member, arguments);
        }
        if (arguments.startsWith("\"")) {
            arguments = text(arguments);
        }
        if (name.isBlank() || !arguments.equals("null") && !isObject(arguments)) {
            return Optional.empty();
        }
        return Optional.of(withId(new ToolCall("", name, arguments.equals("null") ? "{}" : arguments), members));
    }

    private static ToolCall withId(ToolCall call, Map<String, String> members) {
        return new ToolCall(text(members.getOrDefault("id", "")), call.name(), call.arguments());
    }

    private static String text(String json) {
        return value(json) instanceof String text ? text : "";
    }
}
