package io.lethean.lem.evaluation.ab;

import static io.lethean.lem.evaluation.ab.AbRuns.logLines;
import static io.lethean.lem.evaluation.ab.AbRuns.plan;
import static io.lethean.lem.evaluation.ab.AbRuns.timeless;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.Message;
import io.lethean.lem.OutputInUseException;
import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.report.RunStatus;
import io.lethean.lem.evaluation.run.AdapterIdentity;
import io.lethean.lem.evaluation.run.FakeModel;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.run.RunFiles;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.evaluation.score.V2Scorer;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.model.FinishReason;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.TextGenerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AbRunnerTest {

    private static final Supplier<TextGenerator> NEVER = () -> {
        throw new AssertionError("no model is needed");
    };

    @TempDir
    private Path folder;

    private final FakeModel model = new FakeModel();
    private Path output;

    @BeforeEach
    void name() {
        output = folder.resolve("results").resolve("ab.jsonl");
    }

    private AbResult run(AbPlan plan) throws IOException {
        return new AbRunner(plan, () -> model, RunListener.SILENT).run(output, false);
    }

    private AbResult runWithoutModel(AbPlan plan) throws IOException {
        return new AbRunner(plan, NEVER, RunListener.SILENT).run(output, false);
    }

    @Test
    void probesAreOuterAndConditionsInner_withTheKernelAsSystemTurn() throws IOException {
        run(plan(2));

        assertThat(model.asked)
                .containsExactly(
                        List.of(Message.user("Prompt \u00e9")),
                        List.of(Message.system("{\"a\": 1}"), Message.user("Prompt \u00e9")),
                        List.of(Message.system("Be kind.\n"), Message.user("Prompt \u00e9")),
                        List.of(Message.user("Prompt \u00e9\u00e9")),
                        List.of(Message.system("{\"a\": 1}"), Message.user("Prompt \u00e9\u00e9")),
                        List.of(Message.system("Be kind.\n"), Message.user("Prompt \u00e9\u00e9")));
        assertThat(model.options).allSatisfy(options -> {
            assertThat(options.maxTokens()).isEqualTo(1024);
            assertThat(options.sampling().temperature()).isZero();
        });
    }

    @Test
    void probeLine_hasThePublishedKeysInOrderAndForm() throws IOException {
        run(plan(1));

        String line = Files.readAllLines(output).get(0);
        String answer = FakeModel.answer(model.asked.get(0));
        double score = new V2Scorer().rate(answer).total();
        assertThat(line)
                .startsWith("{\"type\": \"probe\", \"id\": \"P1\", \"category\": \"identity\", "
                        + "\"prompt\": \"Prompt \\u00e9\", \"conditions\": {\"baseline\": {\"response\": "
                        + "\"\\\"Hope\\\" \\u2014 and, however,\\n\\ndignity \\ud83d\\ude00 ")
                .contains("for you?\", \"lek_score\": " + score + ", \"heuristic\": {\"compliance_markers\": 0, ")
                .contains("\"lek_score\": " + score + "}, \"chars\": " + answer.codePointCount(0, answer.length())
                        + ", \"time_s\": 0.0, \"finish_reason\": \"length\", \"prompt_tokens\": 17, "
                        + "\"generated_tokens\": 3, \"special_tokens_only\": false}, \"json\": {\"response\": ")
                .matches(".*}}, \"ts\": \"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}\\+00:00\", "
                        + "\"run_id\": \"[0-9a-f]{16}\"}");
    }

    @Test
    void summaryLine_hasThePublishedKeysInOrderAndForm() throws IOException {
        AbResult result = run(plan(3));

        List<String> lines = Files.readAllLines(output);
        Map<String, Object> summary = JsonLineReader.readAll(output).get(3);
        assertThat(lines).hasSize(4);
        assertThat(summary.keySet())
                .containsExactly(
                        "type",
                        "model",
                        "total_probes",
                        "conditions",
                        "categories",
                        "duration",
                        "max_tokens",
                        "ts",
                        "scorer",
                        "scorer_version",
                        "engine",
                        "run_id",
                        "run");
        assertThat(lines.get(3))
                .startsWith("{\"type\": \"summary\", \"model\": \"models/fake.gguf\", \"total_probes\": 3, "
                        + "\"conditions\": [{\"name\": \"baseline\", \"avg_lek\": ")
                .contains("\"duration\": \"0s\", \"max_tokens\": 1024, \"ts\": ");
        assertThat(summary).containsAllEntriesOf(result.summary().fields());
    }

    @Test
    void numbersOfOneRun_agree() throws IOException {
        AbResult result = run(plan(3));

        assertThat(result.asked()).isEqualTo(9);
        assertThat(model.asked).hasSize(9);
        assertThat(logLines(output, "ask"))
                .extracting(ask -> ask.get("asked"))
                .hasSize(9)
                .last()
                .isEqualTo(9L);
        assertThat(logLines(output, "done").get(0)).containsEntry("asked", 9L).containsEntry("recorded", 9L);
        assertThat(result.summary()).isEqualTo(AbSummary.of(result.probes()));
    }

    @Test
    void completeRun_isReadWithoutAModel() throws IOException {
        AbResult first = run(plan(3));
        byte[] written = Files.readAllBytes(output);
        byte[] log = Files.readAllBytes(RunFiles.logOf(output));

        AbResult second = runWithoutModel(plan(3));

        assertThat(second.asked()).isZero();
        assertThat(second.summary()).isEqualTo(first.summary());
        assertThat(second.probes()).isEqualTo(first.probes());
        assertThat(output).hasBinaryContent(written);
        assertThat(RunFiles.logOf(output)).hasBinaryContent(log);
    }

    @Test
    void completeOutputWithoutItsLog_isStillRecognised() throws IOException {
        AbResult first = run(plan(3));
        Files.delete(RunFiles.logOf(output));

        assertThat(runWithoutModel(plan(3)).summary()).isEqualTo(first.summary());
        assertThatExceptionOfType(BenchmarkException.class)
                .isThrownBy(() -> runWithoutModel(plan(2)))
                .withMessageContaining("number of prompts: recorded 3, now 2");
    }

    @Test
    void partOfAnOutputWithoutItsLog_isContinued() throws IOException {
        run(plan(3));
        List<String> whole = timeless(output);
        Files.delete(RunFiles.logOf(output));
        Files.write(output, Files.readAllLines(output).subList(0, 2));

        AbResult result = run(plan(3));

        assertThat(result.asked()).isEqualTo(3);
        assertThat(timeless(output)).isEqualTo(whole);
    }

    @Test
    void lostOutput_isAssembledFromTheLog() throws IOException {
        run(plan(3));
        List<String> whole = timeless(output);
        Files.delete(output);

        assertThat(runWithoutModel(plan(3)).asked()).isZero();

        assertThat(timeless(output)).isEqualTo(whole);
    }

    /** Cuts the log and the output as a kill would, at many places, independently of each other. */
    @Test
    void cutFiles_areContinuedToTheSameOutputWithoutAskingAgain() throws IOException {
        run(plan(2));
        List<String> whole = timeless(output);
        byte[] log = Files.readAllBytes(RunFiles.logOf(output));
        byte[] lines = Files.readAllBytes(output);
        for (int cut = 0; cut <= log.length; cut += 83) {
            Files.write(RunFiles.logOf(output), Arrays.copyOf(log, cut));
            Files.write(output, Arrays.copyOf(lines, Math.floorMod(cut * 17, lines.length)));
            long recorded = answersIn(Arrays.copyOf(log, cut), output);
            FakeModel again = new FakeModel();

            AbResult result = new AbRunner(plan(2), () -> again, RunListener.SILENT).run(output, false);

            assertThat(timeless(output)).as("log cut at %d", cut).isEqualTo(whole);
            assertThat(result.asked()).as("log cut at %d", cut).isEqualTo(6 - (int) recorded);
            assertThat(again.asked).as("log cut at %d", cut).hasSize(result.asked());
        }
    }

    /** Answers that survive: those in complete lines of the log, or of the output, whichever holds more. */
    private static long answersIn(byte[] log, Path output) throws IOException {
        String text = new String(log, StandardCharsets.US_ASCII);
        String complete = text.substring(0, text.lastIndexOf('\n') + 1);
        long logged = complete.lines()
                .filter(line -> line.startsWith("{\"type\": \"answer\""))
                .count();
        String out = Files.readString(output);
        long probes = out.substring(0, out.lastIndexOf('\n') + 1).lines().count();
        return Math.max(logged, Math.min(probes, 2) * 3);
    }

    static Stream<Arguments> otherRuns() {
        AbPlan plan = plan(3);
        List<Kernel> otherKernel = List.of(plan.kernels().get(0), Kernel.ofText("txt", "Be kinder.\n"));
        List<Kernel> oneKernel = plan.kernels().subList(0, 1);
        List<Probe> otherProbes = new ArrayList<>(plan.probes());
        otherProbes.set(2, new Probe("P3", "identity", "Another prompt"));
        ModelIdentity adapted = new ModelIdentity(
                "models/fake.gguf",
                "ab".repeat(32),
                "fake 1",
                List.of(new AdapterIdentity("a.gguf", "ef".repeat(32), 0.5f)));
        ModelIdentity otherModel = new ModelIdentity("models/fake.gguf", "cd".repeat(32), "fake 1");
        return Stream.of(
                Arguments.of(
                        new AbPlan(otherModel, plan.kernels(), plan.probes(), plan.options()),
                        "model: recorded sha256:abababababababab..., now sha256:cdcdcdcdcdcdcdcd..."),
                Arguments.of(
                        new AbPlan(adapted, plan.kernels(), plan.probes(), plan.options()),
                        "(adapter 1: recorded none, now sha256:efefefefefefefef...; scale of adapter 1: recorded none, now"
                                + " 0.5)"),
                Arguments.of(
                        new AbPlan(plan.model().withParallel(4), plan.kernels(), plan.probes(), plan.options()),
                        "(parallel: recorded none, now 4)"),
                Arguments.of(
                        new AbPlan(plan.model(), otherKernel, plan.probes(), plan.options()),
                        "(kernel txt: recorded sha256:"),
                Arguments.of(
                        new AbPlan(plan.model(), oneKernel, plan.probes(), plan.options()),
                        "conditions: recorded [\"baseline\", \"json\", \"txt\"], now [\"baseline\", \"json\"]; kernel"),
                Arguments.of(
                        new AbPlan(plan.model(), plan.kernels(), otherProbes, plan.options()),
                        "(prompts: recorded sha256:"),
                Arguments.of(plan(4), "number of prompts: recorded 3, now 4"),
                Arguments.of(
                        AbRuns.with(
                                plan, GenerationOptions.builder().maxTokens(64).build()),
                        "(max_tokens: recorded 1024, now 64)"),
                Arguments.of(
                        AbRuns.with(
                                plan,
                                plan.options().toBuilder()
                                        .temperature(0.8)
                                        .seed(7)
                                        .build()),
                        "(temperature: recorded 0.0, now 0.8; seed: recorded none, now 7)"));
    }

    @ParameterizedTest
    @MethodSource("otherRuns")
    void outputOfAnotherRun_isRefusedByTheDifference(AbPlan other, String difference) throws IOException {
        run(plan(3));
        byte[] written = Files.readAllBytes(output);

        assertThatExceptionOfType(BenchmarkException.class)
                .isThrownBy(() -> runWithoutModel(other))
                .withMessageStartingWith(output + " was recorded by another run (")
                .withMessageContaining(difference)
                .withMessageEndingWith("choose another output, or overwrite it.");

        assertThat(output).hasBinaryContent(written);
    }

    @Test
    void sameModelUnderAnotherPath_isTheSameRun() throws IOException {
        run(plan(2));
        AbPlan moved = new AbPlan(
                new ModelIdentity("elsewhere/fake.gguf", AbRuns.MODEL.sha256(), "fake 2"),
                plan(2).kernels(),
                plan(2).probes(),
                plan(2).options());

        assertThat(runWithoutModel(moved).asked()).isZero();
    }

    @Test
    void overwrite_startsAnew() throws IOException {
        run(plan(2));

        AbResult result = new AbRunner(plan(3), () -> model, RunListener.SILENT).run(output, true);

        assertThat(result.asked()).isEqualTo(9);
        assertThat(Files.readAllLines(output)).hasSize(4);
        assertThat(logLines(output, "run")).hasSize(1);
    }

    @Test
    void outputOfUnknownOrigin_isRefusedAndKept() throws IOException {
        Files.createDirectories(output.getParent());
        Files.writeString(output, """
                {"type": "probe", "id": "P1", "category": "identity", "prompt": "Prompt \\u00e9", "conditions": \
                {"baseline": {"response": "a", "lek_score": 1.0, "time_s": 0.1}, "json": {"response": "a", \
                "lek_score": 1.0, "time_s": 0.1}, "txt": {"response": "a", "lek_score": 1.0, "time_s": 0.1}}}
                """);

        assertThatExceptionOfType(BenchmarkException.class)
                .isThrownBy(() -> runWithoutModel(plan(2)))
                .withMessageContaining("does not say that it was recorded with this model");

        assertThat(output).content().contains("\"P1\"");
        assertThat(RunFiles.logOf(output)).doesNotExist();
    }

    @Test
    void foreignLinesBesideOurLog_areRefusedByTheirNumber() throws IOException {
        run(plan(2));
        List<String> lines = new ArrayList<>(Files.readAllLines(output));
        Files.write(output, List.of(lines.get(1)));

        assertThatExceptionOfType(BenchmarkException.class)
                .isThrownBy(() -> runWithoutModel(plan(2)))
                .withMessageContaining("its line 1 is not the probe 'P1' of the plan");

        Files.write(output, List.of("not JSON", lines.get(0)));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> runWithoutModel(plan(2)))
                .withMessageStartingWith(output + ":1: this line is not JSON");
    }

    @Test
    void emptyFiles_areAFreshStart() throws IOException {
        Files.createDirectories(output.getParent());
        Files.createFile(output);
        Files.createFile(RunFiles.logOf(output));

        assertThat(run(plan(1)).asked()).isEqualTo(3);
    }

    @Test
    void secondRunOnTheSameOutput_isRefused() throws IOException {
        List<String> refusals = new ArrayList<>();
        TextGenerator intruder = (messages, options) -> {
            try {
                runWithoutModel(plan(1));
            } catch (OutputInUseException e) {
                refusals.add(e.getMessage());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return model.chat(messages, options);
        };

        new AbRunner(plan(1), () -> intruder, RunListener.SILENT).run(output, false);

        assertThat(refusals)
                .hasSize(3)
                .allSatisfy(refusal -> assertThat(refusal)
                        .isEqualTo("Another run is writing " + output
                                + " (it holds ab.jsonl.lock); wait for it, or choose another output."));
        assertThat(output.resolveSibling("ab.jsonl.lock")).doesNotExist();
    }

    @Test
    void failedAnswer_stopsWithASentenceAndKeepsTheRest() throws IOException {
        TextGenerator failing = (messages, options) -> {
            if (model.asked.size() == 4) {
                throw new ContextOverflowException("The prompt has 900 tokens and the context 512.", 900, 512);
            }
            return model.chat(messages, options);
        };

        assertThatExceptionOfType(BenchmarkException.class)
                .isThrownBy(() -> new AbRunner(plan(2), () -> failing, RunListener.SILENT).run(output, false))
                .withMessage("The answer to probe 'P2' under the condition 'json' failed: The prompt has 900 tokens "
                        + "and the context 512. 4 of 6 answers are recorded; start the same run again to resume.")
                .withCauseInstanceOf(ContextOverflowException.class);

        assertThat(Files.readAllLines(output)).hasSize(1);
        assertThat(run(plan(2)).asked()).isEqualTo(2);
    }

    @Test
    void cancelledAnswer_isNotRecorded() throws IOException {
        TextGenerator cancelled = (messages, options) -> cancelled();

        assertThatExceptionOfType(BenchmarkException.class)
                .isThrownBy(() -> new AbRunner(plan(1), () -> cancelled, RunListener.SILENT).run(output, false))
                .withMessageContaining("was cancelled. 0 of 3 answers are recorded");

        assertThat(run(plan(1)).asked()).isEqualTo(3);
    }

    private static Generation cancelled() {
        return FakeModel.generation("cut", FinishReason.CANCELLED);
    }

    @Test
    void modelThatCannotBeLoaded_leavesARunThatGoesOn() throws IOException {
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> new AbRunner(
                                plan(1),
                                () -> {
                                    throw new IllegalStateException("no such model");
                                },
                                RunListener.SILENT)
                        .run(output, false));

        assertThat(run(plan(1)).asked()).isEqualTo(3);
    }

    @Test
    void listener_hearsEveryAnswer() throws IOException {
        List<String> heard = new ArrayList<>();
        RunListener listener = new RunListener() {
            @Override
            public void started(int recorded, int answers) {
                heard.add(recorded + "/" + answers);
            }

            @Override
            public void answered(Answered answer) {
                heard.add(answer.done() + "/" + answer.answers() + " " + answer.probeId() + " " + answer.condition());
            }
        };

        AbResult result = new AbRunner(plan(1), () -> model, listener).run(output, false);

        assertThat(heard).containsExactly("0/3", "1/3 P1 baseline", "2/3 P1 json", "3/3 P1 txt");
        assertThat(result.log()).isEqualTo(RunFiles.logOf(output));
    }

    @Test
    void damagedLog_isNamedByFileAndLine() throws IOException {
        run(plan(1));
        Files.delete(output);
        Path log = RunFiles.logOf(output);
        List<String> lines = new ArrayList<>(Files.readAllLines(log));
        lines.set(2, "{\"type\": \"answer\", \"probe\": 0}");
        Files.write(log, lines, StandardOpenOption.TRUNCATE_EXISTING);

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> runWithoutModel(plan(1)))
                .withMessageStartingWith(log + ":3: this answer lacks a field");
    }

    /** Every answer took ten seconds until the same moment, as in parallel. */
    @Test
    void theDurationOfParallelAnswersIsTheTimeThatPassed() throws IOException {
        AbPlan plan = AbRuns.plan(3);
        run(plan);
        Path log = RunFiles.logOf(output);
        String parallel = Files.readString(log)
                .replaceAll("\"seconds\": [^,]+,", "\"seconds\": 10.25,")
                .replaceAll("\"ts\": \"[^\"]+\"", "\"ts\": \"2026-11-29T10:00:00.000000+00:00\"");
        Files.writeString(log, parallel);
        Files.delete(output);

        run(plan);

        assertThat(Files.readString(output)).contains("\"time_s\": 10.2,").contains("\"duration\": \"10s\"");
    }

    @Test
    void runThatWasKilledBeforeItsLastLine_isConfirmedToBeDone() throws IOException {
        run(plan(2));
        Path log = RunFiles.logOf(output);
        List<String> lines = Files.readAllLines(log);
        Files.write(log, lines.subList(0, lines.size() - 1));

        assertThat(runWithoutModel(plan(2)).asked()).isZero();

        assertThat(logLines(output, "done")).hasSize(1);
        assertThat(logLines(output, "resume"))
                .singleElement()
                .satisfies(
                        line -> assertThat(line).containsEntry("questions", 6L).containsEntry("recorded", 6L));
    }

    @Test
    void statusOfALogOfAnEarlierVersion_countsWhatIsMissing() throws IOException {
        run(plan(3));
        Path log = RunFiles.logOf(output);
        List<String> lines = new ArrayList<>(Files.readAllLines(log));
        List<RunStatus.Coverage> now = RunStatus.of(output).getFirst().coverage();
        String first = lines.getFirst();
        lines.set(0, first.replaceFirst(", \"conditions\": \\[[^\\]]*], \"questions\": 9", ""));
        assertThat(lines.getFirst()).isNotEqualTo(first);
        Files.write(log, lines);

        assertThat(RunStatus.of(output).getFirst().coverage()).isEqualTo(now);

        Files.write(log, lines.subList(0, 1));
        assertThat(RunStatus.of(output).getFirst().coverage())
                .extracting(RunStatus.Coverage::missing)
                .containsExactly(3L, 3L, 3L);
    }
}
