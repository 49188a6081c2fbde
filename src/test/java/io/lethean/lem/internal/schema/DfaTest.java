package io.lethean.lem.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;

class DfaTest {

    private static final List<String> WORDS = List.of("", "a", "ab", "abc", "abd", "日本", "日", "😀x", "zz");

    @Test
    void words_areAcceptedAndNothingElse() {
        Dfa words = Dfa.words(List.of("ab", "日本", "abd"));
        assertThat(WORDS.stream().filter(words::accepts)).containsExactly("ab", "abd", "日本");
        assertThat(Dfa.words(List.of()).isEmpty()).isTrue();
        assertThat(Dfa.words(List.of("")).accepts("")).isTrue();
    }

    @Test
    void setsCombine() {
        Dfa first = Dfa.words(List.of("", "a", "ab", "日"));
        Dfa second = Dfa.words(List.of("a", "abc", "日", "日本"));
        assertThat(WORDS.stream().filter(first.and(second)::accepts)).containsExactly("a", "日");
        assertThat(WORDS.stream().filter(first.or(second)::accepts)).containsExactly("", "a", "ab", "abc", "日本", "日");
        assertThat(WORDS.stream().filter(first.minus(second)::accepts)).containsExactly("", "ab");
        assertThat(first.minus(first)).isEqualTo(Dfa.NOTHING);
        assertThat(Dfa.EVERYTHING.minus(first).or(first)).isEqualTo(Dfa.EVERYTHING);
    }

    @Test
    void lengths_countCharacters() {
        assertThat(WORDS.stream().filter(Dfa.lengths(2, 2)::accepts)).containsExactly("ab", "日本", "😀x", "zz");
        assertThat(WORDS.stream().filter(Dfa.lengths(3, Integer.MAX_VALUE)::accepts))
                .containsExactly("abc", "abd");
        assertThat(Dfa.lengths(0, Integer.MAX_VALUE)).isEqualTo(Dfa.EVERYTHING);
        assertThat(Dfa.lengths(3, 2)).isEqualTo(Dfa.NOTHING);
    }

    @Test
    void equalSets_areEqualAutomata() {
        Dfa pattern = Determinization.ofPattern("^(abd|abc)$", "#");
        assertThat(pattern).isEqualTo(Dfa.words(List.of("abc", "abd")));
        assertThat(pattern.states()).hasSize(4);
        assertThat(Determinization.ofPattern("", "#")).isEqualTo(Dfa.EVERYTHING);
    }

    @Test
    void tooManyStates_areNotExploredToTheEnd() {
        assertThatExceptionOfType(TooManyStatesException.class).isThrownBy(() -> Dfa.lengths(0, 1_000_000));
    }
}
