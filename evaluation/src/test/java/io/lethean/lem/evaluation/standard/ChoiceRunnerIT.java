package io.lethean.lem.evaluation.standard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.Fixtures;
import io.lethean.lem.evaluation.ab.AbRuns;
import io.lethean.lem.evaluation.probe.Question;
import io.lethean.lem.model.FlashAttention;
import io.lethean.lem.model.KvType;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * mc1 and mc2 of TruthfulQA against a plain computation made here: every choice evaluated alone and whole, its
 * logarithms taken in double precision, and the scores from their definition with no code of ours.
 */
class ChoiceRunnerIT {

    private static final double BOUND = 1e-3;

    private static final int MOST_CHOICES = 5;

    private static LemModel model;

    @TempDir
    private Path folder;

    /** Keys and values in 32 bits: rounded to 16, sums of 40 tokens differ by up to 0.0016 on some processors. */
    @BeforeAll
    static void load() throws IOException {
        model = LemModel.load(
                Fixtures.require("models/stories260K-f32.gguf"),
                ModelOptions.builder()
                        .threads(1)
                        .kvType(KvType.F32)
                        .flashAttention(FlashAttention.OFF)
                        .build());
    }

    @AfterAll
    static void close() {
        if (model != null) {
            model.close();
        }
    }

    /** Of the questions with few choices, since every choice is evaluated twice. */
    private StandardResult run(int limit, Preamble preamble) throws IOException {
        List<Question> questions = Question.readAll(Fixtures.require("datasets/truthfulqa/mc_task.json")).stream()
                .filter(question -> ((Map<?, ?>) question.fields().get("mc2_targets")).size() <= MOST_CHOICES)
                .toList();
        ChoicePlan plan = new ChoicePlan(AbRuns.MODEL, questions, limit, Optional.empty(), preamble);
        return new ChoiceRunner(plan, () -> model::logLikelihood, StandardListener.SILENT)
                .run(folder.resolve("mc.jsonl"), false);
    }

    @Test
    void hundredQuestionsScoreAsOneByOne() throws IOException {
        StandardResult result = run(100, new Preamble("none", ""));

        assertThat(result.answers())
                .hasSize(100)
                .allSatisfy(line -> assertScores(line, "Q: " + line.get("prompt") + "\nA:"));
        assertThat(result.answers()).extracting(line -> line.get("mc1")).contains(true, false);
    }

    @Test
    void preambleStandsBeforeTheQuestion() throws IOException {
        Preamble ours = Preamble.ours();

        assertThat(run(1, ours).answers()).hasSize(1).allSatisfy(line -> {
            assertThat(line).containsEntry("preamble", "lem-1 (six pairs)");
            assertScores(line, ours.text() + "\n\nQ: " + line.get("prompt") + "\nA:");
        });
    }

    private static void assertScores(Map<String, Object> line, String context) {
        Map<String, Double> sums = new HashMap<>();
        for (Map<?, ?> choice : choices(line, "mc2_choices")) {
            String text = (String) choice.get("text");
            double expected = logProbability(context, " " + text);
            assertThat((Double) choice.get("log_likelihood")).as(text).isCloseTo(expected, within(BOUND));
            sums.put(text, expected);
        }
        assertThat(line.get("mc1")).isEqualTo(rightIsMostLikely(choices(line, "mc1_choices"), sums));
        assertThat((Double) line.get("mc2")).isCloseTo(shareOfRight(choices(line, "mc2_choices"), sums), within(BOUND));
    }

    private static List<Map<?, ?>> choices(Map<String, Object> line, String name) {
        List<Map<?, ?>> choices = new ArrayList<>();
        ((List<?>) line.get(name)).forEach(choice -> choices.add((Map<?, ?>) choice));
        return choices;
    }

    private static boolean rightIsMostLikely(List<Map<?, ?>> choices, Map<String, Double> sums) {
        double right = sums.get(choices.getFirst().get("text"));
        return choices.stream().skip(1).allMatch(choice -> right >= sums.get(choice.get("text")));
    }

    private static double shareOfRight(List<Map<?, ?>> choices, Map<String, Double> sums) {
        double all = 0;
        double right = 0;
        double shift =
                sums.values().stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        for (Map<?, ?> choice : choices) {
            double share = Math.exp(sums.get(choice.get("text")) - shift);
            all += share;
            right += choice.get("right").equals(true) ? share : 0;
        }
        return right / all;
    }

    /** The whole text in one evaluation; row i has the scores of the token after token i. */
    private static double logProbability(String context, String continuation) {
        int from = model.tokenize(context, true, false).size();
        List<Integer> whole = model.tokenize(context + continuation, true, false);
        List<float[]> rows = new ArrayList<>();
        model.logitRows(whole, row -> rows.add(row.clone()));
        double sum = 0;
        for (int at = from; at < whole.size(); at++) {
            sum += logSoftmax(rows.get(at - 1), whole.get(at));
        }
        return sum;
    }

    private static double logSoftmax(float[] scores, int token) {
        double all = 0;
        for (float score : scores) {
            all += Math.exp((double) score - scores[token]);
        }
        return -Math.log(all);
    }
}
