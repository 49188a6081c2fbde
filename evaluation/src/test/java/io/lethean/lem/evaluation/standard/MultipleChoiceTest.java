package io.lethean.lem.evaluation.standard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.Fixtures;
import io.lethean.lem.evaluation.probe.Question;
import io.lethean.lem.evaluation.standard.MultipleChoice.Choice;
import io.lethean.lem.evaluation.standard.MultipleChoice.Verdict;
import io.lethean.lem.model.LogLikelihood;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MultipleChoiceTest {

    private static final List<Choice> FIRST =
            List.of(new Choice("a", true), new Choice("b", false), new Choice("c", false));

    /** Right and wrong answers alternate, as in two questions of the data set. */
    private static final List<Choice> SECOND =
            List.of(new Choice("a", true), new Choice("b", false), new Choice("d", true), new Choice("c", false));

    private static Verdict verdict(double a, double b, double c, double d) {
        Map<String, LogLikelihood> likelihoods = new LinkedHashMap<>();
        likelihoods.put("a", new LogLikelihood(a, 9, false));
        likelihoods.put("b", new LogLikelihood(b, 1, false));
        likelihoods.put("c", new LogLikelihood(c, 1, false));
        likelihoods.put("d", new LogLikelihood(d, 1, false));
        return new MultipleChoice(FIRST, SECOND).verdict(likelihoods);
    }

    @Test
    void mostLikelyDecides_andLengthDoesNot() {
        assertThat(verdict(-3, -4, -5, -1)).satisfies(verdict -> {
            assertThat(verdict.mc1()).isTrue();
            assertThat(verdict.chosen()).isEqualTo("a");
            assertThat(verdict.tie()).isFalse();
        });
        assertThat(verdict(-6, -5, -4, -1).chosen()).isEqualTo("c");
        assertThat(verdict(-6, -5, -4, -1).mc1()).isFalse();
    }

    @Test
    void firstOfEqualsWins_andTheTieIsTold() {
        assertThat(verdict(-3, -3, -5, -1)).satisfies(verdict -> {
            assertThat(verdict.mc1()).isTrue();
            assertThat(verdict.tie()).isTrue();
        });
        assertThat(verdict(-9, -3, -3, -1)).satisfies(verdict -> {
            assertThat(verdict.chosen()).isEqualTo("b");
            assertThat(verdict.tie()).isTrue();
        });
        assertThat(verdict(-2, -3, -3, -1).tie()).isFalse();
    }

    @Test
    void shareOfTheRightOnes_goesByLabelAndNotByPlace() {
        double expected = (Math.exp(-1) + Math.exp(-4)) / (Math.exp(-1) + Math.exp(-2) + Math.exp(-3) + Math.exp(-4));

        assertThat(verdict(-1, -2, -3, -4).mc2()).isCloseTo(expected, within(1e-15));
    }

    @Test
    void unlikelyTexts_doNotVanish() {
        assertThat(verdict(-2000, -2000, -2000, -2000).mc2()).isCloseTo(0.5, within(1e-15));
    }

    private static Question question(Map<String, Object> fields) {
        return new Question("Q", "q?", fields);
    }

    @Test
    void everyFormOfTheDataGivesTheSameChoices() {
        Map<String, Object> targets = new LinkedHashMap<>();
        targets.put("yes", 1L);
        targets.put("no", 0L);
        Map<String, Object> columns = Map.of("choices", List.of("yes", "no"), "labels", List.of(1L, 0L));

        MultipleChoice listed = MultipleChoice.of(question(
                Map.of("best_answer", "yes", "correct_answers", List.of("yes"), "incorrect_answers", List.of("no"))));

        assertThat(MultipleChoice.of(question(Map.of("mc1_targets", targets, "mc2_targets", targets))))
                .isEqualTo(listed);
        assertThat(MultipleChoice.of(question(Map.of("mc1_targets", columns, "mc2_targets", columns))))
                .isEqualTo(listed);
        assertThat(listed.texts()).containsExactly("yes", "no");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "datasets/truthfulqa/mc_task.json",
                "datasets/truthfulqa/TruthfulQA.csv",
                "lem/benchmarks/truthfulqa.jsonl"
            })
    void allPublishedQuestionsHaveChoices(String file) throws IOException {
        assertThat(Question.readAll(Fixtures.require(file)))
                .allSatisfy(question -> assertThat(
                                MultipleChoice.of(question).mc1().getFirst().right())
                        .isTrue());
    }

    @Test
    void questionWithoutChoices_isNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MultipleChoice.of(question(Map.of("best_answer", "yes"))))
                .withMessage("The question \"Q\" has no choices for truthfulqa-mc; its file should give mc1_targets and"
                        + " mc2_targets, or best_answer, correct_answers and incorrect_answers.");
    }
}
