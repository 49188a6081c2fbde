package io.lethean.lem.evaluation.standard;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Question;
import io.lethean.lem.evaluation.run.AdapterIdentity;
import io.lethean.lem.evaluation.run.ModelIdentity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What identifies runs of standard benchmarks; the hashes are those of earlier releases. */
class PlanIdentityTest {

    private static final ModelIdentity MODEL = new ModelIdentity(
            "m.gguf",
            "abc",
            "llama.cpp v0.5.0",
            List.of(new AdapterIdentity("a", "11", 0.7f), new AdapterIdentity("b", "22", 1f)),
            4);
    private static final List<Question> QUESTIONS = List.of(new Question(
            "q1",
            "2+2?",
            Map.of(
                    "answer",
                    "4",
                    "best_answer",
                    "4",
                    "correct_answers",
                    List.of("4"),
                    "incorrect_answers",
                    List.of("5", "6"))));
    private static final Optional<Kernel> KERNEL = Optional.of(Kernel.ofText("k", "be kind"));

    @Test
    void everyComponent_hasARuleOrIsExcluded() {
        assertThat(List.of(StandardPlan.IDENTITY, ChoicePlan.IDENTITY)).allSatisfy(rules -> {
            assertThat(rules.undecided()).isEmpty();
            assertThat(rules.unknown()).isEmpty();
        });
    }

    private static String plain() {
        StandardTask benchmark = StandardTasks.GSM8K;
        return new StandardPlan(MODEL, benchmark, QUESTIONS, 5, Optional.empty(), true, benchmark.publishedOptions())
                .identity()
                .id();
    }

    private static String chat() {
        StandardTask benchmark = StandardTasks.TOXIGEN;
        return new StandardPlan(MODEL, benchmark, QUESTIONS, 5, KERNEL, false, benchmark.publishedOptions())
                .identity()
                .id();
    }

    @Test
    void generatedAnswers_areIdentifiedAsBefore() {
        assertThat(plain()).isEqualTo("ba3511d4507ae0bb");
        assertThat(chat()).isEqualTo("9f33c310da79fa8b");
    }

    @Test
    void choices_areIdentifiedAsBefore() {
        assertThat(new ChoicePlan(MODEL, QUESTIONS, 5, KERNEL, Preamble.ours())
                        .identity()
                        .id())
                .isEqualTo("db90bcd21957bcbd");
    }
}
