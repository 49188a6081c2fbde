package io.lethean.lem.internal.schema;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which arrays are allowed.
 *
 * @param first the schemas of the first elements
 * @param rest the schema of the other elements; null for any
 */
record ArrayLimits(List<String> first, @Nullable String rest, int least, int most) {

    static final ArrayLimits NONE = new ArrayLimits(List.of(), null, 0, Integer.MAX_VALUE);

    static ArrayLimits read(Keywords keywords) {
        return new ArrayLimits(
                keywords.schemas("prefixItems"),
                keywords.schema("items"),
                keywords.least("minItems"),
                keywords.most("maxItems"));
    }

    /** What some arrays' limits demand of the element at an index. */
    static Set<String> schemasAt(int index, List<ArrayLimits> limits) {
        Set<String> schemas = new TreeSet<>();
        for (ArrayLimits each : limits) {
            String schema = index < each.first.size() ? each.first.get(index) : each.rest;
            if (schema != null) {
                schemas.add(schema);
            }
        }
        return schemas;
    }
}
