package io.lethean.lem.evaluation.curriculum;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.evaluation.stats.Bootstrap;
import io.lethean.lem.evaluation.stats.PairedComparison;
import io.lethean.lem.evaluation.stats.ProbeScores;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Gates at their limits and next to them. */
class GateCheckTest {

    private static final OptionalDouble NO = OptionalDouble.empty();

    private static OptionalDouble at(double value) {
        return OptionalDouble.of(value);
    }

    private static ProbeScores scores(double... values) {
        ProbeScores scores = new ProbeScores();
        for (int i = 0; i < values.length; i++) {
            scores.add("P" + (i + 1), at(values[i]));
        }
        return scores;
    }

    private static Optional<String> failure(Gates gates, ProbeScores before, ProbeScores after) {
        Phase phase = new Phase(
                "P3",
                List.of(LessonSource.of(Path.of("t"))),
                List.of(LessonSource.of(Path.of("v"))),
                Map.of(),
                Keep.LAST,
                gates);
        PairedComparison difference = PairedComparison.of(before, after, Bootstrap.defaults());
        PhaseScores scores = PhaseScores.of(new ProbeAnswers(after), Optional.of(difference));
        return new PhaseResult(phase, Path.of("a"), 9, 2, 2.1, Optional.of(scores)).failure();
    }

    private static Optional<String> failure(Gates gates) {
        return failure(gates, scores(5, 6, 7, 8), scores(6, 7, 8, 9));
    }

    @Test
    void validationLoss_passesAtTheGate_andFailsAboveIt() {
        assertThat(failure(new Gates(at(2.1), at(1.05), NO, NO, NO))).isEmpty();
        assertThat(failure(new Gates(at(2.09), NO, NO, NO, NO)))
                .hasValueSatisfying(sentence -> assertThat(sentence)
                        .startsWith("The phase P3 does not pass its gate: the validation loss is 2.1000, and at most"
                                + " 2.09 is wanted. Everything that was trained is kept."));
        assertThat(failure(new Gates(NO, at(1.04), NO, NO, NO)))
                .hasValueSatisfying(sentence -> assertThat(sentence)
                        .contains("went from 2.0000 to 2.1000, and the second divided by the first is 1.0500"));
    }

    @Test
    void scores_passAtTheGate_andFailBelowIt() {
        assertThat(failure(new Gates(NO, NO, at(7.5), at(6), NO))).isEmpty();
        assertThat(failure(new Gates(NO, NO, at(7.6), NO, NO)))
                .hasValueSatisfying(sentence ->
                        assertThat(sentence).contains("the mean score is 7.5000, and at least 7.6 is wanted"));
        assertThat(failure(new Gates(NO, NO, NO, at(6.1), NO)))
                .hasValueSatisfying(
                        sentence -> assertThat(sentence).contains("the worst score, of P1, is 6.0000, and at least"));
    }

    @Test
    void differenceToThePhaseBefore_isJudgedByTheLowerEndOfItsInterval() {
        assertThat(failure(new Gates(NO, NO, NO, NO, at(1))))
                .as("every probe rose by 1")
                .isEmpty();
        Gates gain = new Gates(NO, NO, NO, NO, at(0));
        assertThat(failure(gain, scores(5, 5, 5, 5), scores(9, 1, 9, 3)))
                .as("the mean rose by 0.5 and the interval includes 0")
                .hasValueSatisfying(sentence -> assertThat(sentence)
                        .contains("the scores of 4 probes differ from those of the phase before by 0.50 in the mean,"
                                + " and the lower end of the 95 % interval is -"));
        assertThat(failure(new Gates(NO, NO, NO, NO, at(-10)), scores(5, 5, 5, 5), scores(9, 1, 9, 3)))
                .isEmpty();
    }

    @Test
    void answersWithoutScores_passNoGateByScore() {
        ProbeScores none = new ProbeScores().add("P1", NO);

        assertThat(failure(new Gates(NO, NO, at(-100), NO, NO), none, none))
                .hasValueSatisfying(sentence -> assertThat(sentence).contains("the mean score is NaN"));
        assertThat(failure(Gates.NONE, none, none)).isEmpty();
    }
}
