package io.lethean.lem.internal.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON read into plain values, as Python's {@code json.loads} does it.
 *
 * <p>Objects are {@link java.util.LinkedHashMap}, arrays {@link java.util.ArrayList}, integers {@code Long} or {@code
 * BigInteger}, other numbers {@code Double} ({@code NaN} and {@code Infinity} included, as Python writes them).
 */
public final class Json {

    /** Answers may be long; only the nesting depth stays limited. */
    private static final StreamReadConstraints LIMITS = StreamReadConstraints.builder()
            .maxStringLength(Integer.MAX_VALUE)
            .maxNameLength(1 << 20)
            .build();

    private static final JsonMapper MAPPER = JsonMapper.builder(
                    JsonFactory.builder().streamReadConstraints(LIMITS).build())
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    /**
     * The value of a text; null for an empty one.
     *
     * @throws JacksonException if the text is not JSON or is nested too deeply
     */
    public static @Nullable Object parse(String text) {
        return plain(MAPPER.readTree(text));
    }

    private static @Nullable Object plain(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> object(node);
            case ARRAY -> array(node);
            case STRING -> node.stringValue();
            case BOOLEAN -> node.booleanValue();
            case NUMBER -> number(node);
            case NULL, MISSING -> null;
            case BINARY, POJO -> throw new AssertionError("Text never holds a " + node.getNodeType() + ".");
        };
    }

    private static Map<String, @Nullable Object> object(JsonNode node) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        node.properties().forEach(member -> object.put(member.getKey(), plain(member.getValue())));
        return object;
    }

    private static List<@Nullable Object> array(JsonNode node) {
        List<@Nullable Object> array = new ArrayList<>(node.size());
        node.forEach(element -> array.add(plain(element)));
        return array;
    }

    /** Java's integers by size, where Jackson tells int and long apart. */
    private static Object number(JsonNode node) {
        if (!node.isIntegralNumber()) {
            return node.doubleValue();
        }
        return node.canConvertToLong() ? (Object) node.longValue() : node.bigIntegerValue();
    }

    /** What is wrong, in one sentence and with the place in the text. */
    public static String problem(JacksonException e) {
        String message = e.getOriginalMessage().lines().findFirst().orElse("it cannot be read");
        int source = message.indexOf(" (start marker at");
        String brief = source < 0 ? message : message.substring(0, source);
        var place = e.getLocation();
        return place == null ? brief : brief + " (line " + place.getLineNr() + ", column " + place.getColumnNr() + ")";
    }
}
