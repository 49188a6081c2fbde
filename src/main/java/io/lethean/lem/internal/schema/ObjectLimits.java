package io.lethean.lem.internal.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which objects are allowed.
 *
 * @param others the schema of what neither properties nor patterns name; null for any
 * @param names the schema of every name; null for any
 */
record ObjectLimits(
        Map<String, String> properties,
        List<NamePattern> patterns,
        @Nullable String others,
        @Nullable String names,
        List<String> required,
        int least,
        int most) {

    /** The schema of the properties that have such a name. */
    record NamePattern(Dfa names, String schema) {}

    static final ObjectLimits NONE = new ObjectLimits(Map.of(), List.of(), null, null, List.of(), 0, Integer.MAX_VALUE);

    static ObjectLimits read(Keywords keywords) {
        List<NamePattern> patterns = new ArrayList<>();
        String place = keywords.place("patternProperties");
        keywords.schemaMap("patternProperties")
                .forEach((pattern, schema) ->
                        patterns.add(new NamePattern(Determinization.ofPattern(pattern, place), schema)));
        return new ObjectLimits(
                keywords.schemaMap("properties"),
                List.copyOf(patterns),
                keywords.schema("additionalProperties"),
                keywords.schema("propertyNames"),
                keywords.texts("required"),
                keywords.least("minProperties"),
                keywords.most("maxProperties"));
    }

    /** What some objects' limits demand of the property of a name. */
    static Set<String> schemasOf(String name, List<ObjectLimits> limits) {
        Set<String> schemas = new TreeSet<>();
        for (ObjectLimits each : limits) {
            schemas.addAll(each.schemasOf(name));
        }
        return schemas;
    }

    private List<String> schemasOf(String name) {
        List<String> schemas = new ArrayList<>();
        String own = properties.get(name);
        if (own != null) {
            schemas.add(own);
        }
        patterns.stream()
                .filter(each -> each.names.accepts(name))
                .map(NamePattern::schema)
                .forEach(schemas::add);
        if (schemas.isEmpty() && others != null) {
            schemas.add(others);
        }
        return schemas;
    }
}
