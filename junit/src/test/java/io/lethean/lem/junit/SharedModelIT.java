package io.lethean.lem.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.lethean.lem.evaluation.report.ResultFile;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.testkit.engine.EngineExecutionResults;

/** Tests that have a model: real answers, one model for all, and what happens without it. */
class SharedModelIT {

    private static final String NANO = "models/lem-nano.gguf";
    private static final Set<LemModel> SEEN = ConcurrentHashMap.newKeySet();
    private static CountDownLatch together = new CountDownLatch(0);

    @TempDir
    private Path folder;

    private Runs runs = new Runs(Path.of(""));

    @BeforeEach
    void reset() {
        runs = new Runs(folder);
        SEEN.clear();
        together = new CountDownLatch(0);
    }

    @LemModelFile(value = NANO, contextTokens = 4096, threads = 1)
    static class Answers {

        @LemTest(
                probes = "seeds/P01-P20.json",
                kernel = "kernel/lek-1-kernel.txt",
                maxTokens = 12,
                scorer = "grammar",
                mayDiffer = {RunPart.KERNEL, RunPart.OPTIONS})
        void kernel() {}

        @LemTest(
                prompts = {"Hello", "Why?", "Who?", "Where?", "When?", "How?"},
                maxTokens = 8)
        void prompts(LemModel model, Candidate candidate) {
            SEEN.add(model);
            candidate.options(GenerationOptions.builder().maxTokens(4).build());
        }

        @LemTest(prompts = "Hello", maxTokens = 4, scorer = "toxigen", judge = "local=" + NANO)
        void localJudge() {}
    }

    @LemModelFile(value = NANO, contextTokens = 512, threads = 1)
    static class First {

        @BeforeAll
        static void before(LemModel model) {
            SEEN.add(model);
        }

        @Test
        void takesTheModel(LemModel model) throws InterruptedException {
            meet(model);
        }

        @Nested
        class Inner {
            @Test
            void hasTheModelOfTheClassAround(LemModel model) {
                SEEN.add(model);
            }
        }
    }

    @LemModelFile(value = NANO, contextTokens = 512, threads = 1)
    static class Second {
        @Test
        void takesTheModel(LemModel model) throws InterruptedException {
            meet(model);
        }

        @Test
        @LemModelFile(value = NANO, contextTokens = 256, threads = 1)
        void hasAModelOfItsOwn(LemModel model) {
            assertThat(model.info().context().tokens()).isEqualTo(256);
        }
    }

    /** Each of two tests waits until the other has the model, too. */
    private static void meet(LemModel model) throws InterruptedException {
        SEEN.add(model);
        together.countDown();
        assertThat(together.await(30, TimeUnit.SECONDS))
                .as("both tests run at a time")
                .isTrue();
        assertThat(model.generate("a", GenerationOptions.builder().maxTokens(2).build())
                        .generatedTokens())
                .isPositive();
    }

    @LemModelFile("models/no-such-model.gguf")
    static class WithoutModel {
        @Test
        void never(LemModel model) {
            SEEN.add(model);
        }
    }

    static class Unnamed {
        @LemTest(prompts = "Hello", maxTokens = 2)
        void compared() {}

        @LemTest(prompts = "Hello", maxTokens = 2)
        void given(LemModel model) {
            SEEN.add(model);
        }
    }

    @LemModelFile("README.md")
    static class NotAModel {
        @Test
        void never(LemModel model) {
            SEEN.add(model);
        }
    }

    @Test
    void kernelIsComparedWithItsRecord_whichLemBenchmarkCouldHaveWritten() throws IOException {
        runs.record(Answers.class, "kernel");
        Path record = runs.records().resolve("SharedModelIT.Answers.kernel.jsonl");
        ResultFile recorded = ResultFile.read(record);
        assertThat(recorded.conditions()).containsExactly("lek-1-kernel");
        assertThat(recorded.probes()).hasSize(20);
        assertThat(recorded.model()).isEqualTo("lem-nano.gguf");
        assertThat(Files.readString(record))
                .doesNotContain(Path.of("").toAbsolutePath().toString());
        Map<?, ?> identity =
                (Map<?, ?>) JsonLineReader.readAll(record).getLast().get("run");
        assertThat(identity.get("model").toString()).startsWith("sha256:");

        EngineExecutionResults again = runs.run(Answers.class, "kernel");

        assertThat(Runs.verdict(again)).isEqualTo("no difference");
        assertThat(Runs.reported(again, "lem.comparison").getFirst())
                .endsWith("the mean of grammar changed by +0.00 (95 % interval +0.00 to +0.00, 20 pairs).");
    }

    @Test
    void methodHasTheLastWordOverTheAnnotation() throws IOException {
        runs.record(Answers.class, "prompts");

        Map<?, ?> identity =
                (Map<?, ?>) JsonLineReader.readAll(runs.records().resolve("SharedModelIT.Answers.prompts.jsonl"))
                        .getLast()
                        .get("run");
        assertThat(identity.get("max_tokens")).isEqualTo(4L);
    }

    @Test
    void judgeInThisProcess_rates() throws IOException {
        runs.record(Answers.class, "localJudge");

        ResultFile recorded = ResultFile.read(runs.records().resolve("SharedModelIT.Answers.localJudge.jsonl"));
        assertThat(recorded.scorer()).startsWith("toxigen lem-1/local:lem-nano.gguf@");
        assertThat(recorded.scores("baseline").means().values()).allMatch(value -> value >= 1 && value <= 10);
    }

    @Test
    void modelIsLoadedOnce_sharedByParallelTests_andClosedAtTheEnd() {
        together = new CountDownLatch(2);

        runs.run(
                        List.of(First.class, Second.class),
                        Map.of(
                                "junit.jupiter.execution.parallel.enabled", "true",
                                "junit.jupiter.execution.parallel.mode.default", "concurrent",
                                "junit.jupiter.execution.parallel.mode.classes.default", "concurrent",
                                "junit.jupiter.execution.parallel.config.strategy", "fixed",
                                "junit.jupiter.execution.parallel.config.fixed.parallelism", "4"))
                .testEvents()
                .assertStatistics(stats -> stats.started(4).succeeded(4));

        assertThat(SEEN).hasSize(1);
        assertThatIllegalStateException()
                .isThrownBy(() -> SEEN.iterator().next().generate("a", GenerationOptions.defaults()));
    }

    @Test
    void missingModel_failsOrAbortsAsConfigured() {
        EngineExecutionResults failed = runs.run(List.of(WithoutModel.class), Map.of());
        assertThat(Runs.failure(failed)).hasMessageMatching("The model .*no-such-model\\.gguf does not exist\\.");

        EngineExecutionResults aborted = runs.run(List.of(WithoutModel.class), Map.of(Settings.MISSING_MODEL, "abort"));
        aborted.allEvents().assertStatistics(stats -> stats.failed(0).aborted(1));
        aborted.testEvents().assertStatistics(stats -> stats.started(0));
        assertThat(Runs.failure(runs.run(List.of(WithoutModel.class), Map.of(Settings.MISSING_MODEL, "ignore"))))
                .hasMessageContaining("is 'ignore'; expected abort or fail");
    }

    @Test
    void testThatNamesNoModel_hasTheOneOfTheConfiguration() {
        assertThat(Runs.failure(runs.run(Unnamed.class, "compared", Settings.RECORD, "true")))
                .hasMessageContaining("The test names no model.")
                .hasMessageContaining("lem.junit.model");
        runs.run(Unnamed.class, "given", Settings.RECORD, "true", Settings.MISSING_MODEL, "abort")
                .testEvents()
                .assertStatistics(stats -> stats.aborted(1).failed(0));
        assertThat(Runs.verdict(runs.run(Unnamed.class, "given", Settings.RECORD, "true", Settings.MODEL, NANO)))
                .isEqualTo("recorded");
    }

    @Test
    void fileThatIsNotAModel_isAFailureEvenWhereMissingOnesAbort() {
        EngineExecutionResults results = runs.run(List.of(NotAModel.class), Map.of(Settings.MISSING_MODEL, "abort"));

        assertThat(Runs.failure(results)).hasStackTraceContaining("README.md");
        assertThat(SEEN).isEmpty();
    }
}
