package io.lethean.lem.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.run.IdentityDifference;
import io.lethean.lem.model.GenerationOptions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CandidateTest {

    private final Candidate candidate = new Candidate(GenerationOptions.defaults(), 1, "v2");

    @Test
    void promptsAreNumberedFromOne() {
        candidate.prompts("Why?", "How?");

        assertThat(candidate.probes()).extracting(Probe::id).containsExactly("1", "2");
    }

    @Test
    void twoProbesWithOneId_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> candidate.probes(List.of(new Probe("2", "c", "a"), new Probe("", "c", "b"))))
                .withMessageContaining("Two probes have the id '2'");
    }

    @Test
    void emptyList_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> candidate.probes(List.of()))
                .withMessageContaining("is empty");
    }

    @Test
    void missingModelFails_onlyWhereTheVariableOfCiServersIsSet() {
        assertThat(Settings.withoutModel("true")).isEqualTo("fail");
        assertThat(Settings.withoutModel("1")).isEqualTo("fail");
        assertThat(Settings.withoutModel("false")).isEqualTo("abort");
        assertThat(Settings.withoutModel(" ")).isEqualTo("abort");
        assertThat(Settings.withoutModel(null)).isEqualTo("abort");
    }

    @ParameterizedTest
    @CsvSource({
        "conditions, KERNEL",
        "kernel lek, KERNEL",
        "model, MODEL",
        "adapter 1, MODEL",
        "scale of adapter 2, MODEL",
        "parallel, MODEL",
        "prompts, PROMPTS",
        "temperature, OPTIONS",
        "samples, OPTIONS",
        "adapter of answer 1, OPTIONS",
        "scale of adapter of answer 1, OPTIONS",
        "an option of a later release, OPTIONS",
        "number of prompts,",
        "scorer,"
    })
    void everyKeyOfAnIdentity_belongsToAPart(String key, RunPart part) {
        assertThat(RunPart.of(new IdentityDifference(key, "a", "b")).orElse(null))
                .isEqualTo(part);
    }
}
