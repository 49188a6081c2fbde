package io.lethean.lem.internal.schema;

import io.lethean.lem.internal.schema.CodePoints.Range;
import io.lethean.lem.internal.schema.Dfa.Edge;
import io.lethean.lem.internal.schema.Dfa.State;
import io.lethean.lem.internal.schema.Grammar.Rule;
import io.lethean.lem.internal.schema.Grammar.Symbol;
import io.lethean.lem.internal.schema.Grammar.Text;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes automata as rules: one for each state, so that each place has one continuation. */
final class DfaRules {

    private static final Text QUOTE = new Text("\"\\\"\"");

    private final Grammar grammar;
    private final Map<Dfa, Rule> strings = new HashMap<>();
    private final Map<Dfa, Rule> plain = new HashMap<>();

    DfaRules(Grammar grammar) {
        this.grammar = grammar;
    }

    /** The strings of JSON that stand for the texts, quotes included. */
    List<Symbol> strings(Dfa texts) {
        return List.of(QUOTE, strings.computeIfAbsent(texts, unused -> rules(texts, true)));
    }

    /** The texts as they are, which need no quotes and no escapes. */
    List<Symbol> plain(Dfa texts) {
        return List.of(plain.computeIfAbsent(texts, unused -> rules(texts, false)));
    }

    private Rule rules(Dfa texts, boolean quoted) {
        List<State> states = texts.states();
        List<Rule> rules = states.stream().map(state -> grammar.add()).toList();
        for (int i = 0; i < states.size(); i++) {
            State state = states.get(i);
            List<List<Symbol>> alternatives = new ArrayList<>();
            if (state.accepting()) {
                alternatives.add(end(quoted));
            }
            targets(state).forEach((target, set) -> {
                boolean last = states.get(target).edges().isEmpty();
                List<Symbol> rest = last ? end(quoted) : List.of(rules.get(target));
                ways(set, quoted).forEach(way -> alternatives.add(Grammar.joined(List.of(new Text(way)), rest)));
            });
            grammar.define(rules.get(i), alternatives);
        }
        return rules.getFirst();
    }

    private static List<Symbol> end(boolean quoted) {
        return quoted ? List.of(QUOTE) : List.of();
    }

    private static List<String> ways(CodePoints set, boolean quoted) {
        if (set.equals(CodePoints.ALL)) {
            return List.of(GbnfText.CHARACTER);
        }
        return quoted ? GbnfText.inString(set) : List.of(GbnfText.characters(set));
    }

    private static Map<Integer, CodePoints> targets(State state) {
        Map<Integer, List<Range>> ranges = new TreeMap<>();
        for (Edge edge : state.edges()) {
            ranges.computeIfAbsent(edge.target(), unused -> new ArrayList<>())
                    .add(new Range(edge.first(), edge.last()));
        }
        Map<Integer, CodePoints> targets = new TreeMap<>();
        ranges.forEach((target, found) -> targets.put(target, new CodePoints(found)));
        return targets;
    }
}
