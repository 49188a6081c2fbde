package io.lethean.lem.server.internal.http;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The members of a JSON object in a request. Each member that is read is noted, so that the others can be refused by name. A
 * member that is null counts as absent.
 */
public final class Params {

    private final ObjectNode node;
    private final String prefix;
    private final Set<String> read = new HashSet<>();

    public Params(ObjectNode node) {
        this(node, "");
    }

    private Params(ObjectNode node, String prefix) {
        this.node = node;
        this.prefix = prefix;
    }

    /**
     * An object inside of a request.
     *
     * @param path where it is, such as {@code messages[0]}
     * @throws ApiError if it is not an object
     */
    public static Params of(JsonNode node, String path) {
        if (node instanceof ObjectNode object) {
            return new Params(object, path + ".");
        }
        throw ApiError.invalid(path, path + " must be an object.");
    }

    /** The full name of a member, for messages. */
    public String path(String name) {
        return prefix + name;
    }

    /** A member of any kind. */
    public Optional<JsonNode> any(String name) {
        read.add(name);
        JsonNode value = node.get(name);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    /** The error for a member of a wrong kind. */
    public ApiError wrong(String name, String expected) {
        return ApiError.invalid(path(name), path(name) + " must be " + expected + ".");
    }

    public Optional<String> text(String name) {
        return any(name).map(value -> {
            if (!value.isString()) {
                throw wrong(name, "a string");
            }
            return requireUnicode(value.stringValue(), path(name));
        });
    }

    public String requireText(String name) {
        return text(name).orElseThrow(() -> missing(name));
    }

    /** The error for a member that must be there. */
    public ApiError missing(String name) {
        return ApiError.invalid(path(name), "missing_required_parameter", path(name) + " is missing.");
    }

    public Optional<Boolean> flag(String name) {
        return any(name).map(value -> {
            if (!value.isBoolean()) {
                throw wrong(name, "true or false");
            }
            return value.booleanValue();
        });
    }

    public Optional<Double> number(String name) {
        return any(name).map(value -> {
            if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
                throw wrong(name, "a number");
            }
            return value.doubleValue();
        });
    }

    public OptionalLong whole(String name) {
        Optional<JsonNode> value = any(name);
        if (value.isEmpty()) {
            return OptionalLong.empty();
        }
        if (!value.get().isIntegralNumber() || !value.get().canConvertToLong()) {
            throw wrong(name, "a whole number of at most 64 bits");
        }
        return OptionalLong.of(value.get().longValue());
    }

    public OptionalInt whole(String name, int least, int most) {
        OptionalLong value = whole(name);
        if (value.isEmpty()) {
            return OptionalInt.empty();
        }
        long number = value.getAsLong();
        if (number < least || number > most) {
            throw ApiError.invalid(
                    path(name),
                    path(name) + " is " + number + " and must be "
                            + (most == Integer.MAX_VALUE ? "at least " + least : "between " + least + " and " + most)
                            + ".");
        }
        return OptionalInt.of((int) number);
    }

    /** The elements of a list; empty if it is absent. */
    public List<JsonNode> list(String name) {
        Optional<JsonNode> value = any(name);
        if (value.isEmpty()) {
            return List.of();
        }
        if (!value.get().isArray()) {
            throw wrong(name, "a list");
        }
        List<JsonNode> elements = new ArrayList<>();
        value.get().forEach(elements::add);
        return elements;
    }

    /** A member that is an object. */
    public Optional<Params> object(String name) {
        return any(name).map(value -> of(value, path(name)));
    }

    /** Notes members that may be there and are not used. */
    public void ignore(String... names) {
        read.addAll(List.of(names));
    }

    /**
     * Refuses members that were not read and are neither null nor empty.
     *
     * @throws ApiError that names the first of them
     */
    public void refuseOthers() {
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            JsonNode value = member.getValue();
            boolean empty = value.isNull() || value.isContainer() && value.isEmpty();
            if (!read.contains(member.getKey()) && !empty) {
                String name = path(member.getKey());
                throw ApiError.invalid(
                        name,
                        "unsupported_parameter",
                        "This server does not know the parameter " + name + ". It would be ignored, so it is refused.");
            }
        }
    }

    /** The object itself. */
    public ObjectNode node() {
        return node;
    }

    /** @throws ApiError if a text has half a surrogate pair, which is not a character */
    public static String requireUnicode(@Nullable String text, String path) {
        if (text == null) {
            throw ApiError.invalid(path, path + " must be a string.");
        }
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            boolean pair = Character.isHighSurrogate(unit)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (pair) {
                i++;
            } else if (Character.isSurrogate(unit)) {
                throw ApiError.invalid(
                        path, path + " has half of a surrogate pair at place " + i + ", which is not a character.");
            }
        }
        return text;
    }
}
