package io.lethean.lem.evaluation.ab;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.io.PythonJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AbSummaryTest {

    private static ScoredProbe probe(String id, String category, double baseline, double json) {
        Map<String, Double> scores = new LinkedHashMap<>();
        scores.put("baseline", baseline);
        scores.put("json", json);
        return new ScoredProbe(id, category, scores);
    }

    /** Sums, means and rounding by hand: 31.1/4 is a little above 7.775 in binary, 33.5/4 = 8.375 a tie. */
    @Test
    void summary_followsThePublishedRules() {
        AbSummary summary = AbSummary.of(List.of(
                probe("P1", "identity", 20.1, 23.4),
                probe("P2", "payment", 10.0, 9.4),
                probe("P3", "identity", 20.0, 19.7),
                probe("P4", "payment", -19.0, -19.0)));

        assertThat(PythonJson.write(summary.fields()))
                .isEqualTo("{\"total_probes\": 4, \"conditions\": ["
                        + "{\"name\": \"baseline\", \"avg_lek\": 7.78, \"improved\": 0, \"regressed\": 0, "
                        + "\"unchanged\": 0}, "
                        + "{\"name\": \"json\", \"avg_lek\": 8.38, \"improved\": 1, \"regressed\": 1, "
                        + "\"unchanged\": 2, \"delta_vs_baseline\": 0.6}], "
                        + "\"categories\": {\"identity\": {\"baseline\": 20.05, \"json\": 21.55}, "
                        + "\"payment\": {\"baseline\": -4.5, \"json\": -4.8}}}");
    }

    @ParameterizedTest
    @CsvSource({
        "10.5, 10, UNCHANGED",
        "10.6, 10, IMPROVED",
        "9.5, 10, UNCHANGED",
        "9.4, 10, REGRESSED",
        "10, 10, UNCHANGED"
    })
    void change_hasADeadBandOfHalfAPoint(double score, double baseline, Change change) {
        assertThat(Change.of(score, baseline)).isEqualTo(change);
    }

    @Test
    void delta_isTheDifferenceOfRoundedMeans() {
        AbSummary summary = AbSummary.of(
                List.of(probe("P1", "a", 0.0, 0.1), probe("P2", "a", 0.0, 0.0), probe("P3", "a", 0.1, 0.3)));

        assertThat(summary.conditions().get(0).averageLek()).isEqualTo(0.03);
        assertThat(summary.conditions().get(1).averageLek()).isEqualTo(0.13);
        assertThat(summary.conditions().get(1).deltaVsBaseline()).hasValue(0.1);
    }

    @Test
    void probesThatLackACondition_areLeftOutOfItsMean() {
        AbSummary summary =
                AbSummary.of(List.of(probe("P1", "a", 10, 20), new ScoredProbe("P2", "b", Map.of("baseline", 30.0))));

        assertThat(summary.conditions().get(0).averageLek()).isEqualTo(20);
        assertThat(summary.conditions().get(1).averageLek()).isEqualTo(20);
        assertThat(summary.conditions().get(1).improved()).isEqualTo(1);
        assertThat(summary.conditions().get(1).unchanged()).isZero();
        assertThat(summary.categories().get("b")).containsOnlyKeys("baseline");
    }

    @Test
    void summaryWithoutABaseline_comparesNothing() {
        AbSummary summary = AbSummary.of(List.of(new ScoredProbe("P1", "a", Map.of("json", 3.0))));

        assertThat(summary.conditions().get(0).deltaVsBaseline()).isEmpty();
        assertThat(summary.conditions().get(0).unchanged()).isZero();
    }

    @Test
    void table_marksWhatLeavesTheDeadBand() {
        List<ScoredProbe> probes = List.of(
                probe("P1_IDENTITY_LETTER", "identity", 20.1, 23.4),
                probe("", "payment", 10.0, 9.4),
                probe("P3", "identity", 20.0, 19.7));

        assertThat(AbTable.of(AbSummary.of(probes), probes)).isEqualTo("""
                probe               baseline      json
                --------------------------------------
                P1_IDENTITY_LETTER   20.10     23.40 +
                #2                   10.00      9.40 -
                P3                   20.00     19.70
                --------------------------------------
                identity             20.05     21.55 +
                payment              10.00      9.40 -
                --------------------------------------
                mean                 16.70     17.50 +
                delta vs baseline              +0.80
                improved                           1
                regressed                          1
                unchanged                          1
                """);
    }
}
