package io.lethean.lem.evaluation.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ScorersTest {

    @Test
    void everyNameLeadsToTheScorerOfThatName() {
        assertThat(Scorers.names())
                .contains("v2", "lek-regex", "self-distill", "tier1", "gsm8k", "capability", "grammar")
                .allSatisfy(name -> {
                    assertThat(Scorers.named(name).name()).isEqualTo(name);
                    assertThat(Scorers.named(name).version()).isNotEmpty();
                    assertThat(Scorers.named(name)
                                    .score(Sample.ofId("x"), "An answer.")
                                    .scorer())
                            .isEqualTo(name);
                });
    }

    @Test
    void unknownScorerIsOneSentenceThatListsTheNames() {
        assertThatThrownBy(() -> Scorers.named("v3"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("There is no scorer \"v3\"; choose one of v2, lek-regex, self-distill, tier1, grammar,"
                        + " gsm8k, gsm8k-strict, gsm8k-flexible, capability,"
                        + " or with a judge truthfulqa, do-not-answer, toxigen, semantic, content.");
    }
}
