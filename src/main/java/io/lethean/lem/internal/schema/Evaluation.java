package io.lethean.lem.internal.schema;

import io.lethean.lem.internal.schema.Schema.Branch;
import io.lethean.lem.internal.schema.Schema.Exclusion;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/** Whether values that are there follow schemas. */
final class Evaluation {

    private final SchemaDocument document;
    /** What was found out of a value before: schemas can lead to the same one in very many ways. */
    private final Map<JsonNode, Map<String, Boolean>> known = new IdentityHashMap<>();

    Evaluation(SchemaDocument document) {
        this.document = document;
    }

    boolean allows(Collection<String> schemas, JsonNode value) {
        return schemas.stream().allMatch(each -> allows(each, value));
    }

    boolean forbids(Collection<Exclusion> schemas, JsonNode value) {
        return schemas.stream().anyMatch(each -> allows(each.schema(), value));
    }

    boolean allows(String place, JsonNode value) {
        Map<String, Boolean> answers = known.computeIfAbsent(value, unused -> new HashMap<>());
        Boolean answer = answers.get(place);
        if (answer == null) {
            answer = follows(document.get(place), value);
            answers.put(place, answer);
        }
        return answer;
    }

    private boolean follows(Schema schema, JsonNode value) {
        return allowsByItself(schema, value)
                && allows(schema.all(), value)
                && !forbids(schema.not(), value)
                && schema.choices().stream().allMatch(choice -> anyHolds(choice, value));
    }

    /** Whether a value follows a schema, apart from the other schemas that this one applies to the same value. */
    boolean allowsByItself(Schema schema, JsonNode value) {
        return schema.kinds().contains(Kind.of(value))
                && (schema.values() == null || schema.values().stream().anyMatch(each -> same(each, value)))
                && allowsContent(schema, value);
    }

    private boolean anyHolds(List<Branch> choice, JsonNode value) {
        return choice.stream().anyMatch(branch -> allows(branch.all(), value) && !forbids(branch.not(), value));
    }

    private boolean allowsContent(Schema schema, JsonNode value) {
        return switch (Kind.of(value)) {
            case NULL, BOOLEAN -> true;
            case NUMBER -> schema.numbers().allows(value.decimalValue());
            case STRING -> schema.strings().allows(value.stringValue());
            case ARRAY -> allowsArray(schema.arrays(), value);
            case OBJECT -> allowsObject(schema.objects(), value);
        };
    }

    private boolean allowsArray(ArrayLimits limits, JsonNode array) {
        return array.size() >= limits.least()
                && array.size() <= limits.most()
                && IntStream.range(0, array.size())
                        .allMatch(i -> allows(ArrayLimits.schemasAt(i, List.of(limits)), array.get(i)));
    }

    private boolean allowsObject(ObjectLimits limits, JsonNode object) {
        return object.size() >= limits.least()
                && object.size() <= limits.most()
                && limits.required().stream().allMatch(object::has)
                && object.properties().stream().allMatch(entry -> allowsProperty(limits, entry));
    }

    private boolean allowsProperty(ObjectLimits limits, Map.Entry<String, JsonNode> property) {
        Set<String> schemas = ObjectLimits.schemasOf(property.getKey(), List.of(limits));
        return (limits.names() == null || allows(limits.names(), StringNode.valueOf(property.getKey())))
                && allows(schemas, property.getValue());
    }

    /** Whether two values are equal for JSON Schema: numbers by what they are worth, objects in any order. */
    static boolean same(JsonNode a, JsonNode b) {
        Kind kind = Kind.of(a);
        if (kind != Kind.of(b) || a.size() != b.size()) {
            return false;
        }
        return switch (kind) {
            case NULL, BOOLEAN, STRING -> a.equals(b);
            case NUMBER -> a.decimalValue().compareTo(b.decimalValue()) == 0;
            case ARRAY -> IntStream.range(0, a.size()).allMatch(i -> same(a.get(i), b.get(i)));
            case OBJECT ->
                a.properties().stream()
                        .allMatch(entry -> b.has(entry.getKey()) && same(entry.getValue(), b.get(entry.getKey())));
        };
    }
}
