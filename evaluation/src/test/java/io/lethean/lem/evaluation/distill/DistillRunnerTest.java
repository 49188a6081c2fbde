package io.lethean.lem.evaluation.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.Message;
import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.distill.DistillPlan.Keep;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.report.RunStatus;
import io.lethean.lem.evaluation.run.FakeModel;
import io.lethean.lem.evaluation.run.RunFiles;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.evaluation.score.Scorers;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Samples of seeds 40 to 43 score their seed; the threshold is 42 unless a test says otherwise. */
class DistillRunnerTest {

    private static final Supplier<FakeModel> NEVER = () -> {
        throw new AssertionError("no model is needed");
    };

    @TempDir
    private Path folder;

    private final Distillations.Model model = new Distillations.Model();
    private Path output;

    @BeforeEach
    void name() {
        output = folder.resolve("made/distilled.jsonl");
    }

    private DistillRunner.Outcome run(DistillPlan plan) throws IOException {
        return new DistillRunner(plan, () -> model, RunListener.SILENT).run(output, false);
    }

    private DistillRunner.Outcome runWithoutModel(DistillPlan plan) throws IOException {
        return new DistillRunner(plan, NEVER, RunListener.SILENT).run(output, false);
    }

    private List<Map<String, Object>> lines() throws IOException {
        return JsonLineReader.readAll(output);
    }

    private static Object meta(Map<String, Object> line, String name) {
        return ((Map<?, ?>) line.get("meta")).get(name);
    }

    @Test
    void everyAnswerThatReachesTheThreshold_isAnExample() throws IOException {
        DistillRunner.Outcome outcome = run(Distillations.plan());

        assertThat(outcome.asked()).isEqualTo(24);
        assertThat(model.seeds.subList(0, 5)).containsExactly(40L, 41L, 42L, 43L, 40L);
        assertThat(outcome.summary().kept()).isEqualTo(12);
        assertThat(outcome.summary().keepRate()).isEqualTo(50.0);
        assertThat(outcome.summary().averageKeptScore()).hasValue(42.5);
        assertThat(lines()).hasSize(13);
        assertThat(lines().subList(0, 12))
                .extracting(line -> meta(line, "sample_idx"))
                .containsExactly(2L, 3L, 2L, 3L, 2L, 3L, 2L, 3L, 2L, 3L, 2L, 3L);
    }

    @Test
    void lines_haveThePublishedKeysInOrder() throws IOException {
        run(Distillations.plan());

        Map<String, Object> line = lines().getFirst();
        assertThat(line.keySet()).containsExactly("type", "training", "meta");
        assertThat(line.get("training"))
                .isEqualTo(Map.of(
                        "messages",
                        List.of(
                                Map.of("role", "user", "content", "Prompt \u00e9"),
                                Map.of("role", "assistant", "content", "On Prompt \u00e9: 42"))));
        assertThat(((Map<?, ?>) line.get("meta"))
                        .keySet().stream().map(Object::toString).limit(10))
                .containsExactly(
                        "probe_id",
                        "category",
                        "sample_idx",
                        "lek_score",
                        "chars",
                        "time_s",
                        "model",
                        "threshold",
                        "temperature",
                        "ts");
        assertThat(meta(line, "lek_score")).isEqualTo(42.0);
        assertThat(lines().getLast().keySet().stream().limit(12))
                .containsExactly(
                        "type",
                        "model",
                        "probes",
                        "samples_per_probe",
                        "total_generated",
                        "total_kept",
                        "keep_rate",
                        "avg_kept_score",
                        "threshold",
                        "temperature",
                        "duration_s",
                        "ts");
        assertThat(lines().getLast()).containsEntry("total_kept", 12L).containsEntry("keep_rate", 50.0);
    }

    @Test
    void anotherRuleOfKeeping_asksNothingAgain() throws IOException {
        run(Distillations.plan());

        runWithoutModel(Distillations.plan(4, Distillations.BY_NUMBER, 41, Keep.BEST));
        assertThat(lines())
                .hasSize(7)
                .first()
                .satisfies(line -> assertThat(meta(line, "lek_score")).isEqualTo(43.0));

        DistillRunner.Outcome none =
                runWithoutModel(Distillations.plan(4, Scorers.named("self-distill"), 24, Keep.ALL));
        assertThat(none.summary().kept()).isZero();
        assertThat(none.summary().averageKeptScore()).isEmpty();
        assertThat(lines().getLast()).containsEntry("avg_kept_score", null).containsEntry("keep", "all");
    }

    @Test
    void ofEqualAnswers_theFirstIsTheBest() throws IOException {
        run(Distillations.plan(4, Scorers.named("self-distill"), -99, Keep.BEST));

        assertThat(lines().subList(0, 6))
                .allSatisfy(line -> assertThat(meta(line, "sample_idx")).isEqualTo(0L));
    }

    @Test
    void moreSamples_areTheOnlyOnesAskedFor() throws IOException {
        run(Distillations.plan());
        model.seeds.clear();

        DistillRunner.Outcome more = run(Distillations.plan(6, Distillations.BY_NUMBER, 42, Keep.ALL));

        assertThat(more.asked()).isEqualTo(12);
        assertThat(model.seeds).containsOnly(44L, 45L);
        assertThat(more.summary().kept()).isEqualTo(24);
        assertThat(runWithoutModel(Distillations.plan()).summary().kept()).isEqualTo(12);
    }

    @Test
    void answersWithAFlag_areKeptUnlessTheyAreNotWanted() throws IOException {
        DistillPlan plan = Distillations.plan();
        run(plan);
        assertThat(lines())
                .filteredOn(line -> "P3".equals(line.containsKey("meta") ? meta(line, "probe_id") : ""))
                .hasSize(2)
                .allSatisfy(line -> assertThat(meta(line, "flags")).isEqualTo(List.of("truncated")));

        runWithoutModel(new DistillPlan(
                plan.model(), plan.kernel(), plan.probes(), plan.options(), 4, plan.scorer(), 42, Keep.ALL, false));

        assertThat(lines()).hasSize(11);
    }

    @Test
    void theKernel_isAskedUnderAndNotStored() throws IOException {
        run(Distillations.under(Kernel.ofText("txt", "Be kind.")));

        assertThat(model.asked.getFirst()).containsExactly(Message.system("Be kind."), Message.user("Prompt \u00e9"));
        assertThat(Files.readString(output)).doesNotContain("Be kind");
        assertThat(meta(lines().getFirst(), "kernel")).isEqualTo("txt");
        assertThatExceptionOfType(BenchmarkException.class)
                .isThrownBy(() -> run(Distillations.under(Kernel.ofText("txt", "Be brave."))))
                .withMessageContaining("kernel: recorded sha256:");
    }

    @Test
    void aFailedAnswer_leavesARunThatGoesOn() throws IOException {
        FakeModel failing = new Distillations.Model() {
            @Override
            public Generation chat(List<Message> messages, GenerationOptions with) {
                if (asked.size() == 9) {
                    throw new IllegalStateException("The device is gone");
                }
                return super.chat(messages, with);
            }
        };

        assertThatExceptionOfType(BenchmarkException.class)
                .isThrownBy(() ->
                        new DistillRunner(Distillations.plan(), () -> failing, RunListener.SILENT).run(output, false))
                .withMessage(
                        "The answer to probe 'P3' under the condition 'sample 1' failed: The device is gone. 9 of 24"
                                + " answers are recorded; start the same run again to resume.");
        assertThat(lines()).hasSize(4);
        assertThat(run(Distillations.plan()).asked()).isEqualTo(15);
        assertThat(lines()).hasSize(13);
    }

    @Test
    void aQuestionThatDoesNotFit_isNoExampleAndKeepsNobodyWaiting() throws IOException {
        FakeModel small = new Distillations.Model() {
            @Override
            public Generation chat(List<Message> messages, GenerationOptions with) {
                if (messages.getLast().content().length() > 12) {
                    throw new ContextOverflowException("The prompt has 9 tokens and the context holds 8.", 9, 8);
                }
                return super.chat(messages, with);
            }
        };
        DistillPlan all = Distillations.plan(4, Scorers.named("self-distill"), -99, Keep.ALL);

        DistillRunner.Outcome outcome = new DistillRunner(all, () -> small, RunListener.SILENT).run(output, false);

        assertThat(outcome.summary().generated()).isEqualTo(24);
        assertThat(outcome.summary().kept()).isEqualTo(20);
        assertThat(runWithoutModel(all).summary()).isEqualTo(outcome.summary());
    }

    @Test
    void anOutputOfUnknownOrigin_isRefusedAndKept() throws IOException {
        Files.createDirectories(output.getParent());
        Files.writeString(output, "precious\n");

        assertThatExceptionOfType(BenchmarkException.class)
                .isThrownBy(() -> run(Distillations.plan()))
                .withMessageContaining("without its log distilled.jsonl.run.jsonl");

        assertThat(output).hasContent("precious");
    }

    @Test
    void anOutputThatWasLost_isMadeAgainFromTheLog() throws IOException {
        run(Distillations.plan());
        String whole = Files.readString(output);
        Files.delete(output);

        runWithoutModel(Distillations.plan());

        assertThat(output).hasContent(whole);
    }

    @Test
    void plansThatMakeNoSense_areRefused() {
        DistillPlan plan = Distillations.plan();
        GenerationOptions greedy = plan.options().toBuilder().temperature(0).build();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DistillPlan(
                        plan.model(), Optional.empty(), plan.probes(), greedy, 2, plan.scorer(), 0, Keep.ALL, true))
                .withMessageContaining("At temperature 0 all 2 samples");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DistillPlan(
                        plan.model(), Optional.empty(), List.of(), greedy, 1, plan.scorer(), 0, Keep.ALL, true))
                .withMessageContaining("at least one probe");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Distillations.plan(1, plan.scorer(), Double.NaN, Keep.ALL))
                .withMessageContaining("threshold is NaN");
    }

    @Test
    void statusOfARunThatWasCut_countsAllSamples() throws IOException {
        run(Distillations.plan());
        Path log = RunFiles.logOf(output);
        List<String> answers = Files.readAllLines(log).stream()
                .filter(line -> line.contains("\"type\": \"answer\"") && line.contains("\"sample 0\""))
                .toList();
        List<String> kept = new ArrayList<>(List.of(Files.readAllLines(log).getFirst()));
        kept.addAll(answers.subList(0, 2));
        Files.write(log, kept);

        RunStatus status = RunStatus.of(output).getFirst();

        assertThat(status.complete()).isFalse();
        assertThat(status.coverage())
                .containsExactly(
                        new RunStatus.Coverage("sample 0", 2, 0, 4),
                        new RunStatus.Coverage("sample 1", 0, 0, 6),
                        new RunStatus.Coverage("sample 2", 0, 0, 6),
                        new RunStatus.Coverage("sample 3", 0, 0, 6));
    }

    @Test
    void runThatWasKilledBeforeItsLastLine_isConfirmedToBeDone() throws IOException {
        run(Distillations.plan());
        Path log = RunFiles.logOf(output);
        List<String> lines = Files.readAllLines(log);
        Files.write(log, lines.subList(0, lines.size() - 1));
        assertThat(RunStatus.of(output).getFirst().complete()).isFalse();

        assertThat(runWithoutModel(Distillations.plan()).asked()).isZero();
        assertThat(RunStatus.of(output).getFirst().complete()).isTrue();

        byte[] done = Files.readAllBytes(log);
        runWithoutModel(Distillations.plan());
        assertThat(log).hasBinaryContent(done);
    }
}
