package io.lethean.lem.evaluation.curriculum;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The members of a JSON object, each read at most once; those that nobody read are a fault. */
final class JsonMembers {

    private final String where;
    private final Map<?, ?> members;
    private final Set<String> read;

    /**
     * @param where what the object is, for messages
     * @throws IllegalArgumentException if it is not an object
     */
    JsonMembers(String where, @Nullable Object value) {
        this(where, where, value, new HashSet<>());
    }

    private JsonMembers(String where, String whereNow, @Nullable Object value, Set<String> read) {
        if (!(value instanceof Map<?, ?> object)) {
            throw new IllegalArgumentException(where + " should be an object with members, and is " + value + ".");
        }
        this.where = whereNow;
        this.members = object;
        this.read = read;
    }

    /** These members under another name. */
    JsonMembers renamed(String name) {
        return new JsonMembers(name, name, members, read);
    }

    String where() {
        return where;
    }

    boolean has(String name) {
        return get(name) != null;
    }

    private @Nullable Object get(String name) {
        read.add(name);
        return members.get(name);
    }

    List<String> names() {
        List<String> names = new ArrayList<>();
        members.keySet().forEach(name -> names.add(String.valueOf(name)));
        return names;
    }

    Optional<String> text(String name) {
        Object value = get(name);
        if (value != null && !(value instanceof String)) {
            throw wrong(name, value, "a text");
        }
        return Optional.ofNullable((String) value);
    }

    OptionalDouble number(String name) {
        Object value = get(name);
        if (value == null) {
            return OptionalDouble.empty();
        }
        if (value instanceof Number number) {
            return OptionalDouble.of(number.doubleValue());
        }
        throw wrong(name, value, "a number");
    }

    OptionalInt integer(String name) {
        Object value = get(name);
        return value == null ? OptionalInt.empty() : OptionalInt.of(integer(name, value));
    }

    private int integer(String name, @Nullable Object value) {
        if (value instanceof Long number && number == number.intValue()) {
            return number.intValue();
        }
        throw wrong(name, value, "a whole number");
    }

    List<Integer> integers(String name) {
        return list(name).stream().map(element -> integer(name, element)).toList();
    }

    /** The elements of an array; none if the member is missing. */
    List<Object> list(String name) {
        Object value = get(name);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof List<?> elements)) {
            throw wrong(name, value, "a list");
        }
        List<Object> list = new ArrayList<>();
        elements.forEach(element -> list.add(element == null ? "null" : element));
        return list;
    }

    /** An object inside; without members if it is missing. */
    JsonMembers object(String name) {
        Object value = get(name);
        return new JsonMembers("\"" + name + "\" of " + where, value == null ? Map.of() : value);
    }

    /** A text, number, truth or list of these, as an option has it on the command line. */
    String value(String name) {
        Object value = get(name);
        if (value instanceof List<?> elements) {
            return String.join(",", elements.stream().map(String::valueOf).toList());
        }
        if (value == null || value instanceof Map<?, ?>) {
            throw wrong(name, value, "a single value or a list");
        }
        return value.toString();
    }

    /** @throws IllegalArgumentException naming a member that nothing has read */
    void requireAllRead() {
        for (String name : names()) {
            if (!read.contains(name)) {
                throw fault("has a member \"" + name + "\", which has no meaning here; the members are "
                        + String.join(", ", read.stream().sorted().toList()));
            }
        }
    }

    private IllegalArgumentException wrong(String name, @Nullable Object value, String expected) {
        return fault("has \"" + name + "\": " + value + ", which should be " + expected);
    }

    IllegalArgumentException fault(String problem) {
        return fault(problem + ".", null);
    }

    IllegalArgumentException fault(String sentence, @Nullable Throwable cause) {
        return new IllegalArgumentException(where + " " + sentence, cause);
    }
}
