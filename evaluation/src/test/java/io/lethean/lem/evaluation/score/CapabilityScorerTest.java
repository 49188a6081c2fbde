package io.lethean.lem.evaluation.score;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.evaluation.probe.Probe;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CapabilityScorerTest {

    private final Scorer scorer = Scorers.named("capability");

    @Test
    void thereAreEightMathFiveLogicFiveReasoningThreeCodeAndTwoWordQuestions() {
        assertThat(CapabilityScorer.probes().stream()
                        .collect(Collectors.groupingBy(Probe::category, Collectors.counting())))
                .containsEntry("math", 8L)
                .containsEntry("logic", 5L)
                .containsEntry("reasoning", 5L)
                .containsEntry("code", 3L)
                .containsEntry("word", 2L)
                .hasSize(5);
        assertThat(CapabilityScorer.probes().stream().map(Probe::id).distinct()).hasSize(23);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "math_multiply|The product is 10,063.|It is 10603.",
                "math_percent|28.75 in total|27.85",
                "math_equation|so x = -12|so x = 12",
                "math_sequence|Next comes 21.|Next comes 210.",
                "math_probability|One half, that is 1 in 2: 1/2|one third",
                "math_circle|about 153.94 square metres|about 49 square metres",
                "math_growth|162 plants|486 plants",
                "math_trays|612|621",
                "logic_syllogism|Yes, it follows.|It does follow.",
                "logic_converse|No; rain may have done it.|It did.",
                "logic_looms|3 days, since each loom weaves one rug.|30 days, 3 would be too few",
                "logic_crossing|The chicken goes first.|The fox goes first.",
                "logic_socks|Five socks suffice.|15 socks",
                "reasoning_doorstep|It was eating.|It was sleeping.",
                "reasoning_engine|The starter solenoid.|The tyres.",
                "reasoning_compass|South.|North.",
                "reasoning_birthyear|In 1991.|In 1992.",
                "reasoning_seats|4! = 24|4 * 4 = 16",
                "code_slice|It prints [2, 3].|It prints [2, 3, 4].",
                "code_recursion|It returns 8.|It returns 18.",
                "code_average|An empty list: ZeroDivisionError.|A list of strings.",
                "word_train|It takes 3 hours.|It takes 30 hours.",
                "word_apples|She has 7.|She has 17."
            })
    void rightAnswersPassAndWrongOnesFail(String id, String right, String wrong) {
        assertThat(scorer.score(Sample.ofId(id), right).value()).hasValue(1);
        assertThat(scorer.score(Sample.ofId(id), wrong).value()).hasValue(0);
    }

    @Test
    void whatAModelThinksAloudDoesNotCountUnlessItIsAllThereIs() {
        Sample sample = Sample.ofId("math_trays");
        assertThat(scorer.score(sample, "<think>612?</think>It is 600.").value())
                .hasValue(0);
        assertThat(scorer.score(sample, "<think>It is 612").value()).hasValue(1);
    }

    @Test
    void unknownQuestionIsUnscored() {
        assertThat(scorer.score(Sample.ofId("P01"), "612").value()).isEmpty();
    }
}
