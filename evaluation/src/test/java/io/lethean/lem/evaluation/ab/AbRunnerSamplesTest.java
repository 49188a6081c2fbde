package io.lethean.lem.evaluation.ab;

import static io.lethean.lem.evaluation.ab.AbRuns.MODEL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.Message;
import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.report.AnsweredProbe;
import io.lethean.lem.evaluation.report.ResultFile;
import io.lethean.lem.evaluation.rescore.Rescorer;
import io.lethean.lem.evaluation.run.FakeModel;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.evaluation.score.V2Scorer;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.model.FinishReason;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several answers to each probe, which count as one probe. */
class AbRunnerSamplesTest {

    private static final GenerationOptions WARM =
            AbPlan.publishedOptions().toBuilder().temperature(0.8).seed(7).build();

    @TempDir
    private Path folder;

    private final FakeModel model = new Sampled();

    /** Answers a question mark for each step of the seed from 7, so that samples score half a point apart. */
    private static final class Sampled extends FakeModel {
        @Override
        public Generation chat(List<Message> messages, GenerationOptions with) {
            super.chat(messages, with);
            long step = with.sampling().seed().getAsLong() - 7;
            return generation(
                    "This is long enough to be no broken answer" + "?".repeat((int) step), FinishReason.END_OF_TURN);
        }
    }

    private static AbPlan plan(int samples) {
        List<Kernel> kernels = List.of(Kernel.ofText("txt", "Be kind.\n"));
        List<Probe> probes = List.of(new Probe("A", "x", "First?"), new Probe("", "x", "Second?"));
        return new AbPlan(MODEL, kernels, probes, WARM, samples);
    }

    private AbResult run(AbPlan plan) throws IOException {
        return new AbRunner(plan, () -> model, RunListener.SILENT).run(folder.resolve("ab.jsonl"), false);
    }

    @Test
    void everySample_hasItsOwnSeedAndLine() throws IOException {
        AbResult result = run(plan(3));

        assertThat(result.asked()).isEqualTo(12);
        assertThat(model.options)
                .extracting(with -> with.sampling().seed().getAsLong())
                .containsExactly(7L, 7L, 8L, 8L, 9L, 9L, 7L, 7L, 8L, 8L, 9L, 9L);
        List<Map<String, Object>> lines = JsonLineReader.readAll(result.output());
        assertThat(lines).hasSize(7);
        assertThat(lines.subList(0, 6)).extracting(line -> line.get("sample")).containsExactly(0L, 1L, 2L, 0L, 1L, 2L);
        assertThat(lines.getLast()).containsEntry("samples_per_probe", 3L).containsEntry("total_probes", 2L);
    }

    @Test
    void theProbe_isTheUnitOfTheSummary() throws IOException {
        AbResult result = run(plan(3));

        double plain = result.probes().getFirst().scores().get("baseline") - 0.5;
        assertThat(result.probes()).hasSize(2);
        assertThat(result.summary().totalProbes()).isEqualTo(2);
        assertThat(result.summary().conditions().getLast().unchanged()).isEqualTo(2);
        assertThat(result.summary().conditions().getFirst().averageLek()).isEqualTo(plain + 0.5, within(1e-9));
    }

    @Test
    void readersJoinTheSamplesOfAProbe() throws IOException {
        AbResult result = run(plan(3));

        ResultFile read = ResultFile.read(result.output());
        StringWriter rescored = new StringWriter();
        new Rescorer(new V2Scorer()).rescore(result.output(), rescored);

        assertThat(read.probes()).hasSize(2);
        for (AnsweredProbe probe : read.probes()) {
            assertThat(probe.answers("txt")).hasSize(3);
        }
        assertThat(read.scores("txt").means()).hasSize(2);
        assertThat(rescored.toString()).isEqualTo(Files.readString(result.output()));
    }

    @Test
    void aRunGoesOnAtTheSampleWhereItWas() throws IOException {
        AbResult whole = run(plan(3));
        List<String> lines = Files.readAllLines(whole.log());
        Path log = folder.resolve("cut.jsonl.run.jsonl");
        int kept = 1 + 2 * 7;
        Files.writeString(log, String.join("\n", lines.subList(0, kept)) + "\n");

        AbResult rest = new AbRunner(plan(3), () -> model, RunListener.SILENT).run(folder.resolve("cut.jsonl"), false);

        assertThat(rest.asked()).isEqualTo(5);
        assertThat(AbRuns.timeless(rest.output())).isEqualTo(AbRuns.timeless(whole.output()));
    }

    @Test
    void anotherNumberOfSamples_isAnotherRun() throws IOException {
        run(plan(2));

        assertThatExceptionOfType(BenchmarkException.class)
                .isThrownBy(() -> run(plan(3)))
                .withMessageContaining("samples: recorded 2, now 3");
    }

    @Test
    void samplesThatCouldOnlyBeEqual_areRefused() {
        AbPlan greedy = AbRuns.plan(1);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AbPlan(MODEL, List.of(), greedy.probes(), greedy.options(), 2))
                .withMessage("At temperature 0 all 2 samples of a probe are the same; set a temperature above 0.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AbPlan(MODEL, List.of(), greedy.probes(), WARM, 0))
                .withMessageContaining("at least once");
    }
}
