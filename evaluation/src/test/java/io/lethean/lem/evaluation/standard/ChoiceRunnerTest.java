package io.lethean.lem.evaluation.standard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.ab.AbRuns;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.rescore.ScoreMeans;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChoiceRunnerTest {

    private static final Preamble NONE = new Preamble("none", "");

    @TempDir
    private Path folder;

    private StandardResult run(ChoicePlan plan, LikelihoodModel model) throws IOException {
        return new ChoiceRunner(plan, () -> model, StandardListener.SILENT).run(folder.resolve("mc.jsonl"), false);
    }

    private static ChoicePlan plan(int limit, Preamble preamble) {
        return new ChoicePlan(AbRuns.MODEL, ChoiceRuns.questions(4), limit, Optional.empty(), preamble);
    }

    @Test
    void lineTellsTheChoiceAndEveryLikelihood() throws IOException {
        Map<String, Object> line =
                run(plan(1, NONE), new ChoiceRuns.Lengths()).answers().getFirst();

        assertThat(line.keySet())
                .containsExactly(
                        "id",
                        "benchmark",
                        "model",
                        "prompt",
                        "response",
                        "elapsed_seconds",
                        "condition",
                        "preamble",
                        "score",
                        "mc1",
                        "mc1_tie",
                        "mc2",
                        "mc1_choices",
                        "mc2_choices",
                        "ts",
                        "run_id");
        assertThat(line)
                .containsEntry("benchmark", "truthfulqa_mc")
                .containsEntry("response", "no")
                .containsEntry("mc1", false)
                .containsEntry("mc1_tie", false);
        assertThat(line.get("mc1_choices").toString())
                .isEqualTo("[{text=yes 1, right=true, log_likelihood=-6.0, tokens=1, greedy=false},"
                        + " {text=no, right=false, log_likelihood=-3.0, tokens=1, greedy=false}]");
    }

    @Test
    void contextIsKernelPreambleAndQuestion() throws IOException {
        ChoiceRuns.Lengths model = new ChoiceRuns.Lengths();
        run(
                new ChoicePlan(
                        AbRuns.MODEL,
                        ChoiceRuns.questions(4),
                        1,
                        Optional.of(Kernel.ofText("k", "Be kind.")),
                        new Preamble("p", "Q: a?\nA: b.")),
                model);

        assertThat(model.contexts).containsExactly("Be kind.\n\nQ: a?\nA: b.\n\nQ: Is it 1?\nA:");
        assertThat(NONE.context("x?")).isEqualTo("Q: x?\nA:");
    }

    @Test
    void ourPreambleHasSixPairs() {
        assertThat(Preamble.ours().text().split("\n\n"))
                .hasSize(6)
                .allMatch(pair -> pair.matches("Q: .+\\?\nA: .+\\."));
    }

    @Test
    void failedRunGoesOnWhereItWas() throws IOException {
        ChoiceRuns.Lengths failing = new ChoiceRuns.Lengths();
        failing.failAt = 2;
        assertThatIllegalStateException().isThrownBy(() -> run(plan(4, NONE), failing));
        Files.writeString(folder.resolve("mc.jsonl"), "{\"id\": \"Q3\", \"tor", StandardOpenOption.APPEND);
        ChoiceRuns.Lengths model = new ChoiceRuns.Lengths();

        StandardResult result = run(plan(4, NONE), model);

        assertThat(result.asked()).isEqualTo(2);
        assertThat(model.contexts).hasSize(2).first().isEqualTo("Q: Is it 3?\nA:");
        assertThat(result.answers()).extracting(line -> line.get("id")).containsExactly("Q1", "Q2", "Q3", "Q4");
        assertThat(run(plan(4, NONE), model).asked()).isZero();
    }

    @Test
    void otherPreamble_isAnotherRun() throws IOException {
        run(plan(1, NONE), new ChoiceRuns.Lengths());

        assertThatExceptionOfType(BenchmarkException.class)
                .isThrownBy(() -> run(plan(1, new Preamble("p", "x")), new ChoiceRuns.Lengths()))
                .withMessageContaining("preamble: recorded none, now p");
    }

    @Test
    void questionThatDoesNotFit_hasNoScore() throws IOException {
        StandardResult result = run(plan(2, NONE), (context, continuations) -> {
            if (context.contains("Is it 1?")) {
                throw new ContextOverflowException("Too long.", 9, 8);
            }
            return new ChoiceRuns.Lengths().of(context, continuations);
        });

        assertThat(result.answers().getFirst())
                .containsEntry("response", "ERROR: Too long.")
                .containsEntry("mc1", null);
        ScoreMeans means = ChoiceRunner.means(result);
        assertThat(means.unscored()).isEqualTo(1);
        assertThat(means.means().get("mc1").n()).isEqualTo(1);
        assertThat(result.flags()).containsEntry("failed", 1);
    }
}
