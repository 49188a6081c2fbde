package io.lethean.lem.internal.schema;

import io.lethean.lem.internal.schema.Grammar.Symbol;
import io.lethean.lem.internal.schema.Grammar.Text;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** What a rule stands for, while it is collected: strings and numbers become one automaton each. */
final class Alternatives {

    private static final Text QUOTE = new Text("\"\\\"\"");

    private final DfaRules rules;
    private final Set<List<Symbol>> alternatives = new LinkedHashSet<>();
    private final Set<String> words = new TreeSet<>();
    private Dfa strings = Dfa.NOTHING;
    private Dfa numbers = Dfa.NOTHING;

    Alternatives(DfaRules rules) {
        this.rules = rules;
    }

    void add(List<Symbol> alternative) {
        alternatives.add(alternative);
    }

    void add(JsonNode value) {
        if (value.isString()) {
            words.add(value.stringValue());
        } else {
            alternatives.add(List.of(new Text(LiteralText.of(value))));
        }
    }

    void addQuoted(List<Symbol> characters) {
        List<Symbol> alternative = new ArrayList<>(List.of(QUOTE));
        alternative.addAll(characters);
        alternative.add(QUOTE);
        alternatives.add(alternative);
    }

    void addStrings(Dfa texts) {
        strings = strings.or(texts);
    }

    void addNumbers(Dfa texts) {
        numbers = numbers.or(texts);
    }

    List<List<Symbol>> list() {
        List<List<Symbol>> list = new ArrayList<>(alternatives);
        Dfa allStrings = strings.or(Dfa.words(words));
        if (!allStrings.isEmpty()) {
            list.add(rules.strings(allStrings));
        }
        if (!numbers.isEmpty()) {
            list.add(rules.plain(numbers));
        }
        return list;
    }
}
