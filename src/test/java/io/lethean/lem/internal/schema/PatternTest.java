package io.lethean.lem.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lethean.lem.GrammarException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PatternTest {

    private static Dfa pattern(String pattern) {
        return Determinization.ofPattern(pattern, "#/pattern");
    }

    /** All texts of up to four of these characters. */
    private static List<String> texts() {
        List<String> characters = List.of("a", "b", "1", "_", " ", "-", "é");
        List<String> texts = new ArrayList<>(List.of(""));
        for (int begin = 0, length = 1; length <= 4; length++) {
            int end = texts.size();
            for (; begin < end; begin++) {
                for (String character : characters) {
                    texts.add(texts.get(begin) + character);
                }
            }
        }
        return texts;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "^a",
                "a$",
                "^a$",
                "^$",
                "^a|b$",
                "^(a|b)*$",
                "^(?:a|bb)+?1",
                "(^|-)a($|-)",
                "a{2}",
                "^a{1,2}b{0}$",
                "^[ab]{2,}$",
                "^[^ab]*$",
                "\\d",
                "^\\D+$",
                "^\\w\\W$",
                "^[\\w-]+$",
                "^[a\\-b]+$",
                "\\bab\\b",
                "\\Ba",
                "a\\b",
                "^.{3}$",
                "(a|ab)(b|1)$",
                "^(a*)*$",
                "^(?<name>a)-$",
                "a(?:b|)1",
                "^-?1+$",
                "(a|b)*a(a|b)1?$",
                "^\\x61\\u0062$",
                "\\_",
                "a^b",
                "a$b",
                "^(^a$)$",
                "\\p{Ll}",
                "^\\P{L}+$",
                "b|$",
                "^\\s$",
                "\\S\\s"
            })
    void anAutomaton_agreesWithJavasExpression(String pattern) {
        Pattern expected = Pattern.compile(pattern);
        Dfa actual = pattern(pattern);
        for (String text : texts()) {
            assertThat(actual.accepts(text))
                    .as("'%s' in '%s'", pattern, text)
                    .isEqualTo(expected.matcher(text).find());
        }
    }

    @Test
    void charactersAreThoseOfEcma262() {
        List<List<String>> found = List.of(
                List.of("^\\s$", "\u00A0"),
                List.of("^\\s$", "\uFEFF"),
                List.of("^.$", "😀"),
                List.of("^.$", "\u0085"),
                List.of("^[^]$", "x"),
                List.of("^😀?$", "😀"),
                List.of("^[😀-😂]$", "😁"),
                List.of("^\\uD83D\\uDE00$", "😀"),
                List.of("^\\u{1F600}$", "😀"),
                List.of("^wait\\!$", "wait!"),
                List.of("^\\cJ$", "\n"),
                List.of("^[\\b]$", "\b"),
                List.of("^\\p{Lu}$", "É"),
                List.of("^\\p{gc=Sc}$", "€"),
                List.of("^\\0$", "\0"),
                List.of("^a}]$", "a}]"),
                List.of("^[]?$", ""));
        List<List<String>> absent = List.of(
                List.of("^\\s$", "\u0085"),
                List.of("^\\S$", "\u2003"),
                List.of("^.$", "\u2028"),
                List.of("^\\d$", "٣"),
                List.of("^\\w$", "é"),
                List.of("^a$", "a\n"),
                List.of("^\\p{Lu}$", "é"),
                List.of("[]", "a"));
        found.forEach(each -> assertThat(pattern(each.get(0)).accepts(each.get(1)))
                .as(each.get(0))
                .isTrue());
        absent.forEach(each -> assertThat(pattern(each.get(0)).accepts(each.get(1)))
                .as(each.get(0))
                .isFalse());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "^(?=a)b$|look-ahead",
                "(?!a)|look-ahead",
                "(?<=a)b|look-ahead",
                "(?<!a)b|look-ahead",
                "(?i)a|look-ahead",
                "(a)\\1|references back",
                "\\k<a>|references back",
                "a{|number of repetitions",
                "*a|nothing to repeat",
                "a**|nothing to repeat",
                "^*|an assertion",
                "(a|closing parenthesis",
                "a)|closing parenthesis",
                "[a|too early",
                "[b-a]|ends before",
                "a{2,1}|at least 2",
                "a{9999999}|more than 100000",
                "\\q|\\q is unknown",
                "\\|too early",
                "\\u12|too few",
                "\\uD800|surrogate",
                "\\x1g|no hexadecimal",
                "\\u{110000}|no Unicode",
                "\\p{Greek}|{Greek}",
                "\\c1|letter",
                "\\01|octal",
                "(a{999}){999}|states",
                "[ab]*a[ab]{20}$|states"
            })
    void whatIsNotRegularOrTooLarge_isRefusedWithPatternAndPlace(String pattern, String reason) {
        assertThatExceptionOfType(GrammarException.class)
                .isThrownBy(() -> pattern(pattern))
                .withMessageContaining("pattern \"" + pattern + "\" at #/pattern is not enforced")
                .withMessageContaining(reason);
    }

    @Test
    void groupsNestedTooDeep_areRefused() {
        assertThatExceptionOfType(GrammarException.class)
                .isThrownBy(() -> pattern("(".repeat(5000) + ")".repeat(5000)))
                .withMessageContaining("deeper than 100");
    }
}
