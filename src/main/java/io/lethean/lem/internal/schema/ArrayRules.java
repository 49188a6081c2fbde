package io.lethean.lem.internal.schema;

import io.lethean.lem.internal.schema.Cases.Case;
import io.lethean.lem.internal.schema.Grammar.Rule;
import io.lethean.lem.internal.schema.Grammar.Symbol;
import io.lethean.lem.internal.schema.Grammar.Text;
import java.util.ArrayList;
import java.util.List;

/** The rules of the arrays that a case allows. */
final class ArrayRules {

    private static final Text OPEN = new Text("\"[\"");
    private static final Text CLOSE = new Text("ws \"]\"");
    private static final Text FIRST = new Text("ws");
    private static final Text NEXT = new Text("\",\" ws");

    private final GrammarCompiler compiler;
    private final List<ArrayLimits> limits;
    private final boolean exact;
    private final int least;
    private final int most;

    ArrayRules(GrammarCompiler compiler, Case one, boolean exact) {
        this.compiler = compiler;
        this.limits = one.arrays();
        this.exact = exact;
        this.least = limits.stream().mapToInt(ArrayLimits::least).max().orElse(0);
        this.most = limits.stream().mapToInt(ArrayLimits::most).min().orElse(Integer.MAX_VALUE);
    }

    List<Symbol> arrays() {
        Grammar grammar = compiler.grammar();
        int places = limits.stream().mapToInt(each -> each.first().size()).max().orElse(0);
        List<List<Symbol>> ends = ends(places);
        for (int i = places - 1; i >= 0; i--) {
            List<Symbol> longer = element(i);
            longer.add(grammar.add(ends));
            ends = new ArrayList<>();
            if (i < most) {
                ends.add(longer);
            }
            if (i >= least) {
                ends.add(List.of(CLOSE));
            }
        }
        return List.of(OPEN, grammar.add(ends));
    }

    /** How an array continues after the elements with schemas of their own. */
    private List<List<Symbol>> ends(int places) {
        List<List<Symbol>> ends = new ArrayList<>();
        boolean listedOnly = places > 0 && limits.stream().allMatch(each -> each.rest() == null);
        // What no schema describes is left out where that is allowed, as a reader would expect.
        boolean more = most > places && (exact || !listedOnly || least > places);
        if (more) {
            List<Symbol> first = element(places);
            List<Symbol> others = List.of(NEXT, value(places));
            int mostOthers = most == Integer.MAX_VALUE ? most : most - places - 1;
            List<Symbol> rest = compiler.grammar().repeated(others, Math.max(0, least - places - 1), mostOthers);
            ends.add(Grammar.joined(Grammar.joined(first, rest), List.of(CLOSE)));
        }
        if (places >= least && places <= most) {
            ends.add(List.of(CLOSE));
        }
        return ends;
    }

    private List<Symbol> element(int index) {
        return new ArrayList<>(List.of(index == 0 ? FIRST : NEXT, value(index)));
    }

    private Rule value(int index) {
        return compiler.rule(ArrayLimits.schemasAt(index, limits), exact);
    }
}
