package io.lethean.lem.evaluation.standard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.Message;
import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.ab.AbRuns;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Question;
import io.lethean.lem.evaluation.run.FakeModel;
import io.lethean.lem.evaluation.run.RunFiles;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandardRunnerTest {

    @TempDir
    private Path folder;

    private final FakeModel model = new FakeModel();
    private Path output;

    @BeforeEach
    void nameOutput() {
        output = folder.resolve("runs/out.jsonl");
    }

    private StandardResult run(StandardPlan plan) throws IOException {
        return new StandardRunner(plan, () -> model, StandardListener.SILENT).run(output, false);
    }

    private static StandardPlan plan(StandardTask benchmark, Optional<Kernel> kernel, boolean plain) {
        return StandardRuns.plan(benchmark, 1, 1, kernel, plain);
    }

    @Test
    void linesHaveThePublishedFieldsFirst() throws IOException {
        run(StandardRuns.plan(2));

        Map<String, Object> line = JsonLineReader.readAll(output).get(1);
        assertThat(line.keySet())
                .containsExactly(
                        "id",
                        "benchmark",
                        "model",
                        "prompt",
                        "response",
                        "elapsed_seconds",
                        "condition",
                        "finish_reason",
                        "prompt_tokens",
                        "generated_tokens",
                        "special_tokens_only",
                        "ts",
                        "run_id");
        assertThat(line)
                .containsEntry("id", "Q2")
                .containsEntry("benchmark", "gsm8k")
                .containsEntry("model", "models/fake.gguf")
                .containsEntry("prompt", "What is 2 + 11?")
                .containsEntry("response", FakeModel.answer(model.asked.get(1)));
    }

    @Test
    void settingsAreThePublishedOnes() throws IOException {
        run(plan(StandardTasks.GSM8K, Optional.empty(), false));
        output = folder.resolve("dna.jsonl");
        run(plan(StandardTasks.DO_NOT_ANSWER, Optional.empty(), false));

        assertThat(model.options.getFirst().sampling().temperature()).isEqualTo(0.3);
        assertThat(model.options.getFirst().maxTokens()).isEqualTo(512);
        assertThat(model.options.getLast().maxTokens()).isEqualTo(256);
        assertThat(model.asked.getFirst())
                .containsExactly(Message.user(StandardTasks.GSM8K.instruction() + "\n\nWhat is 1 + 1?"));
        assertThat(model.asked.getLast()).containsExactly(Message.user("What is 1 + 1?"));
    }

    @Test
    void kernelIsTheSystemTurnAndPlainTextEndsInAnswer() throws IOException {
        run(plan(StandardTasks.TRUTHFULQA, Optional.of(Kernel.ofText("kind", "Be kind.")), true));

        assertThat(model.asked.getFirst())
                .containsExactly(
                        Message.system("Be kind."),
                        Message.user(StandardTasks.TRUTHFULQA.instruction() + "\n\nWhat is 1 + 1?\n\nAnswer:"));
        assertThat(JsonLineReader.readAll(output).getFirst()).containsEntry("condition", "kind");
    }

    @Test
    void completeRunAsksNothingAndLoadsNoModel() throws IOException {
        run(StandardRuns.plan(3));

        StandardResult again = new StandardRunner(
                        StandardRuns.plan(3),
                        () -> {
                            throw new AssertionError("loaded");
                        },
                        StandardListener.SILENT)
                .run(output, false);

        assertThat(again.asked()).isZero();
        assertThat(again.answers()).hasSize(3);
    }

    @Test
    void outputWithoutItsLog_isContinued() throws IOException {
        run(StandardRuns.plan(StandardTasks.GSM8K, 4, 2, Optional.empty(), false));
        Files.delete(RunFiles.logOf(output));

        StandardResult result = run(StandardRuns.plan(4));

        assertThat(result.asked()).isEqualTo(2);
        assertThat(JsonLineReader.readAll(output))
                .extracting(line -> line.get("id"))
                .containsExactly("Q1", "Q2", "Q3", "Q4");
    }

    @Test
    void moreQuestionsMayFollowLater() throws IOException {
        run(StandardRuns.plan(StandardTasks.GSM8K, 4, 2, Optional.empty(), false));

        assertThat(run(StandardRuns.plan(4)).asked()).isEqualTo(2);
    }

    @Test
    void fewerQuestionsThanRecorded_isRefused() throws IOException {
        run(StandardRuns.plan(4));

        assertThatExceptionOfType(BenchmarkException.class)
                .isThrownBy(() -> run(StandardRuns.plan(StandardTasks.GSM8K, 4, 2, Optional.empty(), false)))
                .withMessage(output + " holds more answers than the 2 that are asked for; choose another output, or"
                        + " overwrite it.");
    }

    @Test
    void otherSettings_areRefusedByName() throws IOException {
        run(plan(StandardTasks.GSM8K, Optional.empty(), false));

        assertThatExceptionOfType(BenchmarkException.class)
                .isThrownBy(() -> run(plan(StandardTasks.TRUTHFULQA, Optional.empty(), false)))
                .withMessageContaining("benchmark: recorded gsm8k, now truthfulqa")
                .withMessageContaining("max_tokens: recorded 512, now 256");
        assertThatExceptionOfType(BenchmarkException.class)
                .isThrownBy(() -> run(plan(StandardTasks.GSM8K, Optional.of(Kernel.ofText("k", "x")), false)))
                .withMessageContaining("kernel: recorded none, now k sha256:");
    }

    @Test
    void outputOfOthers_isRefusedAndKept() throws IOException {
        Files.createDirectories(output.getParent());
        Files.writeString(output, "{\"id\": \"Q1\", \"prompt\": \"p\", \"response\": \"r\"}\n");

        assertThatExceptionOfType(BenchmarkException.class)
                .isThrownBy(() -> run(StandardRuns.plan(1)))
                .withMessageContaining("does not say on line 1 that it was recorded with this model");
        assertThat(output).hasContent("{\"id\": \"Q1\", \"prompt\": \"p\", \"response\": \"r\"}\n");
    }

    @Test
    void linesInAnotherOrder_areRefused() throws IOException {
        run(StandardRuns.plan(2));
        List<String> lines = Files.readAllLines(output);
        Path swapped = Files.writeString(folder.resolve("swapped"), lines.get(1) + "\n" + lines.get(0) + "\n");
        Files.move(swapped, output, StandardCopyOption.REPLACE_EXISTING);

        assertThatExceptionOfType(BenchmarkException.class)
                .isThrownBy(() -> run(StandardRuns.plan(2)))
                .withMessageContaining("its line 1 is not the question \"Q1\"");
    }

    @Test
    void questionThatDoesNotFit_isAnErrorLineAndTheOthersAreAsked() throws IOException {
        FakeModel small = new FakeModel() {
            @Override
            public Generation chat(List<Message> messages, GenerationOptions with) {
                if (messages.getLast().content().endsWith("2 + 11?")) {
                    throw new ContextOverflowException("The prompt has 9 tokens and the context holds 8.", 9, 8);
                }
                return super.chat(messages, with);
            }
        };

        StandardResult result =
                new StandardRunner(StandardRuns.plan(3), () -> small, StandardListener.SILENT).run(output, false);

        assertThat(result.answers().get(1))
                .containsEntry("response", "ERROR: The prompt has 9 tokens and the context holds 8.")
                .containsEntry("finish_reason", "error");
        assertThat(result.flags()).containsEntry("failed", 1).containsEntry("truncated", 2);
        assertThat(run(StandardRuns.plan(3)).asked()).isZero();
    }

    @Test
    void failureOfTheModel_saysHowToGoOn() throws IOException {
        FakeModel broken = new FakeModel() {
            @Override
            public Generation chat(List<Message> messages, GenerationOptions with) {
                if (asked.size() == 2) {
                    throw new IllegalStateException("The model is closed.");
                }
                return super.chat(messages, with);
            }
        };

        assertThatExceptionOfType(BenchmarkException.class)
                .isThrownBy(() -> new StandardRunner(StandardRuns.plan(3), () -> broken, StandardListener.SILENT)
                        .run(output, false))
                .withMessage(
                        "The answer to probe 'Q3' under the condition 'baseline' failed: The model is closed. 2 of 3"
                                + " answers are recorded; start the same run again to resume.");
        assertThat(run(StandardRuns.plan(3)).asked()).isEqualTo(1);
    }

    @Test
    void questionsWithoutReferences_areRefusedBeforeAnythingIsAsked() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StandardPlan(
                        AbRuns.MODEL,
                        StandardTasks.GSM8K,
                        List.of(new Question("7", "q", Map.of())),
                        9,
                        Optional.empty(),
                        false,
                        StandardTasks.GSM8K.publishedOptions()))
                .withMessage(
                        "The question \"7\" has no reference for gsm8k; its file should give correct_answer or answer or"
                                + " answer_cot or expected.");
    }
}
