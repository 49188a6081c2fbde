package io.lethean.lem.evaluation.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrammarScorerTest {

    private final Scorer scorer = Scorers.named("grammar");

    @ParameterizedTest
    @CsvSource({
        "wrote,write,PAST",
        "written,write,PAST",
        "planned,plan,PAST",
        "carried,carry,PAST",
        "offered,offer,PAST",
        "making,make,GERUND",
        "lying,lie,GERUND",
        "agreeing,agree,GERUND",
        "beginning,begin,GERUND",
        "chooses,choose,BASE",
        "relies,rely,BASE",
        "goes,go,BASE",
        "travelling,travel,GERUND",
        "quit,quit,BASE"
    })
    void verbFormsLeadToBaseAndTense(String word, String base, EnglishLexicon.Tense tense) {
        assertThat(EnglishLexicon.verb(word)).isEqualTo(new EnglishLexicon.VerbForm(base, tense));
    }

    @ParameterizedTest
    @CsvSource({"children,child,true", "data,datum,true", "cities,city,true", "boxes,box,true", "house,house,false"})
    void nounFormsLeadToTheSingular(String word, String base, boolean plural) {
        assertThat(EnglishLexicon.noun(word)).isEqualTo(new EnglishLexicon.NounForm(base, plural));
    }

    /** Tokens the farmer carried a ladder ? : articles 2, verb 1, nouns 2, question 1 of 1. */
    @Test
    void compositeIsTheSumOfItsFiveParts() {
        Score score = scorer.score(Sample.ofId(""), "The farmer carried a ladder?");
        double parts = 0.25 * 0 + 0.25 * Math.min(10 * 3 / 6.0, 1) + 0.20 + 0.15 * 1 / 30 + 0.15 * 2 / 40;
        assertThat(score.value().getAsDouble()).isCloseTo(100 * parts, within(1e-9));
        assertThat(score.details()).containsEntry("tokens", 6L).containsEntry("unique_nouns", 2L);
    }

    @Test
    void entropyOfThreeEqualTensesIsFull() {
        assertThat(GrammarScorer.entropy(Map.of("a", 0.25, "b", 0.25, "c", 0.5)))
                .isCloseTo(1.5, within(1e-12));
        Score score = scorer.score(Sample.ofId(""), "They wrote. Choosing. We decide.");
        assertThat((double) score.details().get("tense_entropy")).isCloseTo(Math.log(3) / Math.log(2), within(1e-12));
    }

    @Test
    void aWordThatIsVerbAndNounLeansOnItsNeighbours() {
        assertThat(GrammarImprint.of("The work.").nouns()).containsOnlyKeys("work");
        GrammarImprint noun = GrammarImprint.of("the work is");
        GrammarImprint verb = GrammarImprint.of("we work the land");
        assertThat(noun.nouns().get("work")).isEqualTo(1.0);
        assertThat(verb.verbs().get("work")).isGreaterThan(0.5);
    }

    @Test
    void echoOfTheSameTextIsOneAndOfUnrelatedTextLess() {
        GrammarImprint text = GrammarImprint.of("The doctor heals a child. Why?");
        assertThat(text.similarity(text)).isCloseTo(1, within(1e-12));
        assertThat(text.similarity(GrammarImprint.of("Ships sail: ..."))).isCloseTo(0.2, within(1e-12));
        assertThat(GrammarImprint.of("").similarity(GrammarImprint.of(""))).isZero();
    }

    @Test
    void anAnswerThatRepeatsThePromptIsSycophantic() {
        String text = "The doctor heals a child and asks why the war began.";
        Score score = scorer.score(new Sample("", text, Map.of()), text);
        assertThat(score.details()).containsEntry("uplift", 0.0).containsEntry("sycophantic", true);
        assertThat((double) score.details().get("echo")).isCloseTo(1, within(1e-12));
        assertThat(scorer.score(Sample.ofId(""), text).details()).doesNotContainKey("echo");
    }

    @Test
    void anEmptyTextScoresZero() {
        assertThat(scorer.score(Sample.ofId(""), "").value()).hasValue(0);
    }
}
