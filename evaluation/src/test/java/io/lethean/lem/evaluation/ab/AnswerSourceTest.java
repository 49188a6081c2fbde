package io.lethean.lem.evaluation.ab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.run.AnswerSource;
import io.lethean.lem.evaluation.run.FakeModel;
import io.lethean.lem.evaluation.run.Machine;
import io.lethean.lem.evaluation.run.RecordedAnswer;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.evaluation.run.RunQuestion;
import io.lethean.lem.model.FinishReason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A benchmark with answers that come from elsewhere, in any order and with failures between them. */
class AnswerSourceTest {

    private static final Machine MACHINE = new Machine("cpu", "libggml-cpu-haswell.so 0123", "Processor X", "host-1");

    @TempDir
    private Path folder;

    /** Answers from the last question to the first; those that it is told to fail come last, as from several machines. */
    private static final class Elsewhere implements AnswerSource {
        final List<List<Machine>> recorded = new ArrayList<>();
        final List<String> failing = new ArrayList<>();
        int asked;

        @Override
        public void ask(List<RunQuestion> questions, Receiver receiver) throws IOException {
            recorded.add(receiver.machines());
            BenchmarkException first = null;
            for (RunQuestion question : questions.reversed()) {
                asked++;
                if (failing.contains(question.id() + " " + question.condition())) {
                    try {
                        receiver.failed(question, new ContextOverflowException("It is too long.", 9, 8));
                    } catch (BenchmarkException failed) {
                        first = failed;
                    }
                } else {
                    receiver.answered(question, answer(question));
                }
            }
            if (first != null) {
                throw first;
            }
        }

        private static RecordedAnswer answer(RunQuestion question) {
            return RecordedAnswer.of(
                            FakeModel.generation(FakeModel.answer(question.messages()), FinishReason.LENGTH), 1.5)
                    .withMachine(MACHINE);
        }
    }

    @Test
    void answersInAnyOrder_makeTheOutputOfALocalRun() throws IOException {
        AbPlan plan = AbRuns.plan(4);
        Path local = folder.resolve("local.jsonl");
        Path elsewhere = folder.resolve("elsewhere.jsonl");

        new AbRunner(plan, FakeModel::new, RunListener.SILENT).run(local, false);
        new AbRunner(plan, new Elsewhere(), RunListener.SILENT).run(elsewhere, false);

        assertThat(AbRuns.timeless(elsewhere)).isEqualTo(AbRuns.timeless(local));
        assertThat(AbRuns.logLines(elsewhere, "answer"))
                .hasSize(12)
                .allSatisfy(line -> assertThat(line)
                        .containsEntry("machine", MACHINE.fields())
                        .containsEntry("seconds", 1.5));
        assertThat(AbRuns.logLines(local, "answer"))
                .allSatisfy(line -> assertThat(line).doesNotContainKey("machine"));
    }

    @Test
    void questionWithoutAnAnswer_isWrittenDownWithItsReason_andAskedAgain() throws IOException {
        AbPlan plan = AbRuns.plan(3);
        Path output = folder.resolve("ab.jsonl");
        Elsewhere source = new Elsewhere();
        source.failing.add("P2 json");

        assertThatThrownBy(() -> new AbRunner(plan, source, RunListener.SILENT).run(output, false))
                .isInstanceOf(BenchmarkException.class)
                .hasMessageContaining("'P2' under the condition 'json' failed: It is too long.")
                .hasMessageContaining("start the same run again to resume");
        assertThat(AbRuns.logLines(output, "failed"))
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .containsEntry("probe", 1L)
                        .containsEntry("condition", "json")
                        .containsEntry("reason", "It is too long."));
        assertThat(AbRuns.logLines(output, "answer")).hasSize(8);

        source.failing.clear();
        source.asked = 0;
        AbResult result = new AbRunner(plan, source, RunListener.SILENT).run(output, false);

        assertThat(source.asked).isEqualTo(1);
        assertThat(source.recorded).containsExactly(List.of(), List.of(MACHINE));
        assertThat(result.probes()).hasSize(3);
    }

    @Test
    void machinesAnswerAlike_onlyWithTheSameBackendAndKernels() {
        assertThat(MACHINE.answersAs(new Machine("cpu", MACHINE.kernels(), "Processor Y", "host-2")))
                .isTrue();
        assertThat(MACHINE.answersAs(new Machine("cpu", "libggml-cpu-zen4.so 4567", "Processor X", "host-1")))
                .isFalse();
        assertThat(MACHINE.answersAs(new Machine("GPU", MACHINE.kernels(), "Processor X", "host-1")))
                .isFalse();
        assertThat(Machine.of(MACHINE.fields())).contains(MACHINE);
        assertThat(Machine.of(Map.of("backend", "cpu"))).isEmpty();
    }
}
