package io.lethean.lem.evaluation.ab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.run.FakeModel;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Score;
import io.lethean.lem.evaluation.score.Scorer;
import io.lethean.lem.evaluation.score.Scorers;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.internal.io.PythonJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An A/B run with a scorer other than v2. */
class AnyScorerTest {

    @TempDir
    private Path folder;

    /** Scores an answer by its length; short ones are unscored. */
    private static final class ByLength implements Scorer {
        private final AtomicInteger asked = new AtomicInteger();

        @Override
        public String name() {
            return "by-length";
        }

        @Override
        public String version() {
            return "7";
        }

        @Override
        public Score score(Sample sample, String response) {
            asked.incrementAndGet();
            OptionalDouble value =
                    response.length() < 50 ? OptionalDouble.empty() : OptionalDouble.of(response.length());
            return new Score(name(), version(), value, Map.of("long", value.isPresent()));
        }
    }

    private AbResult run(AbPlan plan) throws IOException {
        return new AbRunner(plan, FakeModel::new, RunListener.SILENT).run(folder.resolve("ab.jsonl"), false);
    }

    private static double mean(List<Double> scores) {
        return scores.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    @Test
    void scoreAndScorer_areOnEveryAnswerAndInTheSummary() throws IOException {
        AbResult result = run(AbRuns.plan(2).withScorer(new ByLength()));

        List<Map<String, Object>> lines = JsonLineReader.readAll(result.output());
        Map<?, ?> answer = (Map<?, ?>) ((Map<?, ?>) lines.getFirst().get("conditions")).get("txt");
        assertThat(answer.containsKey("lek_score")).isFalse();
        String text = (String) answer.get("response");
        assertThat(PythonJson.write(answer.get("scored")))
                .isEqualTo("{\"scorer\": \"by-length\", \"scorer_version\": \"7\", \"score\": %s, \"long\": %s}"
                        .formatted(text.length() < 50 ? "null" : text.length() + ".0", text.length() >= 50));
        assertThat(lines.getLast()).containsEntry("scorer", "by-length").containsEntry("scorer_version", "7");
        assertThat(((Map<?, ?>) lines.getLast().get("run")).get("scorer")).isEqualTo("by-length 7");
    }

    @Test
    void unscoredAnswers_enterNoMean() throws IOException {
        AbResult result = run(AbRuns.plan(6).withScorer(new ByLength()));

        for (AbSummary.ConditionSummary condition : result.summary().conditions()) {
            List<Double> scores = result.probes().stream()
                    .map(probe -> probe.scores().get(condition.name()))
                    .filter(score -> score != null)
                    .toList();
            assertThat(condition.averageLek()).isCloseTo(mean(scores), org.assertj.core.data.Offset.offset(0.005));
            assertThat(scores).allSatisfy(score -> assertThat(score).isGreaterThanOrEqualTo(50));
        }
        assertThat(result.probes().stream()
                        .mapToInt(probe -> probe.scores().size())
                        .sum())
                .isBetween(1, 17);
    }

    @Test
    void eachAnswer_isScoredOnce() throws IOException {
        ByLength scorer = new ByLength();
        run(AbRuns.plan(2).withScorer(scorer));

        assertThat(scorer.asked).hasValue(6);
    }

    @Test
    void completeRun_isReadAgainWithoutAModelAndWithoutScoring() throws IOException {
        AbResult first = run(AbRuns.plan(2).withScorer(new ByLength()));
        ByLength scorer = new ByLength();

        AbResult again = run(AbRuns.plan(2).withScorer(scorer));

        assertThat(again.asked()).isZero();
        assertThat(scorer.asked).hasValue(0);
        assertThat(again.summary()).isEqualTo(first.summary());
    }

    @Test
    void runOfAnotherScorer_isRefused() throws IOException {
        run(AbRuns.plan(2).withScorer(new ByLength()));
        byte[] before = Files.readAllBytes(folder.resolve("ab.jsonl"));

        assertThatExceptionOfType(BenchmarkException.class)
                .isThrownBy(() -> run(AbRuns.plan(2).withScorer(Scorers.named("tier1"))))
                .withMessageContaining("scorer: recorded by-length 7, now tier1 1");
        assertThat(folder.resolve("ab.jsonl")).hasBinaryContent(before);
    }

    @Test
    void scorerWithThePublishedFields_recordsThemAndItsName() throws IOException {
        AbResult result = run(AbRuns.plan(1).withScorer(Scorers.named("lek-regex")));

        Map<?, ?> conditions =
                (Map<?, ?>) JsonLineReader.readAll(result.output()).getFirst().get("conditions");
        Map<?, ?> answer = (Map<?, ?>) conditions.get("baseline");
        assertThat(answer.keySet().stream().map(Object::toString))
                .startsWith("response", "lek_score", "heuristic", "scorer", "scorer_version", "chars");
    }
}
