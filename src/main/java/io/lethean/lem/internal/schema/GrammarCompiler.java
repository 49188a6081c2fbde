package io.lethean.lem.internal.schema;

import io.lethean.lem.GrammarException;
import io.lethean.lem.internal.schema.Cases.Case;
import io.lethean.lem.internal.schema.Grammar.Rule;
import io.lethean.lem.internal.schema.Grammar.Symbol;
import io.lethean.lem.internal.schema.Grammar.Text;
import io.lethean.lem.internal.schema.Schema.Exclusion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.NullNode;

/**
 * Makes the grammar of a schema.
 *
 * <p>A rule stands for the values that a set of schemas allows together. Those of a property, for example, are what
 * {@code properties}, {@code patternProperties} and {@code additionalProperties} of all schemas of the object say about
 * it. So {@code allOf} and references need no rules of their own, and recursive schemas come to an end.
 *
 * <p>What must not hold ({@code not}, the other branches of {@code oneOf}) is taken out of strings and of lists of
 * values. For other values it is proved instead that nothing has to be taken out: a rule of what both schemas allow
 * must stand for no text. For such proofs rules are exact, while others may leave out values that nobody would expect.
 */
final class GrammarCompiler {

    private record Values(Set<String> schemas, boolean exact) {}

    /** A rule that must stand for no text. */
    private record Proof(Rule rule, Exclusion excluded) {}

    /**
     * What a proof is about.
     *
     * @param names the only ones of properties; null for any
     */
    private record Scope(Set<Kind> kinds, @Nullable Set<String> names) {}

    /** What llama.cpp is given at most. */
    private static final int MOST_BYTES = 1 << 20;

    private static final Scope EVERYTHING = new Scope(EnumSet.allOf(Kind.class), null);

    private final SchemaDocument document;
    private final Cases cases;
    private final Evaluation evaluation;
    private final Strings strings;
    private final ObjectNames.Context names;
    private final Grammar grammar = new Grammar();
    private final DfaRules dfaRules = new DfaRules(grammar);
    private final Map<NumberLimits, Dfa> numbers = new HashMap<>();
    private final Map<Values, Rule> rules = new HashMap<>();
    private final Deque<Values> todo = new ArrayDeque<>();
    private final List<Proof> proofs = new ArrayList<>();

    private GrammarCompiler(SchemaDocument document) {
        this.document = document;
        this.cases = new Cases(document);
        this.evaluation = new Evaluation(document);
        this.strings = new Strings(cases, evaluation);
        this.names = new ObjectNames.Context(document, evaluation, strings);
    }

    /**
     * The rules of a schema, without those that all grammars share.
     *
     * @param start the name of the first rule
     * @throws GrammarException if the schema allows nothing, or what a grammar cannot hold a text to
     */
    static String compile(SchemaDocument document, String start) {
        GrammarCompiler compiler = new GrammarCompiler(document);
        try {
            compiler.rule(Set.of(SchemaDocument.ROOT), false);
            while (!compiler.todo.isEmpty()) {
                compiler.define(compiler.todo.remove());
            }
        } catch (TooManyStatesException large) {
            throw new GrammarException("The JSON Schema cannot be used: its grammar would be too large.", large);
        }
        compiler.requireProofs();
        String gbnf = compiler.grammar.gbnf(start);
        if (gbnf.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
            throw new GrammarException("The JSON Schema cannot be used: its grammar would be longer than 1 MiB.");
        }
        return gbnf;
    }

    private void requireProofs() {
        BitSet productive = grammar.productive();
        if (!productive.get(0)) {
            throw new GrammarException("The JSON Schema cannot be used: it allows no value, or only values that"
                    + " its properties and items say nothing about. Set type, and look for demands that exclude each"
                    + " other.");
        }
        for (Proof proof : proofs) {
            if (productive.get(proof.rule.index())) {
                throw new GrammarException("The JSON Schema cannot be used: " + proof.excluded.cause()
                        + " is not enforced, because a grammar cannot leave out what the schema at "
                        + proof.excluded.schema() + " allows too. Write anyOf where that does no harm, or tell the"
                        + " schemas apart, such as by type or by a required property with different const values.");
            }
        }
    }

    Grammar grammar() {
        return grammar;
    }

    DfaRules dfaRules() {
        return dfaRules;
    }

    /**
     * The rule of the values that some schemas allow together.
     *
     * @param exact whether it stands for all of them
     */
    Rule rule(Collection<String> schemas, boolean exact) {
        Set<String> demanding = new TreeSet<>(schemas);
        demanding.removeIf(
                place -> document.get(place).isOpen() && document.get(place).isOnlyKinds());
        return rules.computeIfAbsent(new Values(demanding, exact), values -> {
            todo.add(values);
            return grammar.add();
        });
    }

    private void define(Values values) {
        grammar.define(
                Objects.requireNonNull(rules.get(values)),
                alternatives(cases.of(values.schemas), values.exact, EVERYTHING));
    }

    private List<List<Symbol>> alternatives(List<Case> all, boolean exact, Scope scope) {
        Alternatives found = new Alternatives(dfaRules);
        for (Case each : all) {
            Set<Kind> kinds = EnumSet.copyOf(each.kinds());
            kinds.retainAll(scope.kinds);
            if (each.listed()) {
                strings.values(each).stream()
                        .filter(value -> kinds.contains(Kind.of(value)))
                        .forEach(found::add);
            } else {
                kinds.retainAll(exact ? kinds : expected(each));
                addDescribed(each.of(kinds), exact, scope.names, found);
            }
        }
        return found.list();
    }

    private void addDescribed(Case one, boolean exact, @Nullable Set<String> within, Alternatives found) {
        for (JsonNode value : List.of(NullNode.instance, BooleanNode.TRUE, BooleanNode.FALSE)) {
            if (one.kinds().contains(Kind.of(value)) && !evaluation.forbids(one.not(), value)) {
                found.add(value);
            }
        }
        if (one.kinds().contains(Kind.NUMBER)) {
            found.addNumbers(numbers(one));
        }
        if (one.kinds().contains(Kind.STRING)) {
            addStrings(one, exact, found);
        }
        if (one.kinds().contains(Kind.ARRAY)) {
            found.add(new ArrayRules(this, one, exact).arrays());
        }
        @Nullable Set<String> only = null;
        if (one.kinds().contains(Kind.OBJECT)) {
            ObjectNames objectNames = ObjectNames.of(one, exact, within, names);
            found.add(new ObjectRules(this, one, objectNames, exact).objects());
            only = objectNames.only();
        }
        if (!exact) {
            addProofs(one, only);
        }
    }

    private void addStrings(Case one, boolean exact, Alternatives found) {
        if (strings.onlyLengthMatters(one)) {
            StringLimits limits = one.strings();
            List<Symbol> characters = List.of(new Text(GbnfText.CHARACTER));
            found.addQuoted(grammar.repeated(characters, limits.least(), limits.most()));
        } else {
            found.addStrings(strings.of(one, exact));
        }
    }

    private Dfa numbers(Case one) {
        try {
            return numbers.computeIfAbsent(one.numbers(), NumberTexts::of);
        } catch (TooManyStatesException large) {
            throw new GrammarException(
                    "The JSON Schema cannot be used: multipleOf at "
                            + String.join(", ", one.places()) + " needs " + large.getMessage()
                            + ". Choose a smaller one, or a minimum and a maximum with at most 1000 multiples between them.",
                    large);
        }
    }

    /** The kinds that a reader of the schemas would expect: {@code properties} are written for objects. */
    private static Set<Kind> expected(Case one) {
        if (one.schemas().stream().anyMatch(Schema::typed)) {
            return EnumSet.allOf(Kind.class);
        }
        boolean objects = one.objects().stream()
                .anyMatch(each -> !each.properties().isEmpty()
                        || !each.patterns().isEmpty()
                        || !each.required().isEmpty()
                        || each.others() != null);
        boolean arrays = one.arrays().stream().anyMatch(each -> !each.first().isEmpty() || each.rest() != null);
        return objects ? EnumSet.of(Kind.OBJECT) : arrays ? EnumSet.of(Kind.ARRAY) : EnumSet.allOf(Kind.class);
    }

    private void addProofs(Case one, @Nullable Set<String> only) {
        Set<Kind> kinds = EnumSet.of(Kind.NUMBER, Kind.ARRAY, Kind.OBJECT);
        kinds.retainAll(one.kinds());
        for (Exclusion excluded : one.not()) {
            List<List<Symbol>> both = alternatives(cases.of(one, excluded.schema()), true, new Scope(kinds, only));
            proofs.add(new Proof(grammar.add(both), excluded));
        }
    }
}
