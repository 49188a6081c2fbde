package io.lethean.lem.evaluation.ab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.run.FakeModel;
import io.lethean.lem.evaluation.run.IdentityDifference;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run read back, and runs of kernels without a baseline. */
class RecordedRunTest {

    @TempDir
    private Path folder;

    private Path run(AbPlan plan) throws IOException {
        return new AbRunner(plan, FakeModel::new, RunListener.SILENT)
                .run(folder.resolve("ab.jsonl"), true)
                .output();
    }

    @Test
    void sameRun_hasNoDifferences() throws IOException {
        RecordedRun recorded = RecordedRun.read(run(AbRuns.plan(3)));

        assertThat(recorded.differencesFrom(AbRuns.plan(3))).isEmpty();
        assertThat(recorded.model()).isEqualTo("models/fake.gguf");
        assertThat(recorded.engine()).isEqualTo("fake 1");
    }

    @Test
    void differences_areNamedWithBothValues() throws IOException {
        RecordedRun recorded = RecordedRun.read(run(AbRuns.plan(3)));
        AbPlan other = AbRuns.with(
                AbRuns.plan(3),
                AbPlan.publishedOptions().toBuilder().temperature(0.5).build());

        assertThat(recorded.differencesFrom(other))
                .containsExactly(new IdentityDifference("temperature", "0.0", "0.5"));
    }

    @Test
    void runWithoutASummary_isRefused() throws IOException {
        Path output = run(AbRuns.plan(2));
        Files.write(output, Files.readAllLines(output).subList(0, 2));

        assertThatExceptionOfType(BenchmarkException.class)
                .isThrownBy(() -> RecordedRun.read(output))
                .withMessageContaining("ab.jsonl does not end with the summary");
    }

    @Test
    void planWithoutABaseline_asksWithTheKernelsOnly() throws IOException {
        AbPlan plan = AbRuns.plan(2).withoutBaseline();
        Path output = run(plan);

        assertThat(plan.answerCount()).isEqualTo(4);
        Map<?, ?> conditions =
                (Map<?, ?>) JsonLineReader.readAll(output).getFirst().get("conditions");
        assertThat(conditions.keySet().stream().map(Object::toString)).containsExactly("json", "txt");
        assertThat(RecordedRun.read(output).differencesFrom(AbRuns.plan(2)))
                .extracting(IdentityDifference::name)
                .containsExactly("conditions");
    }

    @Test
    void planWithoutABaselineAndWithoutAKernel_isRefused() {
        AbPlan plan = new AbPlan(AbRuns.MODEL, List.<Kernel>of(), AbRuns.probes(1), AbPlan.publishedOptions());

        assertThatIllegalArgumentException()
                .isThrownBy(plan::withoutBaseline)
                .withMessageContaining("needs at least one kernel");
    }
}
