package io.lethean.lem.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training with dropout; the masks themselves are in {@link DropoutMasksTest}. */
class DropoutIT {

    private static final EngineOptions EXACT = EngineOptions.defaults();
    private static final AdapterSpec DROPPING = new AdapterSpec(
            GradientCase.RANK, GradientCase.SCALE, AdapterSpec.everywhere(1, 1).targets(), 0, 0.3);

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void gradientsEqualFiniteDifferencesUnderTheSameMasks(int recomputed) throws IOException {
        EngineOptions options = EXACT.withRecomputedLayers(recomputed);
        for (TestModel model : new TestModel[] {TestModel.LLAMA, TestModel.GEMMA3, TestModel.GEMMA4}) {
            FiniteDifferences worst =
                    FiniteDifferences.compareDropping(GradientCase.of(model, model.write(folder)), options, 0.3, 5, 5);
            assertThat(worst.alongGradient()).isLessThan(1e-5);
            assertThat(worst.alongRandom()).isLessThan(1e-4);
            assertThat(worst.ofElement()).isLessThan(1e-4);
        }
    }

    @Test
    void underOtherMasksTheyDoNot() throws IOException {
        GradientCase llama = GradientCase.of(TestModel.LLAMA, TestModel.LLAMA.write(folder));
        assertThat(FiniteDifferences.compareDropping(llama, EXACT, 0.3, 5, 6).alongGradient())
                .isGreaterThan(0.1);
    }

    @Test
    void validationLeavesNothingOut() throws IOException {
        GradientCase llama = GradientCase.of(TestModel.LLAMA, TestModel.LLAMA.write(folder));
        try (TrainingEngine dropping = llama.open(DROPPING, EXACT);
                TrainingEngine plain = llama.open(EXACT)) {
            LossSum whole = plain.evaluate(llama.batch());
            assertThat(dropping.accumulate(llama.batch(), 1)).isNotEqualTo(whole);
            assertThat(dropping.evaluate(llama.batch())).isEqualTo(whole);
            assertThat(dropping.accumulate(llama.batch(), 1)).isNotEqualTo(whole);
        }
    }

    @Test
    void aDrawingGivesTheSameLossAgain_andAnotherOneAnother() throws IOException {
        GradientCase llama = GradientCase.of(TestModel.LLAMA, TestModel.LLAMA.write(folder));
        try (TrainingEngine engine = llama.open(DROPPING, EXACT)) {
            LossSum first = engine.accumulate(llama.batch(), 1);
            LossSum other = engine.accumulate(llama.batch(), 2);
            assertThat(engine.accumulate(llama.batch(), 1)).isEqualTo(first).isNotEqualTo(other);
        }
    }
}
