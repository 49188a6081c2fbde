package io.lethean.lem.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.schema.Grammar.Rule;
import io.lethean.lem.internal.schema.Grammar.Symbol;
import io.lethean.lem.internal.schema.Grammar.Text;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrammarTest {

    private static final List<Symbol> X = List.of(new Text("\"x\""));

    private static Gbnf repeated(int least, int most) {
        Grammar grammar = new Grammar();
        Rule root = grammar.add();
        grammar.define(root, List.of(grammar.repeated(X, least, most)));
        return new Gbnf(grammar.gbnf(Grammar.ROOT));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "0, 3", "2, 64", "3, 65", "70, 70", "66, 200", "0, 143", "0, 144", "99, 322"})
    void aPart_isRepeatedAsOftenAsAllowed_andNoMore(int least, int most) {
        Gbnf grammar = repeated(least, most);
        for (int times = 0; times <= most + 70; times++) {
            boolean allowed = times >= least && times <= most;
            assertThat(grammar.accepts("x".repeat(times))).as(times + " times").isEqualTo(allowed);
        }
    }

    @Test
    void aPartWithoutALimit_isRepeatedForever() {
        assertThat(repeated(2, Integer.MAX_VALUE).accepts("x")).isFalse();
        assertThat(repeated(2, Integer.MAX_VALUE).accepts("x".repeat(500))).isTrue();
        assertThat(repeated(300, Integer.MAX_VALUE).accepts("x".repeat(299))).isFalse();
        assertThat(repeated(300, Integer.MAX_VALUE).accepts("x".repeat(777))).isTrue();
    }

    @Test
    void manyRepetitions_keepTheGrammarShort() {
        Grammar grammar = new Grammar();
        Rule root = grammar.add();
        grammar.define(root, List.of(grammar.repeated(X, 1000, 1_000_000)));
        assertThat(grammar.gbnf(Grammar.ROOT)).hasSizeLessThan(1000);
    }

    @Test
    void rulesWithoutAnEnd_andWhatNeedsThem_areLeftOut() {
        Grammar grammar = new Grammar();
        Rule root = grammar.add();
        Rule endless = grammar.add();
        grammar.define(endless, List.of(List.of(new Text("\"a\""), endless)));
        Symbol idle = new Grammar.Repeat(List.of(endless), 0, -1);
        grammar.define(root, List.of(List.of(endless), List.of(new Text("\"b\""), idle)));

        assertThat(grammar.productive().stream().toArray()).containsExactly(0);
        assertThat(grammar.gbnf(Grammar.ROOT)).isEqualTo("root ::= \"b\"\n");
    }

    @Test
    void theEmptySequence_comesFirst() {
        Grammar grammar = new Grammar();
        grammar.add(List.of(X, List.of()));
        assertThat(grammar.gbnf(Grammar.ROOT)).startsWith("root ::=  | \"x\"\n");
    }
}
