package io.lethean.lem.internal.schema;

import io.lethean.lem.GrammarException;
import io.lethean.lem.internal.schema.Cases.Case;
import io.lethean.lem.internal.schema.Schema.Exclusion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The strings that schemas allow. */
final class Strings {

    private final Cases cases;
    private final Evaluation evaluation;

    Strings(Cases cases, Evaluation evaluation) {
        this.cases = cases;
        this.evaluation = evaluation;
    }

    /**
     * All strings that some schemas allow together.
     *
     * @param exact true to leave out formats: their strings are not all known
     */
    Dfa of(Collection<String> schemas, boolean exact) {
        return of(cases.of(schemas), exact);
    }

    private Dfa of(List<Case> all, boolean exact) {
        Dfa strings = Dfa.NOTHING;
        for (Case each : all) {
            strings = strings.or(of(each, exact));
        }
        return strings;
    }

    /** Whether only the length of a case's strings matters. */
    boolean onlyLengthMatters(Case one) {
        StringLimits limits = one.strings();
        return limits.patterns().isEmpty()
                && limits.formats().isEmpty()
                && one.not().isEmpty()
                && !one.listed();
    }

    Dfa of(Case one, boolean exact) {
        if (!one.kinds().contains(Kind.STRING)) {
            return Dfa.NOTHING;
        }
        try {
            return one.listed() ? listed(one) : described(one, exact);
        } catch (TooManyStatesException large) {
            throw new GrammarException(
                    "The JSON Schema cannot be used: pattern, format, minLength, maxLength or not"
                            + " at " + String.join(", ", one.places()) + " need " + large.getMessage()
                            + ". Make them simpler.",
                    large);
        }
    }

    private Dfa listed(Case one) {
        return Dfa.words(values(one).stream()
                .filter(JsonNode::isString)
                .map(JsonNode::stringValue)
                .toList());
    }

    /** The listed values that all of a case's schemas allow. */
    List<JsonNode> values(Case one) {
        List<JsonNode> listed = one.schemas().stream()
                .filter(each -> each.values() != null)
                .findFirst()
                .map(Schema::values)
                .orElse(List.of());
        List<JsonNode> values = new ArrayList<>();
        for (JsonNode value : listed) {
            boolean allowed = one.kinds().contains(Kind.of(value))
                    && one.schemas().stream().allMatch(each -> evaluation.allowsByItself(each, value))
                    && !evaluation.forbids(one.not(), value);
            if (allowed) {
                values.add(value);
            }
        }
        return values;
    }

    private Dfa described(Case one, boolean exact) {
        StringLimits limits = one.strings();
        List<Dfa> parts = new ArrayList<>(limits.patterns());
        if (!exact) {
            parts.addAll(limits.formats());
        }
        Dfa strings = parts.stream().reduce(Dfa.EVERYTHING, Dfa::and);
        if (limits.least() > 0 || limits.most() < Integer.MAX_VALUE) {
            strings = strings.and(Dfa.lengths(limits.least(), limits.most()));
        }
        for (Exclusion excluded : exact ? List.<Exclusion>of() : one.not()) {
            strings = strings.minus(of(cases.of(one, excluded.schema()), true));
        }
        return strings;
    }
}
