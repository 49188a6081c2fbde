package io.lethean.lem.internal.schema;

import io.lethean.lem.GrammarException;
import io.lethean.lem.internal.schema.Cases.Case;
import io.lethean.lem.internal.schema.ObjectLimits.NamePattern;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.StringNode;

/**
 * The names that the objects of a case can have.
 *
 * @param possible false if a name is required that cannot be
 * @param properties those that the schemas list, in their order
 * @param others sets of other names
 */
record ObjectNames(boolean possible, List<Property> properties, List<Others> others) {

    record Property(String name, Set<String> schemas, boolean required) {}

    /** Names that have the same schemas. */
    record Others(Dfa names, Set<String> schemas) {}

    /** What is needed to find them. */
    record Context(SchemaDocument document, Evaluation evaluation, Strings strings) {}

    /**
     * Finds the names.
     *
     * @param exact whether all names that are allowed count; else those that nobody would expect are left out
     * @param within the only names; null for any
     */
    static ObjectNames of(Case one, boolean exact, @Nullable Set<String> within, Context context) {
        List<ObjectLimits> limits = one.objects();
        Set<String> listed = new LinkedHashSet<>();
        limits.forEach(each -> listed.addAll(each.properties().keySet()));
        limits.forEach(each -> listed.addAll(each.required()));
        Set<String> required = new HashSet<>();
        limits.forEach(each -> required.addAll(each.required()));
        List<String> nameSchemas = limits.stream()
                .map(ObjectLimits::names)
                .filter(Objects::nonNull)
                .toList();
        List<Property> properties = new ArrayList<>();
        boolean possible = true;
        for (String name : listed) {
            boolean allowed = context.evaluation.allows(nameSchemas, StringNode.valueOf(name))
                    && (within == null || within.contains(name));
            if (allowed) {
                properties.add(new Property(name, ObjectLimits.schemasOf(name, limits), required.contains(name)));
            }
            possible &= allowed || !required.contains(name);
        }
        int least = limits.stream().mapToInt(ObjectLimits::least).max().orElse(0);
        boolean open = exact || least > properties.size() || isOpen(limits);
        List<Others> others = within == null ? others(one, listed, new Width(exact, open), context) : List.of();
        return new ObjectNames(possible, List.copyOf(properties), others);
    }

    /** Whether a reader of the schemas would expect names that they do not list. */
    private static boolean isOpen(List<ObjectLimits> limits) {
        return limits.stream().anyMatch(each -> each.others() != null)
                || limits.stream()
                        .allMatch(each ->
                                each.properties().isEmpty() && each.patterns().isEmpty());
    }

    /** The names of the properties where there are no others; else null. */
    @Nullable
    Set<String> only() {
        return others.isEmpty()
                ? new HashSet<>(properties.stream().map(Property::name).toList())
                : null;
    }

    /** @param open whether names that no schema mentions count */
    private record Width(boolean exact, boolean open) {}

    private record Part(Dfa names, List<NamePattern> matched) {}

    private static List<Others> others(Case one, Collection<String> listed, Width width, Context context) {
        List<ObjectLimits> limits = one.objects();
        boolean patterns = limits.stream().anyMatch(each -> !each.patterns().isEmpty());
        if (!patterns && (!width.open || isImpossible(schemasOf(List.of(), limits), context))) {
            return List.of();
        }
        try {
            List<Others> others = new ArrayList<>();
            for (Part part : parts(limits, listed, width.exact, context)) {
                Set<String> schemas = schemasOf(part.matched, limits);
                if ((width.open || !part.matched.isEmpty()) && !isImpossible(schemas, context)) {
                    others.add(new Others(part.names, schemas));
                }
            }
            return others;
        } catch (TooManyStatesException large) {
            throw new GrammarException(
                    "The JSON Schema cannot be used: patternProperties and propertyNames at "
                            + String.join(", ", one.places()) + " need " + large.getMessage() + ". Make them simpler.",
                    large);
        }
    }

    /** The names that are not listed, by the patterns that they match. */
    private static List<Part> parts(
            List<ObjectLimits> limits, Collection<String> listed, boolean exact, Context context) {
        Dfa names = Dfa.EVERYTHING.minus(Dfa.words(listed));
        for (ObjectLimits each : limits) {
            names = each.names() == null ? names : names.and(context.strings.of(List.of(each.names()), exact));
        }
        List<Part> parts = List.of(new Part(names, List.of()));
        for (NamePattern pattern :
                limits.stream().flatMap(each -> each.patterns().stream()).toList()) {
            List<Part> split = new ArrayList<>();
            for (Part part : parts) {
                List<NamePattern> matched = new ArrayList<>(part.matched);
                matched.add(pattern);
                split.add(new Part(part.names.and(pattern.names()), matched));
                split.add(new Part(part.names.minus(pattern.names()), part.matched));
            }
            parts = split.stream().filter(part -> !part.names.isEmpty()).toList();
            if (parts.size() > 1000) {
                throw new TooManyStatesException(1000);
            }
        }
        return parts.stream().filter(part -> !part.names.isEmpty()).toList();
    }

    private static Set<String> schemasOf(List<NamePattern> matched, List<ObjectLimits> limits) {
        Set<String> schemas = new TreeSet<>();
        for (ObjectLimits each : limits) {
            List<String> own = matched.stream()
                    .filter(each.patterns()::contains)
                    .map(NamePattern::schema)
                    .toList();
            schemas.addAll(own);
            if (own.isEmpty() && each.others() != null) {
                schemas.add(each.others());
            }
        }
        return schemas;
    }

    private static boolean isImpossible(Set<String> schemas, Context context) {
        return schemas.stream()
                .anyMatch(each -> context.document.get(each).kinds().isEmpty());
    }
}
