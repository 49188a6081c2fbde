package io.lethean.lem.evaluation.ab;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.score.Scorers;
import io.lethean.lem.internal.io.PythonJson;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What identifies an A/B run; the hashes are those of earlier releases. */
class AbPlanTest {

    private static final List<Probe> PROBES = List.of(new Probe("p1", "c", "why?"));
    private static final ModelIdentity MODEL = new ModelIdentity("m.gguf", "", "e");

    @Test
    void everyComponent_hasARuleOrIsExcluded() {
        assertThat(AbPlan.IDENTITY.undecided()).isEmpty();
        assertThat(AbPlan.IDENTITY.unknown()).isEmpty();
    }

    @Test
    void baselineAlone_isIdentifiedAsBefore() {
        AbPlan plan = new AbPlan(MODEL, List.of(), PROBES, AbPlan.publishedOptions());

        assertThat(plan.identity().id()).isEqualTo("70a1d99c9f678264");
    }

    @Test
    void kernelsAndSamples_areIdentifiedAsBefore() {
        AbPlan plan = new AbPlan(
                MODEL,
                List.of(Kernel.ofText("k", "be kind")),
                PROBES,
                AbPlan.publishedOptions().toBuilder().temperature(0.5).seed(9).build(),
                2);

        assertThat(PythonJson.write(plan.identity().fields()))
                .isEqualTo("{\"model\": \"m.gguf\", \"conditions\": [\"baseline\", \"k\"], \"kernel k\":"
                        + " \"sha256:959c5805d5c257bf3270f6fddfaaf04a72e02b5871d950154c42148369ee5378\","
                        + " \"number of prompts\": 1, \"prompts\":"
                        + " \"sha256:61c4944d6aae0598506db6f3f5659cddcf31d3ef6d7697568867a8b80ecc11ab\","
                        + " \"max_tokens\": 1024, \"temperature\": 0.5, \"top_k\": 0, \"top_p\": 1.0,"
                        + " \"min_p\": 0.0, \"repeat_penalty\": 1.0, \"repeat_last_n\": 64, \"seed\": 9,"
                        + " \"stop\": [], \"grammar\": null, \"json_schema\": null, \"samples\": 2,"
                        + " \"scorer\": \"v2 1\"}");
    }

    @Test
    void anotherScorer_isAnotherRun() {
        AbPlan plan = new AbPlan(MODEL, List.of(), PROBES, AbPlan.publishedOptions());
        AbPlan other = plan.withScorer(Scorers.named("tier1"));

        assertThat(other.identity().differencesFrom(plan.identity().fields()))
                .isEqualTo("scorer: recorded v2 1, now tier1 1");
    }
}
