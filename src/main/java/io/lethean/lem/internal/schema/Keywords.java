package io.lethean.lem.internal.schema;

import io.lethean.lem.GrammarException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The keywords of one schema, read with a check of their form. */
final class Keywords {

    /** The most elements, properties or characters that can be asked for; higher upper limits come down to it. */
    private static final int MOST = 1_000_000;

    private final JsonNode object;
    private final String place;
    private final Consumer<String> subschemas;

    /**
     * @param place of the schema
     * @param subschemas told the place of each schema that is found inside
     */
    Keywords(JsonNode object, String place, Consumer<String> subschemas) {
        this.object = object;
        this.place = place;
        this.subschemas = subschemas;
    }

    String place() {
        return place;
    }

    /** A keyword and its schema's place, for messages. */
    String place(String keyword) {
        return place + "/" + escaped(keyword);
    }

    static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }

    GrammarException malformed(String keyword, String expected) {
        return refused(keyword + " at " + place + " must be " + expected + ".");
    }

    GrammarException refused(String sentence) {
        return new GrammarException("The JSON Schema cannot be used: " + sentence);
    }

    @Nullable
    JsonNode get(String keyword) {
        return object.get(keyword);
    }

    @Nullable
    BigDecimal number(String keyword) {
        JsonNode value = get(keyword);
        if (value == null) {
            return null;
        }
        if (!value.isNumber()) {
            throw malformed(keyword, "a number");
        }
        return value.decimalValue();
    }

    @Nullable
    String text(String keyword) {
        JsonNode value = get(keyword);
        if (value == null) {
            return null;
        }
        if (!value.isString()) {
            throw malformed(keyword, "a text");
        }
        return value.stringValue();
    }

    List<String> texts(String keyword) {
        JsonNode value = get(keyword);
        if (value == null) {
            return List.of();
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode each : value) {
            texts.add(each.isString() ? each.stringValue() : "");
            if (!each.isString()) {
                throw malformed(keyword, "a list of texts");
            }
        }
        if (!value.isArray()) {
            throw malformed(keyword, "a list of texts");
        }
        return List.copyOf(texts);
    }

    /** A lower limit; 0 where it is not set. */
    int least(String keyword) {
        BigDecimal value = count(keyword);
        if (value == null) {
            return 0;
        }
        if (value.compareTo(BigDecimal.valueOf(MOST)) > 0) {
            throw refused(keyword + " at " + place + " is above " + MOST + ".");
        }
        return value.intValueExact();
    }

    /** An upper limit; {@link Integer#MAX_VALUE} where it is not set. */
    int most(String keyword) {
        BigDecimal value = count(keyword);
        return value == null
                ? Integer.MAX_VALUE
                : value.min(BigDecimal.valueOf(MOST)).intValueExact();
    }

    private @Nullable BigDecimal count(String keyword) {
        BigDecimal value = number(keyword);
        if (value != null && (value.signum() < 0 || value.stripTrailingZeros().scale() > 0)) {
            throw malformed(keyword, "a whole number of at least 0");
        }
        return value;
    }

    /** The place of a subschema; null where it is not set. */
    @Nullable
    String schema(String keyword) {
        JsonNode value = get(keyword);
        return value == null ? null : found(value, place(keyword));
    }

    /** The places of a list of subschemas. */
    List<String> schemas(String keyword) {
        JsonNode value = get(keyword);
        if (value == null) {
            return List.of();
        }
        if (!value.isArray() || value.isEmpty()) {
            throw malformed(keyword, "a list of schemas");
        }
        List<String> places = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            places.add(found(value.get(i), place(keyword) + "/" + i));
        }
        return List.copyOf(places);
    }

    /** The places of subschemas by their names, in the order of the document. */
    Map<String, String> schemaMap(String keyword) {
        JsonNode value = get(keyword);
        if (value == null) {
            return Map.of();
        }
        if (!value.isObject()) {
            throw malformed(keyword, "an object of schemas");
        }
        Map<String, String> places = new LinkedHashMap<>();
        value.properties()
                .forEach(entry -> places.put(
                        entry.getKey(), found(entry.getValue(), place(keyword) + "/" + escaped(entry.getKey()))));
        return places;
    }

    private String found(JsonNode schema, String where) {
        if (!schema.isObject() && !schema.isBoolean()) {
            throw new GrammarException("The JSON Schema cannot be used: at " + where
                    + " a schema is expected, which is an object, true or false.");
        }
        subschemas.accept(where);
        return where;
    }
}
