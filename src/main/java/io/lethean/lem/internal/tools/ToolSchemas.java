package io.lethean.lem.internal.tools;

import io.lethean.lem.ToolDefinition;
import io.lethean.lem.internal.io.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The parameters of tools, by which untyped text becomes values. */
final class ToolSchemas {

    private final Map<String, Map<?, ?>> schemas = new LinkedHashMap<>();

    /** @param tools with parameters that are objects of JSON */
    ToolSchemas(List<ToolDefinition> tools) {
        for (ToolDefinition tool : tools) {
            Object schema = Json.parse(tool.parameters());
            schemas.put(tool.name(), schema instanceof Map<?, ?> members ? members : Map.of());
        }
    }

    Set<String> names() {
        return schemas.keySet();
    }

    boolean isEmpty() {
        return schemas.isEmpty();
    }

    /** Whether a parameter is a string and nothing else; true for one that no tool describes. */
    boolean isString(String tool, String parameter) {
        Map<?, ?> schema = schemas.getOrDefault(tool, Map.of());
        if (!(schema.get("properties") instanceof Map<?, ?> properties)
                || !(properties.get(parameter) instanceof Map<?, ?> property)) {
            return true;
        }
        return isString(property);
    }

    static boolean isString(Map<?, ?> schema) {
        if (schema.get("enum") instanceof List<?> values && schema.get("type") == null) {
            return values.stream().allMatch(String.class::isInstance);
        }
        return "string".equals(schema.get("type"));
    }
}
