package io.lethean.lem.internal.tools;

import io.lethean.lem.GrammarException;
import io.lethean.lem.internal.schema.GbnfText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Calls in Gemma's notation, with the types, properties and listed values of a schema. */
final class GemmaGrammar {

    private static final Set<String> KNOWN = Set.of(
            "type",
            "properties",
            "required",
            "items",
            "enum",
            "const",
            "anyOf",
            "$ref",
            "$defs",
            "definitions",
            "additionalProperties",
            "title",
            "description",
            "default",
            "examples",
            "$schema",
            "$id",
            "$comment");

    private final String name;
    private final StringBuilder rules;
    private final GemmaCalls.Marks marks;
    private final Map<String, String> references = new HashMap<>();
    private Map<?, ?> root = Map.of();
    private int count;

    /**
     * @param name begins the names of rules
     * @param rules receives them
     */
    GemmaGrammar(String name, StringBuilder rules, GemmaCalls.Marks marks) {
        this.name = name;
        this.rules = rules;
        this.marks = marks;
    }

    /** What a call is. */
    String call(String tool, Map<String, Object> schema) {
        root = schema;
        rules.append(UntilRules.of(name + "text", marks.quote()));
        return GbnfText.literal(marks.open() + "call:" + tool) + " " + value(schema, "#") + " "
                + GbnfText.literal(marks.close());
    }

    private String add(String body) {
        String rule = name + "v" + count++;
        rules.append(rule).append(" ::= ").append(body).append('\n');
        return rule;
    }

    /** The rule of the values of a schema. */
    private String value(Map<?, ?> schema, String place) {
        for (Object keyword : schema.keySet()) {
            if (!KNOWN.contains(String.valueOf(keyword))) {
                throw new GrammarException(
                        keyword + " at " + place
                                + " is not enforced in Gemma's notation, which has types, properties, items and listed values.");
            }
        }
        if (schema.get("$ref") instanceof String reference) {
            return reference(reference, place);
        }
        if (schema.containsKey("const")) {
            return add(listed(schema.get("const"), place));
        }
        if (schema.get("enum") instanceof List<?> values) {
            return add(values.stream().map(each -> listed(each, place)).collect(Collectors.joining(" | ")));
        }
        if (schema.get("anyOf") instanceof List<?> choices) {
            return add(choices.stream()
                    .map(each -> value(mapping(each), place + "/anyOf"))
                    .collect(Collectors.joining(" | ")));
        }
        if (schema.get("type") instanceof List<?> types) {
            return add(types.stream()
                    .map(each -> typed(String.valueOf(each), schema, place))
                    .collect(Collectors.joining(" | ")));
        }
        String implied = schema.containsKey("properties") ? "object" : schema.containsKey("items") ? "array" : "";
        return typed(schema.get("type") instanceof String type ? type : implied, schema, place);
    }

    private static Map<?, ?> mapping(@Nullable Object schema) {
        return schema instanceof Map<?, ?> members ? members : Map.of();
    }

    private String reference(String reference, String place) {
        String known = references.get(reference);
        if (known != null) {
            return known;
        }
        Object target = reference.equals("#") ? root : null;
        for (String definitions : List.of("$defs", "definitions")) {
            String prefix = "#/" + definitions + "/";
            if (reference.startsWith(prefix)) {
                target = mapping(root.get(definitions)).get(reference.substring(prefix.length()));
            }
        }
        if (!(target instanceof Map<?, ?> schema)) {
            throw new GrammarException("$ref \"" + reference + "\" at " + place + " leads to no definition.");
        }
        String rule = name + "d" + references.size();
        references.put(reference, rule);
        String body = value(schema, reference);
        rules.append(rule).append(" ::= ").append(body).append('\n');
        return rule;
    }

    private String listed(Object value, String place) {
        if (value instanceof String text) {
            if (text.contains(marks.quote())) {
                throw new GrammarException("A listed value at " + place + " has " + marks.quote() + " in it.");
            }
            return GbnfText.literal(marks.quote() + text + marks.quote());
        }
        if (value instanceof Map || value instanceof List) {
            throw new GrammarException("A listed value at " + place + " is an object or array, which is not enforced.");
        }
        return GbnfText.literal(String.valueOf(value));
    }

    private String typed(String type, Map<?, ?> schema, String place) {
        return switch (type) {
            case "string" -> add(GbnfText.literal(marks.quote()) + " " + name + "text");
            case "boolean" -> add("\"true\" | \"false\"");
            case "null" -> add("\"null\"");
            case "integer" -> add("\"-\"? (\"0\" | [1-9] [0-9]{0,15})");
            case "number" -> add("\"-\"? (\"0\" | [1-9] [0-9]{0,15}) (\".\" [0-9]{1,15})?");
            case "array" -> array(schema, place);
            case "object" -> object(schema, place);
            default -> any();
        };
    }

    private String array(Map<?, ?> schema, String place) {
        String item = value(mapping(schema.get("items")), place + "/items");
        return add("\"[\" (" + item + " (\",\" " + item + ")*)? \"]\"");
    }

    /** A value of any type but objects with members, which are described. */
    private String any() {
        String scalar = add(String.join(
                " | ",
                typed("string", Map.of(), "#"),
                typed("number", Map.of(), "#"),
                typed("boolean", Map.of(), "#"),
                typed("null", Map.of(), "#")));
        return add(scalar + " | \"[\" (" + scalar + " (\",\" " + scalar + ")*)? \"]\"");
    }

    /** Properties in the order in which the template writes them: by their names. */
    private String object(Map<?, ?> schema, String place) {
        Map<String, Map<?, ?>> properties =
                new TreeMap<>(String.CASE_INSENSITIVE_ORDER.thenComparing(String::compareTo));
        mapping(schema.get("properties")).forEach((key, value) -> properties.put(String.valueOf(key), mapping(value)));
        List<?> required = schema.get("required") instanceof List<?> names ? names : List.of();
        if (!properties.keySet().containsAll(required)) {
            throw new GrammarException("required at " + place + " names a property that properties does not describe.");
        }
        List<String> members = new ArrayList<>();
        List<Boolean> optional = new ArrayList<>();
        properties.forEach((key, value) -> {
            boolean plain = key.matches("[A-Za-z0-9_$.-]+");
            String written = plain ? key : marks.quote() + key + marks.quote();
            members.add(GbnfText.literal(written + ":") + " " + value(value, place + "/properties/" + key));
            optional.add(!required.contains(key));
        });
        return add("\"{\" " + members(members, optional) + " \"}\"");
    }

    /** The rule of the members: a comma before each but the first that is there. */
    private String members(List<String> members, List<Boolean> optional) {
        String first = add("\"\"");
        String later = first;
        for (int index = members.size() - 1; index >= 0; index--) {
            String withFirst = members.get(index) + " " + later;
            String withLater = "\",\" " + withFirst;
            first = add(optional.get(index) ? withFirst + " | " + first : withFirst);
            later = add(optional.get(index) ? withLater + " | " + later : withLater);
        }
        return first;
    }
}
