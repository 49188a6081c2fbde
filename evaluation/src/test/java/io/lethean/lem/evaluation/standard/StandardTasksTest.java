package io.lethean.lem.evaluation.standard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.standard.StandardTask.Example;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What every task must be; a new task is checked here by its examples. */
class StandardTasksTest {

    @Test
    void everyTask_isFoundByItsName() {
        assertThat(StandardTasks.all())
                .extracting(StandardTask::label)
                .doesNotHaveDuplicates()
                .startsWith("gsm8k", "truthfulqa", "truthfulqa-mc", "do-not-answer", "toxigen");
        assertThat(StandardTasks.all())
                .allSatisfy(
                        task -> assertThat(StandardTasks.named(task.label())).isSameAs(task));
    }

    @Test
    void unknownTask_isOneSentenceWithTheNames() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StandardTasks.named("mmlu"))
                .withMessage("There is no benchmark \"mmlu\"; choose one of %s."
                        .formatted(StandardTasks.all().stream()
                                .map(StandardTask::label)
                                .collect(Collectors.joining(", "))));
    }

    @Test
    void everyExample_hasItsScore() {
        for (StandardTask task : StandardTasks.all()) {
            for (Example example : task.examples()) {
                Sample sample = new Sample("1", "", example.fields());
                assertThat(task.rules().score(sample, example.answer()).value())
                        .as("%s: %s", task.label(), example.answer())
                        .hasValue(example.score());
            }
        }
    }
}
