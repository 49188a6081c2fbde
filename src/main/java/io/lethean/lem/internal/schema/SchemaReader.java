package io.lethean.lem.internal.schema;

import io.lethean.lem.internal.schema.Schema.Branch;
import io.lethean.lem.internal.schema.Schema.Exclusion;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the schemas of a document that the first one leads to. */
final class SchemaReader {

    private static final Set<String> ENFORCED = Set.of(
            "type",
            "enum",
            "const",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
            "minLength",
            "maxLength",
            "pattern",
            "format",
            "prefixItems",
            "items",
            "minItems",
            "maxItems",
            "properties",
            "patternProperties",
            "additionalProperties",
            "propertyNames",
            "required",
            "minProperties",
            "maxProperties",
            "$ref",
            "allOf",
            "anyOf",
            "oneOf",
            "not",
            "if",
            "then",
            "else");

    private static final Set<String> ANNOTATIONS = Set.of(
            "$schema",
            "$id",
            "$anchor",
            "$comment",
            "$defs",
            "definitions",
            "title",
            "description",
            "default",
            "examples",
            "deprecated",
            "readOnly",
            "writeOnly",
            "discriminator",
            "example",
            "externalDocs",
            "xml");

    private static final Set<String> NOT_ENFORCED = Set.of(
            "$dynamicAnchor",
            "$dynamicRef",
            "$recursiveAnchor",
            "$recursiveRef",
            "$vocabulary",
            "additionalItems",
            "contains",
            "contentEncoding",
            "contentMediaType",
            "contentSchema",
            "dependencies",
            "dependentRequired",
            "dependentSchemas",
            "extends",
            "id",
            "disallow",
            "divisibleBy",
            "maxContains",
            "minContains",
            "unevaluatedItems",
            "unevaluatedProperties",
            "uniqueItems");

    private final SchemaDocument document;
    private final Deque<String> todo = new ArrayDeque<>();

    SchemaReader(SchemaDocument document) {
        this.document = document;
    }

    /** Reads all schemas from the root on into the document. */
    void run() {
        todo.add(SchemaDocument.ROOT);
        while (!todo.isEmpty()) {
            String place = todo.remove();
            if (!document.has(place)) {
                document.put(read(place, document.nodeAt(place)));
            }
        }
    }

    private Schema read(String place, JsonNode node) {
        Keywords keywords = new Keywords(node, place, todo::add);
        if (node.isBoolean()) {
            return plain(keywords, node.booleanValue() ? EnumSet.allOf(Kind.class) : EnumSet.noneOf(Kind.class));
        }
        node.propertyNames().forEach(name -> requireKnown(name, keywords));
        Set<String> types = types(keywords);
        boolean integers = types.contains("integer") && !types.contains("number");
        return new Schema(
                place,
                kinds(types),
                !types.isEmpty(),
                values(keywords),
                NumberLimits.read(keywords, integers),
                StringLimits.read(keywords),
                ArrayLimits.read(keywords),
                ObjectLimits.read(keywords),
                all(keywords),
                not(keywords),
                choices(keywords));
    }

    private static Schema plain(Keywords keywords, Set<Kind> kinds) {
        return new Schema(
                keywords.place(),
                kinds,
                true,
                null,
                NumberLimits.NONE,
                StringLimits.NONE,
                ArrayLimits.NONE,
                ObjectLimits.NONE,
                List.of(),
                List.of(),
                List.of());
    }

    private static void requireKnown(String name, Keywords keywords) {
        JsonNode value = keywords.get(name);
        boolean without = name.equals("uniqueItems") && value != null && value.isBoolean() && !value.booleanValue();
        boolean inner = name.equals("$id") && !keywords.place().equals(SchemaDocument.ROOT);
        if (NOT_ENFORCED.contains(name) && !without || inner) {
            throw keywords.refused(name + " at " + keywords.place() + " is not enforced."
                    + " Leave it out, and look at the finished text for it.");
        }
        if (!ENFORCED.contains(name) && !ANNOTATIONS.contains(name) && !without && !name.startsWith("x-")) {
            throw keywords.refused(name + " at " + keywords.place() + " is not a keyword of JSON Schema 2020-12."
                    + " Correct its spelling or leave it out; names of your own begin with x-.");
        }
    }

    private static Set<String> types(Keywords keywords) {
        JsonNode type = keywords.get("type");
        Set<String> names = new TreeSet<>();
        if (type == null) {
            return names;
        }
        if (type.isArray() ? type.isEmpty() : !type.isString()) {
            throw keywords.malformed("type", "the name of a type or a list of them");
        }
        for (JsonNode each : type.isArray() ? type : List.of(type)) {
            String name = each.isString() ? each.stringValue() : each.toString();
            if (!name.matches("null|boolean|integer|number|string|array|object")) {
                throw keywords.malformed(
                        "type", "null, boolean, integer, number, string, array, object or a list of them, not " + each);
            }
            names.add(name);
        }
        return names;
    }

    private static Set<Kind> kinds(Set<String> types) {
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        for (Kind kind : Kind.values()) {
            String name = kind.name().toLowerCase(java.util.Locale.ROOT);
            if (types.isEmpty() || types.contains(name) || kind == Kind.NUMBER && types.contains("integer")) {
                kinds.add(kind);
            }
        }
        return kinds;
    }

    private static @Nullable List<JsonNode> values(Keywords keywords) {
        JsonNode only = keywords.get("const");
        JsonNode list = keywords.get("enum");
        if (list != null && !list.isArray()) {
            throw keywords.malformed("enum", "a list of values");
        }
        if (only == null) {
            return list == null ? null : List.copyOf(list.values());
        }
        boolean listed = list == null || list.values().stream().anyMatch(each -> Evaluation.same(each, only));
        return listed ? List.of(only) : List.of();
    }

    private List<String> all(Keywords keywords) {
        List<String> all = new ArrayList<>(keywords.schemas("allOf"));
        String reference = keywords.text("$ref");
        if (reference != null) {
            String target = document.resolve(reference, keywords);
            all.add(target);
            todo.add(target);
        }
        return List.copyOf(all);
    }

    private static List<Exclusion> not(Keywords keywords) {
        String schema = keywords.schema("not");
        return schema == null ? List.of() : List.of(new Exclusion(schema, "not at " + keywords.place()));
    }

    private static List<List<Branch>> choices(Keywords keywords) {
        List<List<Branch>> choices = new ArrayList<>();
        List<String> any = keywords.schemas("anyOf");
        if (!any.isEmpty()) {
            choices.add(any.stream()
                    .map(each -> new Branch(List.of(each), List.of()))
                    .toList());
        }
        List<String> one = keywords.schemas("oneOf");
        if (!one.isEmpty()) {
            choices.add(IntStream.range(0, one.size())
                    .mapToObj(i -> oneOf(one, i, keywords))
                    .toList());
        }
        String condition = keywords.schema("if");
        String then = keywords.schema("then");
        String otherwise = keywords.schema("else");
        if (condition != null && (then != null || otherwise != null)) {
            Exclusion unmet = new Exclusion(condition, "if at " + keywords.place());
            choices.add(List.of(
                    new Branch(then == null ? List.of(condition) : List.of(condition, then), List.of()),
                    new Branch(otherwise == null ? List.of() : List.of(otherwise), List.of(unmet))));
        }
        return List.copyOf(choices);
    }

    private static Branch oneOf(List<String> schemas, int taken, Keywords keywords) {
        String cause = "oneOf at " + keywords.place();
        List<Exclusion> others = IntStream.range(0, schemas.size())
                .filter(i -> i != taken)
                .mapToObj(i -> new Exclusion(schemas.get(i), cause))
                .toList();
        return new Branch(List.of(schemas.get(taken)), others);
    }
}
