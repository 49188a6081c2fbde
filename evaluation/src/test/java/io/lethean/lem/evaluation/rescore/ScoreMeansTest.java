package io.lethean.lem.evaluation.rescore;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.evaluation.score.Score;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ScoreMeansTest {

    private static Score score(double value, Map<String, Object> details) {
        return new Score("s", "1", OptionalDouble.of(value), details);
    }

    @Test
    void unscoredAnswersEnterNoMeanAndAreCounted() {
        ScoreMeans means = new ScoreMeans();
        means.add("a", score(4, Map.of("remark", "text", "kindness", 3L)));
        means.add("b", new Score("s", "1", OptionalDouble.empty(), Map.of("unscored", "why")));
        means.add("c", score(6, Map.of("remark", "text", "kindness", 8L)));

        assertThat(means.means()).containsOnlyKeys("score", "kindness");
        assertThat(means.means().get("score").value()).isEqualTo(5);
        assertThat(means.means().get("kindness").value()).isEqualTo(5.5);
        assertThat(means.means().get("kindness").n()).isEqualTo(2);
        assertThat(means.unscored()).isEqualTo(1);
        assertThat(means.toString())
                .contains("kindness       2     5.5000  ")
                .endsWith("1 of 3 answers unscored, in no mean\n");
    }

    @Test
    void yesAndNoGetAnIntervalThatAllowsForLuck() {
        ScoreMeans means = new ScoreMeans();
        for (int i = 0; i < 20; i++) {
            Map<String, Object> details = new LinkedHashMap<>();
            details.put("correct", false);
            details.put("extracted", null);
            means.add("q" + i, score(0, details));
        }

        assertThat(means.toString()).isEqualTo("""
                metric        n       mean  95 % interval     method
                correct      20     0.0000  0.0000 .. 0.1611  Wilson
                """);
    }

    @Test
    void valuesThatAreNotFinite_enterNoMean() {
        ScoreMeans means = new ScoreMeans();
        means.add("a", score(Double.NaN, Map.of()));
        means.add("b", score(2, Map.of("depth", Double.POSITIVE_INFINITY)));
        means.add("c", score(4, Map.of("depth", 1.0)));

        assertThat(means.unscored()).isEqualTo(1);
        assertThat(means.means().get("score").value()).isEqualTo(3);
        assertThat(means.means().get("depth").value()).isEqualTo(1);
        assertThat(means.toString()).contains("bootstrap").doesNotContain("NaN").doesNotContain("Infinity");
    }

    @Test
    void nothingScored_isSaid() {
        ScoreMeans means = new ScoreMeans();
        means.addUnscored();

        assertThat(means.toString()).isEqualTo("1 answers, all without a score\n");
        assertThat(means.fields()).containsEntry("unscored", 1L).containsEntry("metrics", Map.of());
    }
}
