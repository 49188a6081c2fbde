package io.lethean.lem.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.report.ResultFile;
import io.lethean.lem.model.GenerationOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/** What a test with recorded answers does, by answers that the test makes up. */
class LemTestTest {

    private static final String RECORD = Settings.RECORD;

    /** The score of each answer, in the order of the probes; other texts are unscored. */
    private static List<String> scores = List.of();

    private static GenerationOptions options = GenerationOptions.defaults();
    private static List<Probe> probes = List.of();
    private static String model = "made-up";
    private static String version = "1";
    private static List<Kernel> kernels = List.of();

    @TempDir
    private Path folder;

    private Runs runs = new Runs(Path.of(""));

    @BeforeEach
    void reset() {
        runs = new Runs(folder);
        options = GenerationOptions.defaults();
        model = "made-up";
        version = "1";
        kernels = List.of();
        answer("4", "4", "4", "4", "4", "4");
        probes = probes(6);
    }

    private static void answer(String... each) {
        scores = List.of(each);
    }

    private static List<Probe> probes(int count) {
        List<Probe> list = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            list.add(new Probe("P" + i, "sums", "Question " + i));
        }
        return list;
    }

    private static void fill(Candidate candidate) {
        candidate
                .probes(probes)
                .options(options)
                .scorer(new Runs.ByNumber(version))
                .generator(
                        model,
                        Runs.answering(prompt -> scores.get(Integer.parseInt(prompt.replaceAll("\\D", "")) - 1)));
        kernels.forEach(candidate::kernel);
    }

    static class Examples {

        @LemTest
        void defaults(Candidate candidate) {
            fill(candidate);
        }

        @LemTest(minPairs = 2)
        void twoPairs(Candidate candidate) {
            fill(candidate);
        }

        @LemTest(mayLose = 1)
        void losing(Candidate candidate) {
            fill(candidate);
        }

        @LemTest(tooFewPairs = TooFewPairs.ABORT)
        void aborting(Candidate candidate) {
            fill(candidate);
        }

        @LemTest(tooFewPairs = TooFewPairs.FAIL)
        void failing(Candidate candidate) {
            fill(candidate);
        }

        @LemTest(mayDiffer = {})
        void nothingMayDiffer(Candidate candidate) {
            fill(candidate);
        }

        @LemTest(mayDiffer = {RunPart.MODEL, RunPart.OPTIONS, RunPart.PROMPTS, RunPart.KERNEL})
        void allMayDiffer(Candidate candidate) {
            fill(candidate);
        }

        @LemTest(record = "other.jsonl")
        void named(Candidate candidate) {
            fill(candidate);
        }

        @LemTest(level = 1)
        void impossibleLevel(Candidate candidate) {
            fill(candidate);
        }

        @LemTest(minPairs = 1)
        void impossibleMinimum(Candidate candidate) {
            fill(candidate);
        }

        @LemTest
        void nothingToAsk() {}

        @LemTest(prompts = "Why?", probes = "probes.json")
        void twoSources() {}

        @LemTest(probes = "no-such-file.json")
        void missingProbes() {}

        @LemTest(probes = "beside.json", kernel = "beside.txt")
        void filesBesideTheRecord(Candidate candidate) {
            candidate
                    .scorer(new Runs.ByNumber("1"))
                    .generator(model, Runs.answering(prompt -> prompt.replaceAll("\\D", "")));
        }

        @LemTest(scorer = "toxigen", prompts = "Why?")
        void noJudge(Candidate candidate) {
            candidate.generator(model, Runs.answering(prompt -> "4"));
        }

        @LemTest
        void methodFails(Candidate candidate) {
            fill(candidate);
            throw new IllegalStateException("the method failed");
        }

        @LemTest
        @RepeatedTest(1)
        void template(Candidate candidate) {
            fill(candidate);
        }

        @Nested
        class Inner {

            @LemTest
            void nested(Candidate candidate) {
                fill(candidate);
            }
        }
    }

    static class OneRecord {

        @LemTest(record = "shared.jsonl")
        void first(Candidate candidate) {
            fill(candidate);
        }

        @LemTest(record = "shared.jsonl")
        void second(Candidate candidate) {
            fill(candidate);
        }
    }

    private EngineExecutionResults run(String method, String... parameters) {
        return runs.run(Examples.class, method, parameters);
    }

    private Path record(String method) {
        return runs.records().resolve("LemTestTest.Examples." + method + ".jsonl");
    }

    private String refusal(String method) {
        Throwable failure = Runs.failure(run(method));
        assertThat(failure).isInstanceOf(AssertionFailedError.class);
        return String.valueOf(failure.getMessage());
    }

    @Test
    void equalAnswers_pass() {
        runs.record(Examples.class, "defaults");

        EngineExecutionResults results = run("defaults");

        assertThat(Runs.verdict(results)).isEqualTo("no difference");
        assertThat(Runs.reported(results, "lem.comparison"))
                .containsExactly(
                        "LemTestTest.Examples.defaults: no difference is seen: the mean of by-number changed by"
                                + " +0.00 (95 % interval +0.00 to +0.00, 6 pairs).");
    }

    /**
     * By hand: five pairs fall by 1 and one by 2, so the mean is -7/6. The mean of six draws is -1 - k/6 with k draws of the sixth
     * pair, k binomial with n = 6 and p = 1/6. The interval leaves out 0.24 % at each end (t with 5 degrees of freedom is 2.571,
     * times sqrt(6/5)). P(k = 0) is 33 %, so its upper end is -1; P(k >= 4) is 0.87 % and P(k >= 5) 0.07 %, so its lower end is
     * that of k = 4, -1.67.
     */
    @Test
    void worseAnswers_failAndAreShown() {
        runs.record(Examples.class, "defaults");
        answer("3", "3", "3", "3", "2", "3");
        kernels = List.of(Kernel.ofText("short", "Be brief."));

        Throwable failure = Runs.failure(run("defaults"));

        Path record = record("defaults");
        Path output = runs.output().resolve("LemTestTest.Examples.defaults.jsonl");
        assertThat(failure.getMessage()).isEqualTo("""
                LemTestTest.Examples.defaults: the answers are worse than the recorded ones: the mean of by-number changed by -1.17\
                 (95 %% interval -1.67 to -1.00, 6 pairs).

                Of 6 pairs, 6 fell, 0 rose and 0 are equal. Their mean was 4.00 and is 2.83.
                What differs from the recorded run: conditions: recorded ["baseline"], now ["short"]; kernel short: recorded none,\
                 now sha256:%s....

                The pairs that changed most:
                  probe  recorded   now  change
                  P5         4.00  2.00   -2.00
                  P1         4.00  3.00   -1.00
                  P2         4.00  3.00   -1.00
                  P3         4.00  3.00   -1.00
                  P4         4.00  3.00   -1.00
                  P6         4.00  3.00   -1.00

                  P5
                    recorded: 4
                    now:      2

                  P1
                    recorded: 4
                    now:      3

                  P2
                    recorded: 4
                    now:      3

                Record:      %s
                New answers: %s
                All pairs:   lem compare %s %s
                To accept the new answers, copy them over the record, or run this test with lem.junit.record=true, for example:\
                 mvn test -Dtest='LemTestTest$Examples#defaults' -Dlem.junit.record=true""".formatted(
                        Kernel.ofText("short", "Be brief.").sha256().substring(0, 16), record, output, record, output));
        assertThat(failure).isInstanceOfSatisfying(AssertionFailedError.class, worse -> {
            assertThat(worse.getExpected().getStringRepresentation()).startsWith("P5: 4");
            assertThat(worse.getActual().getStringRepresentation()).startsWith("P5: 2");
        });
    }

    /** By hand: of two pairs, a quarter of all draws has each pair twice, so the interval is from one difference to the other. */
    @Test
    void intervalOfTwoPairs_isFromOneDifferenceToTheOther() {
        probes = probes(2);
        runs.record(Examples.class, "twoPairs");

        answer("3", "1");
        assertThat(Runs.failure(run("twoPairs")).getMessage())
                .contains("changed by -2.00 (95 % interval -3.00 to -1.00, 2 pairs)");
        answer("5", "1");
        assertThat(Runs.verdict(run("twoPairs"))).isEqualTo("no difference");
    }

    @Test
    void betterAnswers_passAndSaySo() {
        runs.record(Examples.class, "defaults");
        answer("5", "6", "5", "6", "5", "6");

        EngineExecutionResults results = run("defaults");

        assertThat(Runs.verdict(results)).isEqualTo("better");
        assertThat(Runs.reported(results, "lem.comparison").getFirst())
                .contains("the answers are better", "changed by +1.50", "-Dlem.junit.record=true");
    }

    @Test
    void noise_passes() {
        runs.record(Examples.class, "defaults");
        answer("3", "5", "4", "2", "5", "4");

        assertThat(Runs.verdict(run("defaults"))).isEqualTo("no difference");
    }

    @Test
    void missingRecord_failsAndNothingIsAskedOrWritten() {
        scores = List.of(); // An answer would be an IndexOutOfBoundsException.

        assertThat(refusal("defaults"))
                .isEqualTo("LemTestTest.Examples.defaults has no record to compare with: " + record("defaults")
                        + " does not exist. To record the present answers, run this test with lem.junit.record=true, for"
                        + " example: mvn test -Dtest='LemTestTest$Examples#defaults' -Dlem.junit.record=true");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void recordIsReplacedOnRequestOnly() throws IOException {
        runs.record(Examples.class, "defaults");
        byte[] first = Files.readAllBytes(record("defaults"));
        answer("5", "5", "5", "5", "5", "5");

        run("defaults");
        assertThat(Runs.verdict(run("defaults", RECORD, "missing"))).isEqualTo("better");
        assertThat(record("defaults")).hasBinaryContent(first);

        assertThat(Runs.verdict(run("defaults", RECORD, "true"))).isEqualTo("recorded");
        assertThat(ResultFile.read(record("defaults"))
                        .scores("baseline")
                        .means()
                        .values())
                .containsOnly(5.0);
    }

    @Test
    void missingRecordOnly_isWrittenWhenAskedFor() {
        assertThat(Runs.verdict(run("defaults", RECORD, "missing"))).isEqualTo("recorded");
        assertThat(record("defaults")).exists();
    }

    @Test
    void unknownRecordMode_isRefused() {
        assertThat(Runs.failure(run("defaults", RECORD, "yes")))
                .hasMessage("The configuration parameter lem.junit.record is 'yes'; expected true, missing or false.");
    }

    @Test
    void recordThatCannotBeWritten_leavesTheOldOne() throws IOException {
        runs.record(Examples.class, "defaults");
        byte[] first = Files.readAllBytes(record("defaults"));
        answer("5", "5", "5", "5", "5");

        assertThat(Runs.failure(run("defaults", RECORD, "true"))).hasMessageContaining("5 of 6 answers are recorded");
        assertThat(record("defaults")).hasBinaryContent(first);
    }

    @Test
    void recordOfOtherProbes_isRefused() {
        runs.record(Examples.class, "allMayDiffer");
        probes = probes(5);
        assertThat(refusal("allMayDiffer")).contains("number of prompts: recorded 6, now 5");

        probes = new ArrayList<>(probes(5));
        probes.add(new Probe("P7", "sums", "Question 6"));
        assertThat(refusal("allMayDiffer")).contains("has no probe 'P7'");
    }

    @Test
    void recordOfOtherPrompts_isRefusedUnlessAllowed() {
        runs.record(Examples.class, "defaults");
        runs.record(Examples.class, "allMayDiffer");
        probes = probes(6).stream()
                .map(probe -> new Probe(probe.id(), probe.category(), "Briefly: " + probe.prompt()))
                .toList();

        assertThat(refusal("defaults"))
                .contains("is the record of another run (prompts: recorded sha256:", "mayDiffer = PROMPTS");
        assertThat(Runs.verdict(run("allMayDiffer"))).isEqualTo("no difference");
    }

    @Test
    void recordOfAnotherModel_isRefusedUnlessAllowed() {
        runs.record(Examples.class, "defaults");
        runs.record(Examples.class, "allMayDiffer");
        model = "another";

        assertThat(refusal("defaults"))
                .contains("(model: recorded made-up, now another, which mayDiffer = MODEL would allow)")
                .contains("To replace the record by the present answers, run this test with");
        assertThat(Runs.verdict(run("allMayDiffer"))).isEqualTo("no difference");
    }

    @Test
    void recordOfOtherOptions_isRefusedUnlessAllowed() {
        runs.record(Examples.class, "defaults");
        runs.record(Examples.class, "allMayDiffer");
        options = GenerationOptions.builder().maxTokens(7).build();

        assertThat(refusal("defaults"))
                .contains("max_tokens: recorded 256, now 7, which mayDiffer = OPTIONS would allow");
        assertThat(Runs.verdict(run("allMayDiffer"))).isEqualTo("no difference");
    }

    @Test
    void recordOfAnotherScorerVersion_isAlwaysRefused() {
        runs.record(Examples.class, "allMayDiffer");
        version = "2";

        assertThat(refusal("allMayDiffer"))
                .contains("(scorer: recorded by-number 1, now by-number 2)")
                .doesNotContain("mayDiffer");
    }

    @Test
    void recordOfAnotherKernel_isComparedUnlessForbidden() {
        runs.record(Examples.class, "defaults");
        runs.record(Examples.class, "nothingMayDiffer");
        kernels = List.of(Kernel.ofText("short", "Be brief."));

        assertThat(Runs.verdict(run("defaults"))).isEqualTo("no difference");
        assertThat(refusal("nothingMayDiffer")).contains("kernel short: recorded none", "mayDiffer = KERNEL");
    }

    @Test
    void incompleteRecord_isRefused() throws IOException {
        runs.record(Examples.class, "defaults");
        List<String> lines = Files.readAllLines(record("defaults"));
        Files.write(record("defaults"), lines.subList(0, lines.size() - 1));

        assertThat(refusal("defaults")).contains("does not end with the summary", "-Dlem.junit.record=true");
    }

    @Test
    void recordWithoutOneOfItsProbes_isRefused() throws IOException {
        runs.record(Examples.class, "defaults");
        List<String> lines = new ArrayList<>(Files.readAllLines(record("defaults")));
        lines.remove(2);
        Files.write(record("defaults"), lines);

        assertThat(refusal("defaults")).contains("has no probe 'P3'");
    }

    @Test
    void tooFewPairs_passWithAWordOrNotAsTheTestSays() {
        probes = probes(5);
        for (String method : List.of("defaults", "aborting", "failing")) {
            runs.record(Examples.class, method);
        }
        answer("1", "1", "1", "1", "1");

        EngineExecutionResults passed = run("defaults");
        assertThat(Runs.verdict(passed)).isEqualTo("too few pairs");
        assertThat(Runs.reported(passed, "lem.comparison").getFirst())
                .contains(
                        "too few pairs to tell whether the answers are worse: minPairs is 6, and the mean of by-number"
                                + " changed by -3.00 (95 % interval -3.00 to -3.00, 5 pairs).");
        run("aborting")
                .testEvents()
                .assertStatistics(stats -> stats.aborted(1))
                .assertThatEvents()
                .anySatisfy(event -> assertThat(event.getPayload(org.junit.platform.engine.TestExecutionResult.class)
                                .flatMap(org.junit.platform.engine.TestExecutionResult::getThrowable))
                        .containsInstanceOf(TestAbortedException.class));
        assertThat(refusal("failing")).contains("too few pairs to tell");
    }

    @Test
    void pairsLostToUnscoredAnswers_fail() {
        runs.record(Examples.class, "defaults");
        answer("4", "4", "4", "nonsense", "4", "4");

        assertThat(refusal("defaults"))
                .contains("left out are 1 probes with a score in the record only and 0 in this run only")
                .contains("Answers to 1 probes have a score in the record and none now; mayLose is 0.");
        answer("4", "4", "4", "4", "4", "4");
        runs.record(Examples.class, "losing");
        answer("4", "4", "4", "nonsense", "4", "4");
        assertThat(refusal("losing")).contains("There are 6 probes, but too many answers have no score.");
    }

    @Test
    void lostScores_failThoughTheOthersAreBetter() {
        runs.record(Examples.class, "twoPairs");
        answer("9", "9", "9", "nonsense", "9", "9");

        assertThat(refusal("twoPairs"))
                .contains("the answers are better than the recorded ones")
                .contains("Answers to 1 probes have a score in the record and none now; mayLose is 0.");
    }

    @Test
    void recordIsNotReplacedByOneWithFewerScores() throws IOException {
        runs.record(Examples.class, "twoPairs");
        byte[] before = Files.readAllBytes(record("twoPairs"));
        answer("9", "9", "9", "nonsense", "9", "9");

        assertThat(Runs.failure(run("twoPairs", RECORD, "true")))
                .hasMessageContaining("5 of the new answers have a score by by-number, and 6 of the recorded ones");
        assertThat(record("twoPairs")).hasBinaryContent(before);
    }

    @Test
    void recordWithoutAnyScore_isNotWritten() {
        answer("a", "b", "c", "d", "e", "f");

        assertThat(Runs.failure(run("defaults", RECORD, "true")))
                .hasMessageContaining("Nothing was recorded")
                .hasMessageContaining("no answer has a score");
        assertThat(record("defaults")).doesNotExist();
    }

    @Test
    void testOfANestedClass_hasARecordOfItsOwn() {
        EngineExecutionResults recorded = runs.run(Examples.Inner.class, "nested", RECORD, "true");

        assertThat(Runs.verdict(recorded)).isEqualTo("recorded");
        assertThat(runs.records().resolve("LemTestTest.Examples.Inner.nested.jsonl"))
                .exists();
        assertThat(Runs.verdict(runs.run(Examples.Inner.class, "nested"))).isEqualTo("no difference");
    }

    @Test
    void recordMayHaveAnotherName() {
        runs.record(Examples.class, "named");

        assertThat(runs.records().resolve("other.jsonl")).exists();
        assertThat(Runs.verdict(run("named"))).isEqualTo("no difference");
    }

    @Test
    void oneRecord_isWrittenByOneTest() {
        EngineExecutionResults results = runs.run(List.of(OneRecord.class), Map.of(RECORD, "true"));

        results.testEvents().assertStatistics(stats -> stats.succeeded(1).failed(1));
        assertThat(Runs.failure(results)).hasMessageContaining("Two tests would write the record");
        runs.run(List.of(OneRecord.class), Map.of())
                .testEvents()
                .assertStatistics(stats -> stats.succeeded(2).failed(0));
    }

    @Test
    void filesNextToTheRecord_areFound() throws IOException {
        Files.createDirectories(runs.records());
        Files.writeString(runs.records().resolve("beside.json"), "[\"Say 7\", \"Say 8\"]");
        Files.writeString(runs.records().resolve("beside.txt"), "Be brief.");

        runs.record(Examples.class, "filesBesideTheRecord");

        assertThat(ResultFile.read(record("filesBesideTheRecord"))
                        .scores("beside")
                        .means())
                .containsExactly(Map.entry("1", 7.0), Map.entry("2", 8.0));
    }

    @Test
    void wrongAnnotations_areRefusedByName() {
        assertThat(Runs.failure(run("nothingToAsk"))).hasMessageContaining("has nothing to ask");
        assertThat(Runs.failure(run("twoSources"))).hasMessageContaining("more than one of 'probes', 'questions'");
        assertThat(Runs.failure(run("missingProbes"))).hasMessageContaining("no-such-file.json");
        assertThat(Runs.failure(run("impossibleLevel"))).hasMessageContaining("more than 0 and less than 1");
        assertThat(Runs.failure(run("impossibleMinimum"))).hasMessageContaining("at least 2 pairs");
        assertThat(Runs.failure(run("noJudge", RECORD, "true")))
                .hasMessageContaining("'toxigen'")
                .hasMessageContaining("needs a judge");
    }

    @Test
    void methodThatFails_failsTheTestBeforeAnythingIsAsked() {
        scores = List.of();

        assertThat(Runs.failure(run("methodFails"))).hasMessage("the method failed");
    }

    @Test
    void testTemplate_isRefused() {
        EngineExecutionResults results = run("template");

        assertThat(results.testEvents().failed().stream()
                        .map(event -> event.getRequiredPayload(org.junit.platform.engine.TestExecutionResult.class))
                        .map(result -> result.getThrowable().orElseThrow().getMessage()))
                .anySatisfy(message -> assertThat(message).contains("cannot be combined with @ParameterizedTest"));
    }
}
