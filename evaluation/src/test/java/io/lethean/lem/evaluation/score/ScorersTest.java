package io.lethean.lem.evaluation.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every scorer must be; a new scorer is checked here by its examples. */
class ScorersTest {

    @Test
    void publishedScorers_areRegistered() {
        assertThat(Scorers.names())
                .doesNotHaveDuplicates()
                .contains("v2", "lek-regex", "self-distill", "tier1", "gsm8k", "capability", "grammar");
    }

    @ParameterizedTest
    @MethodSource("io.lethean.lem.evaluation.score.Scorers#names")
    void everyName_leadsToTheScorerOfThatName(String name) {
        Scorer scorer = Scorers.named(name);
        Score score = scorer.score(Sample.ofId("x"), "An answer.");

        assertThat(scorer.name()).isEqualTo(name).matches("[a-z][a-z0-9-]*").isNotIn(JudgedSuite.names());
        assertThat(scorer.version()).isNotEmpty();
        assertThat(score.scorer()).isEqualTo(name);
        assertThat(score.version()).isEqualTo(scorer.version());
    }

    @ParameterizedTest
    @MethodSource("io.lethean.lem.evaluation.score.Scorers#names")
    void everyExample_hasItsScore(String name) {
        Scorer scorer = Scorers.named(name);

        assertThat(scorer.examples())
                .isNotEmpty()
                .allSatisfy(example -> assertThat(
                                scorer.score(example.sample(), example.answer()).value())
                        .as(example.answer())
                        .hasValue(example.score()));
    }

    @Test
    void unknownScorer_isOneSentenceThatListsTheNames() {
        assertThatThrownBy(() -> Scorers.named("v3"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("There is no scorer \"v3\"; choose one of " + String.join(", ", Scorers.names())
                        + ", or with a judge " + String.join(", ", JudgedSuite.names()) + ".");
    }
}
