package io.lethean.lem.internal.schema;

import io.lethean.lem.GrammarException;
import io.lethean.lem.internal.schema.Cases.Case;
import io.lethean.lem.internal.schema.Grammar.Rule;
import io.lethean.lem.internal.schema.Grammar.Symbol;
import io.lethean.lem.internal.schema.Grammar.Text;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The rules of the objects that a case allows: its properties in their order, then those with other names. */
final class ObjectRules {

    private static final Text OPEN = new Text("\"{\"");
    private static final Text CLOSE = new Text("ws \"}\"");
    private static final Text FIRST = new Text("ws");
    private static final Text NEXT = new Text("\",\" ws");
    private static final Text COLON = new Text("\":\" sp");

    /**
     * How far an object is.
     *
     * @param index of the next property
     * @param different names so far, as far as that matters
     * @param count of properties so far, as far as that matters
     * @param others whether one with another name is there
     */
    private record At(int index, int different, int count, boolean others) {}

    private final GrammarCompiler compiler;
    private final ObjectNames names;
    private final boolean exact;
    private final int least;
    private final int most;
    private final boolean counted;
    private final Map<At, Rule> rules = new HashMap<>();
    private final Deque<At> todo = new ArrayDeque<>();

    ObjectRules(GrammarCompiler compiler, Case one, ObjectNames names, boolean exact) {
        this.compiler = compiler;
        this.names = names;
        this.exact = exact;
        int required = (int) names.properties().stream()
                .filter(ObjectNames.Property::required)
                .count();
        int atLeast = one.objects().stream().mapToInt(ObjectLimits::least).max().orElse(0);
        this.least = atLeast <= required ? 0 : atLeast;
        this.most = one.objects().stream().mapToInt(ObjectLimits::most).min().orElse(Integer.MAX_VALUE);
        this.counted = most < (names.others().isEmpty() ? names.properties().size() : Integer.MAX_VALUE);
        if (!exact && !names.others().isEmpty() && least > names.properties().size() + 1) {
            throw new GrammarException("The JSON Schema cannot be used: minProperties at "
                    + String.join(", ", one.places()) + " is not enforced where it takes more than one name that the"
                    + " schema does not list, because a grammar cannot keep such names different. List the names.");
        }
    }

    List<Symbol> objects() {
        if (!names.possible()) {
            return List.of(compiler.grammar().add());
        }
        Rule start = rule(0, 0, 0, false);
        while (!todo.isEmpty()) {
            At at = todo.remove();
            compiler.grammar().define(rule(at), alternatives(at));
        }
        return List.of(OPEN, start);
    }

    private Rule rule(int index, int different, int count, boolean others) {
        return rule(new At(index, Math.min(different, least), Math.min(count, counted ? most : 1), others));
    }

    private Rule rule(At at) {
        return rules.computeIfAbsent(at, unknown -> {
            todo.add(unknown);
            return compiler.grammar().add();
        });
    }

    private List<List<Symbol>> alternatives(At at) {
        boolean full = counted && at.count >= most;
        List<List<Symbol>> alternatives = new ArrayList<>();
        if (at.index < names.properties().size()) {
            ObjectNames.Property property = names.properties().get(at.index);
            if (!full) {
                alternatives.add(List.of(
                        separator(at),
                        new Text(LiteralText.name(property.name())),
                        compiler.rule(property.schemas(), exact),
                        rule(at.index + 1, at.different + 1, at.count + 1, false)));
            }
            if (!property.required()) {
                alternatives.add(List.of(rule(at.index + 1, at.different, at.count, false)));
            }
            return alternatives;
        }
        for (ObjectNames.Others others : full ? List.<ObjectNames.Others>of() : names.others()) {
            // Other names may repeat, so only the first of them is certain to be a new one.
            int different = at.different + (exact || !at.others ? 1 : 0);
            List<Symbol> alternative = new ArrayList<>(List.of(separator(at)));
            alternative.addAll(compiler.dfaRules().strings(others.names()));
            alternative.addAll(List.of(
                    COLON, compiler.rule(others.schemas(), exact), rule(at.index, different, at.count + 1, true)));
            alternatives.add(alternative);
        }
        if (at.different >= least) {
            alternatives.add(List.of(CLOSE));
        }
        return alternatives;
    }

    private static Text separator(At at) {
        return at.count == 0 ? FIRST : NEXT;
    }
}
