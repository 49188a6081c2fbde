package io.lethean.lem.internal.tools;

import io.lethean.lem.GrammarException;
import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.internal.schema.GbnfText;
import io.lethean.lem.internal.schema.JsonSchema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Calls in the form of Qwen3-Coder: strings are any text, other values are JSON. */
final class XmlGrammar {

    private static final Set<String> STRING_KEYWORDS =
            Set.of("type", "enum", "const", "title", "description", "default", "examples");
    private static final Set<String> OBJECT_KEYWORDS = Set.of(
            "type",
            "properties",
            "required",
            "additionalProperties",
            "title",
            "description",
            "$defs",
            "definitions",
            "$schema",
            "$id",
            "$comment");

    private final String name;
    private final StringBuilder rules;

    /**
     * @param name begins the names of rules
     * @param rules receives them
     */
    XmlGrammar(String name, StringBuilder rules) {
        this.name = name;
        this.rules = rules;
    }

    /** What a call is. */
    String call(String tool, Map<String, Object> schema) {
        requireKnown(schema, OBJECT_KEYWORDS, "its parameters");
        List<?> required = schema.get("required") instanceof List<?> names ? names : List.of();
        Map<?, ?> properties = schema.get("properties") instanceof Map<?, ?> members ? members : Map.of();
        StringBuilder call =
                new StringBuilder(GbnfText.literal(HermesCalls.OPEN + "\n" + XmlCalls.FUNCTION + tool + ">\n"));
        int index = 0;
        for (Map.Entry<?, ?> property : properties.entrySet()) {
            Map<?, ?> value = property.getValue() instanceof Map<?, ?> known ? known : Map.of();
            String parameter = GbnfText.literal(XmlCalls.PARAMETER + property.getKey() + ">\n") + " "
                    + value(value, name + "p" + index++, schema);
            call.append(' ').append(required.contains(property.getKey()) ? parameter : "(" + parameter + ")?");
        }
        if (!properties.keySet().containsAll(required)) {
            throw new GrammarException("required names a parameter that properties does not describe.");
        }
        return call + " " + GbnfText.literal(XmlCalls.FUNCTION_END + "\n" + HermesCalls.CLOSE);
    }

    /** A value and what closes it. */
    private String value(Map<?, ?> schema, String rule, Map<String, Object> root) {
        String close = "\n" + XmlCalls.PARAMETER_END + "\n";
        if (!ToolSchemas.isString(schema)) {
            Map<String, Object> alone = new LinkedHashMap<>();
            for (String definitions : List.of("$defs", "definitions")) {
                if (root.containsKey(definitions)) {
                    alone.put(definitions, root.get(definitions));
                }
            }
            schema.forEach((key, value) -> alone.put(String.valueOf(key), value));
            rules.append(JsonSchema.rules(PythonJson.readable(alone), rule));
            return rule + " " + GbnfText.literal(close);
        }
        requireKnown(schema, STRING_KEYWORDS, "a string");
        List<?> values = schema.get("enum") instanceof List<?> listed ? listed : List.of();
        values = schema.containsKey("const") ? List.of(String.valueOf(schema.get("const"))) : values;
        if (!values.isEmpty()) {
            return values.stream()
                    .map(each -> GbnfText.literal(each + close))
                    .collect(Collectors.joining(" | ", "(", ")"));
        }
        rules.append(UntilRules.of(rule, close));
        return rule;
    }

    private static void requireKnown(Map<?, ?> schema, Set<String> known, String what) {
        for (Object keyword : schema.keySet()) {
            if (!known.contains(String.valueOf(keyword))) {
                throw new GrammarException(
                        keyword + " of " + what + " is not enforced where calls are written in this form.");
            }
        }
    }
}
