package io.lethean.lem.evaluation.distill;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.evaluation.distill.DistillPlan.Keep;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.run.AdapterIdentity;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.score.V2Scorer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What identifies a distillation; the hash is that of earlier releases. */
class DistillPlanTest {

    @Test
    void everyComponent_hasARuleOrIsExcluded() {
        assertThat(DistillPlan.IDENTITY.undecided()).isEmpty();
        assertThat(DistillPlan.IDENTITY.unknown()).isEmpty();
    }

    @Test
    void plan_isIdentifiedAsBefore() {
        ModelIdentity model = new ModelIdentity(
                "m.gguf",
                "abc",
                "llama.cpp v0.5.0",
                List.of(new AdapterIdentity("a", "11", 0.7f), new AdapterIdentity("b", "22", 1f)),
                4);
        DistillPlan plan = new DistillPlan(
                model,
                Optional.of(Kernel.ofText("k", "be kind")),
                List.of(new Probe("p1", "c", "why?")),
                DistillPlan.publishedOptions(),
                3,
                new V2Scorer(),
                1.0,
                Keep.ALL,
                false);

        assertThat(plan.identity().id()).isEqualTo("86bd4485bfffdd2c");
    }
}
