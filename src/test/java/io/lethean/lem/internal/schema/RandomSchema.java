package io.lethean.lem.internal.schema;

import java.math.BigDecimal;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Random schemas with every keyword that is enforced, alone and together, that mean something and that do not. */
final class RandomSchema {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final List<String> NAMES = List.of("a", "b", "", "root", "ws", "a b", "é\"", "x1", "y-1");
    private static final List<String> DEFINITIONS = List.of("one", "two/x", "three y");

    /** Without what Java's expressions, which the validator uses, take otherwise than ECMA-262. */
    private static final List<String> PATTERNS = List.of(
            "^(ref-)?\\d{3,5}$", "^\\w{2,4}$", "^wait\\!$", "\\S", "^[A-Z][a-z]*$", "a|^b", "^(?:x|yy)+?$", "[^a-c]$",
            "^\\D\\W?$", "^.{2,3}$", "\\bab\\b", "^[\\w.-]+@[\\w-]+\\.[a-z]{2,3}$", "^$", "b{2}", "^[äöü€😀]{1,2}$",
            "^\\u0041\\x42?\\t*$", "^(a(b(c)?)?)?$", "^-?(0|[1-9]\\d*)$", "^\\p{Lu}\\p{Nd}$", "");

    private final Random random;

    RandomSchema(long seed) {
        random = new Random(seed);
    }

    /** A whole document, with definitions that its parts refer to. */
    String document() {
        JsonNode root = schema(3);
        if (!(root instanceof ObjectNode object)) {
            return root.toString();
        }
        ObjectNode definitions = object.putObject("$defs");
        DEFINITIONS.forEach(name -> definitions.set(name, schema(2)));
        return object.toString();
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private JsonNode schema(int depth) {
        if (chance(4)) {
            return NODES.booleanNode(chance(70));
        }
        ObjectNode schema = NODES.objectNode();
        if (chance(5)) {
            schema.put("title", "any");
        }
        if (depth > 0 && chance(25)) {
            combine(schema, depth);
            return schema;
        }
        addKind(schema, depth);
        if (chance(8)) {
            addKind(schema, depth);
        }
        return schema;
    }

    private void addKind(ObjectNode schema, int depth) {
        switch (random.nextInt(depth > 0 ? 9 : 5)) {
            case 0 -> string(schema);
            case 1 -> number(schema);
            case 2 -> schema.put("type", any(List.of("boolean", "null")));
            case 3 -> values(schema);
            case 4 -> types(schema);
            case 5, 6 -> array(schema, depth);
            default -> object(schema, depth);
        }
    }

    private void combine(ObjectNode schema, int depth) {
        if (chance(40)) {
            addKind(schema, 0);
        }
        switch (random.nextInt(6)) {
            case 0 -> schema.set("allOf", list(1 + random.nextInt(2), () -> schema(depth - 1)));
            case 1, 2 -> schema.set("anyOf", list(1 + random.nextInt(3), () -> schema(depth - 1)));
            case 3 -> schema.set("oneOf", list(1 + random.nextInt(3), () -> schema(depth - 1)));
            case 4 -> schema.put("$ref", "#/$defs/" + any(List.of("one", "two~1x", "three%20y")));
            default -> {
                if (chance(50)) {
                    schema.set("not", schema(0));
                } else {
                    schema.set("if", schema(0));
                    schema.set("then", schema(depth - 1));
                    schema.set("else", schema(depth - 1));
                }
            }
        }
    }

    private ArrayNode list(int size, Supplier<JsonNode> element) {
        ArrayNode list = NODES.arrayNode();
        for (int i = 0; i < size; i++) {
            list.add(element.get());
        }
        return list;
    }

    private void string(ObjectNode schema) {
        if (chance(85)) {
            schema.put("type", "string");
        }
        if (chance(40)) {
            schema.put("pattern", any(PATTERNS));
        }
        if (chance(40)) {
            schema.put("maxLength", random.nextInt(8));
        }
        if (chance(30)) {
            schema.put("minLength", random.nextInt(4));
        }
        if (chance(10)) {
            schema.put("format", any(List.of("date", "time", "date-time", "uuid")));
        }
    }

    private void number(ObjectNode schema) {
        if (chance(90)) {
            schema.put("type", any(List.of("integer", "number")));
        }
        for (String bound : List.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")) {
            if (chance(30)) {
                BigDecimal value = BigDecimal.valueOf(random.nextInt(4001) - 2000L, random.nextInt(4));
                schema.put(bound, value);
            }
        }
        if (chance(30)) {
            schema.put("multipleOf", any(List.of(
                    BigDecimal.ONE, BigDecimal.TWO, new BigDecimal("0.5"), new BigDecimal("0.01"),
                    BigDecimal.valueOf(7), BigDecimal.valueOf(60), new BigDecimal("2.5"))));
        }
    }

    private void types(ObjectNode schema) {
        schema.set("type", list(1, () -> NODES.stringNode("string")).add(any(List.of("integer", "null", "number"))));
        schema.put("minLength", 2);
        schema.put("maxLength", 5);
        schema.put("minimum", 10);
        schema.put("exclusiveMaximum", 20.5);
    }

    private void values(ObjectNode schema) {
        List<String> values = List.of(
                "null", "true", "\"a\"", "\"b\\n\\\"\"", "\"é😀\"", "3", "-1.5", "3.0", "12", "[]", "[1,[\"x\"]]", "{}",
                "{\"a\":null,\"b\":[2]}", "\"\"", "\"ab\"");
        if (chance(30)) {
            schema.set("const", MAPPER.readTree(any(values)));
        } else {
            schema.set("enum", list(1 + random.nextInt(5), () -> MAPPER.readTree(any(values))));
        }
    }

    private void array(ObjectNode schema, int depth) {
        if (chance(85)) {
            schema.put("type", "array");
        }
        if (chance(70)) {
            schema.set("items", schema(depth - 1));
        }
        if (chance(30)) {
            schema.set("prefixItems", list(1 + random.nextInt(2), () -> schema(depth - 1)));
        }
        if (chance(40)) {
            schema.put("minItems", random.nextInt(3));
        }
        if (chance(40)) {
            schema.put("maxItems", random.nextInt(100) < 10 ? 150 : random.nextInt(4));
        }
    }

    private void object(ObjectNode schema, int depth) {
        if (chance(85)) {
            schema.put("type", "object");
        }
        if (chance(85)) {
            ObjectNode properties = schema.putObject("properties");
            for (int i = random.nextInt(4); i >= 0; i--) {
                properties.set(any(NAMES), schema(depth - 1));
            }
        }
        if (chance(60)) {
            ArrayNode required = schema.putArray("required");
            NAMES.stream().filter(name -> chance(schema.path("properties").has(name) ? 50 : 5)).forEach(required::add);
        }
        if (chance(50)) {
            schema.set("additionalProperties", chance(50) ? NODES.booleanNode(chance(20)) : schema(0));
        }
        if (chance(15)) {
            schema.putObject("patternProperties").set(any(List.of("^x", "\\d$", "a")), schema(0));
        }
        if (chance(10)) {
            schema.putObject("propertyNames").put("maxLength", 1 + random.nextInt(3));
        }
        if (chance(15)) {
            schema.put("minProperties", random.nextInt(3));
        }
        if (chance(15)) {
            schema.put("maxProperties", random.nextInt(4));
        }
    }
}
