package io.lethean.lem.internal.schema;

import io.lethean.lem.GrammarException;
import io.lethean.lem.internal.schema.Schema.Branch;
import io.lethean.lem.internal.schema.Schema.Exclusion;
import java.math.BigDecimal;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The text of a schema, with all the schemas in it by their places. */
final class SchemaDocument {

    static final String ROOT = "#";

    private static final int LONGEST = 1 << 20;
    private static final int DEEPEST = 64;
    private static final int LONGEST_CHAIN = 500;
    private static final int MOST_DIGITS = 300;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .maxDocumentLength(LONGEST)
                            .maxStringLength(LONGEST)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final JsonNode tree;
    private final Map<String, Schema> schemas = new HashMap<>();

    private SchemaDocument(JsonNode tree) {
        this.tree = tree;
    }

    /** @throws GrammarException if it is not a schema, or one that is not enforced */
    static SchemaDocument read(String text) {
        JsonNode tree = tree(text);
        if (!tree.isObject() && !tree.isBoolean()) {
            throw new GrammarException("The JSON Schema is not an object, true or false.");
        }
        requireUsableValues(tree);
        SchemaDocument document = new SchemaDocument(tree);
        new SchemaReader(document).run();
        document.requireNoCircles();
        return document;
    }

    private static JsonNode tree(String text) {
        try {
            JsonNode tree = text.isBlank() || text.length() > LONGEST ? null : MAPPER.readTree(text);
            if (tree != null) {
                return tree;
            }
        } catch (JacksonException e) {
            String problem = e.getOriginalMessage().lines().findFirst().orElse("it cannot be read");
            throw new GrammarException("The JSON Schema is not JSON: " + problem + ".", e);
        }
        throw new GrammarException(
                "The JSON Schema is " + (text.isBlank() ? "empty." : "longer than " + LONGEST + " characters."));
    }

    private static void requireUsableValues(JsonNode node) {
        if (node.isString()) {
            requireText(node.stringValue());
        } else if (node.isNumber()) {
            BigDecimal number = node.decimalValue();
            if (number.precision() > MOST_DIGITS || Math.abs(number.scale()) > MOST_DIGITS) {
                throw new GrammarException("The JSON Schema has a number of more than " + MOST_DIGITS + " digits.");
            }
        }
        node.propertyNames().forEach(SchemaDocument::requireText);
        node.forEach(SchemaDocument::requireUsableValues);
    }

    private static void requireText(String text) {
        if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw new GrammarException("The JSON Schema has half of a surrogate pair, which no text can hold.");
        }
    }

    boolean has(String place) {
        return schemas.containsKey(place);
    }

    void put(Schema schema) {
        schemas.put(schema.place(), schema);
    }

    Schema get(String place) {
        Schema schema = schemas.get(place);
        if (schema == null) {
            throw new IllegalArgumentException("There is no schema at " + place + ".");
        }
        return schema;
    }

    JsonNode nodeAt(String place) {
        JsonNode node = find(place);
        if (node == null) {
            throw new IllegalArgumentException("There is nothing at " + place + ".");
        }
        return node;
    }

    private @Nullable JsonNode find(String place) {
        JsonNode node = tree;
        for (String step : place.equals(ROOT)
                ? List.<String>of()
                : List.of(place.substring(2).split("/", -1))) {
            String name = step.replace("~1", "/").replace("~0", "~");
            boolean index = node.isArray() && name.matches("0|[1-9][0-9]{0,8}");
            node = index ? node.get(Integer.parseInt(name)) : node.get(name);
            if (node == null) {
                return null;
            }
        }
        return node;
    }

    /** The place that a reference leads to. */
    String resolve(String reference, Keywords keywords) {
        String place = reference;
        if (reference.contains("%")) {
            try {
                place = URLDecoder.decode(reference.replace("+", "%2B"), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException malformed) {
                throw unusable(reference, keywords, "has a broken percent escape");
            }
        }
        if (!place.equals(ROOT) && !place.startsWith("#/")) {
            throw unusable(reference, keywords, "is not followed: only # and what begins with #/ are");
        }
        JsonNode target = find(place);
        if (target == null || !target.isObject() && !target.isBoolean()) {
            throw unusable(reference, keywords, "leads to no schema");
        }
        return place;
    }

    private static GrammarException unusable(String reference, Keywords keywords, String reason) {
        return keywords.refused("$ref \"" + reference + "\" at " + keywords.place() + " " + reason + ".");
    }

    /** Refuses schemas that apply themselves to the same value, which say nothing. */
    private void requireNoCircles() {
        Set<String> done = new HashSet<>();
        schemas.keySet().forEach(place -> follow(place, new HashSet<>(), done));
    }

    private void follow(String place, Set<String> path, Set<String> done) {
        if (!path.add(place)) {
            throw new GrammarException("The JSON Schema cannot be used: the schema at " + place
                    + " applies itself to the same value, through $ref, allOf, anyOf, oneOf, not or if.");
        }
        if (path.size() > LONGEST_CHAIN) {
            throw new GrammarException("The JSON Schema cannot be used: more than " + LONGEST_CHAIN
                    + " schemas up to the one at " + place + " apply each other to the same value.");
        }
        if (done.add(place)) {
            appliedBy(get(place)).forEach(each -> follow(each, path, done));
        }
        path.remove(place);
    }

    private static List<String> appliedBy(Schema schema) {
        List<String> applied = new ArrayList<>(schema.all());
        List<Exclusion> excluded = new ArrayList<>(schema.not());
        for (List<Branch> choice : schema.choices()) {
            for (Branch branch : choice) {
                applied.addAll(branch.all());
                excluded.addAll(branch.not());
            }
        }
        excluded.forEach(each -> applied.add(each.schema()));
        return applied;
    }
}
