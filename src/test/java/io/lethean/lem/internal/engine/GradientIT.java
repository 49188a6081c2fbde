package io.lethean.lem.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.Derivatives;
import io.lethean.lem.internal.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Gradients of every architecture against finite differences of the reference, and every other way in which the engine
 * can compute them against those.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GradientIT {

    private static final EngineOptions EXACT = EngineOptions.defaults();

    /** Several blocks of queries even in a sample of a dozen tokens. */
    private static final EngineOptions IN_BLOCKS = EXACT.withAttentionRows(5);

    /** Enough tokens that windows begin after the first key. */
    private static final int LONG = 40;

    private final ProofTable proof = new ProofTable(
            "proof-gradients-" + getClass().getSimpleName(), "along the gradient", "random direction", "single number");

    private final ProofTable doraProof = new ProofTable(
            "proof-gradients-of-dora-" + getClass().getSimpleName(),
            "along the gradient",
            "random direction",
            "single number");

    private final ProofTable wholeProof = new ProofTable(
            "proof-gradients-of-all-weights-" + getClass().getSimpleName(),
            "along the gradient",
            "random direction",
            "single number");

    @TempDir
    Path folder;

    /** Where it is computed; the device named by {@code lem.test.device} if that is set, else the CPU. */
    Backend backend(EngineOptions options) {
        String name = System.getProperty("lem.test.device");
        return name == null ? Backend.cpu(options.threads()) : Backend.named(name, options.threads());
    }

    @ParameterizedTest
    @EnumSource(TestModel.class)
    void gradientsEqualFiniteDifferences(TestModel model) throws IOException {
        FiniteDifferences worst =
                FiniteDifferences.compare(GradientCase.of(model, model.write(folder), this::backend), IN_BLOCKS);
        proof.add(model, worst.alongGradient(), worst.alongRandom(), worst.ofElement());
        assertThat(worst.alongGradient()).isLessThan(1e-5);
        assertThat(worst.alongRandom()).isLessThan(1e-4);
        assertThat(worst.ofElement()).isLessThan(1e-4);
    }

    private static final AdapterSpec DORA =
            AdapterSpec.everywhere(GradientCase.RANK, GradientCase.SCALE).withMagnitudes();

    @ParameterizedTest
    @EnumSource(TestModel.class)
    void gradientsOfDoraEqualFiniteDifferences(TestModel model) throws IOException {
        GradientCase testCase = GradientCase.of(model, model.write(folder), this::backend);
        FiniteDifferences worst = FiniteDifferences.compareDora(testCase, DORA, IN_BLOCKS);
        doraProof.add(model, worst.alongGradient(), worst.alongRandom(), worst.ofElement());
        assertThat(worst.alongGradient()).isLessThan(1e-5);
        assertThat(worst.alongRandom()).isLessThan(1e-4);
        assertThat(worst.ofElement()).isLessThan(1e-4);
    }

    @ParameterizedTest
    @EnumSource(
            value = TestModel.class,
            names = {"LLAMA", "QWEN2", "GEMMA3"})
    void everyWayHasTheSameGradientsOfDora(TestModel model) throws IOException {
        GradientCase testCase = GradientCase.of(model, model.write(folder), this::backend);
        Map<String, double[]> expected = testCase.gradients(DORA, EXACT);
        for (EngineOptions options :
                List.of(EXACT.withRecomputedLayers(2), EXACT.withDerivatives(Derivatives.Choice.COMPOSED))) {
            assertThat(GradientCase.worstDifference(expected, testCase.gradients(DORA, options)))
                    .as(options.toString())
                    .isLessThan(1e-5);
        }
    }

    @ParameterizedTest
    @EnumSource(TestModel.class)
    void everyWayHasTheSameGradients(TestModel model) throws IOException {
        GradientCase testCase = GradientCase.of(model, model.write(folder), this::backend);
        Map<String, double[]> expected = testCase.gradients(EXACT);
        assertSame(expected, testCase, EXACT.withRecomputedLayers(2), 1e-5);
        assertSame(expected, testCase, EXACT.withDerivatives(Derivatives.Choice.COMPOSED), 1e-5);
        assertSame(expected, testCase, IN_BLOCKS.withRecomputedLayers(1), 1e-5);
    }

    @ParameterizedTest
    @EnumSource(TestModel.class)
    void gradientsOfAllWeightsEqualFiniteDifferences(TestModel model) throws IOException {
        GradientCase testCase = GradientCase.of(model, model.write(folder), this::backend);
        FiniteDifferences worst = FiniteDifferences.compareWhole(testCase, IN_BLOCKS);
        wholeProof.add(model, worst.alongGradient(), worst.alongRandom(), worst.ofElement());
        assertThat(worst.alongGradient()).isLessThan(1e-5);
        assertThat(worst.alongRandom()).isLessThan(1e-4);
        assertThat(worst.ofElement()).isLessThan(1e-4);
    }

    @ParameterizedTest
    @EnumSource(TestModel.class)
    void everyWayHasTheSameGradientsOfAllWeights(TestModel model) throws IOException {
        GradientCase testCase = GradientCase.of(model, model.write(folder), this::backend);
        Map<String, double[]> expected = testCase.gradientsOfAllWeights(EXACT);
        for (EngineOptions options :
                List.of(EXACT.withRecomputedLayers(2), EXACT.withDerivatives(Derivatives.Choice.COMPOSED))) {
            assertThat(GradientCase.worstDifference(expected, testCase.gradientsOfAllWeights(options)))
                    .as(options.toString())
                    .isLessThan(1e-5);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TestModel.class,
            names = {"LLAMA", "MISTRAL", "GEMMA2", "GEMMA3"})
    void attentionInBlocksHasTheSameGradients(TestModel model) throws IOException {
        GgufFile file = model.write(folder);
        SplittableRandom random = new SplittableRandom(5);
        int[] tokens = random.ints(2 * LONG, 0, model.vocabulary()).toArray();
        int[] targets = random.ints(2 * LONG, 0, model.vocabulary()).toArray();
        int[] segments =
                IntStream.range(0, 2 * LONG).map(row -> row % LONG < 17 ? 0 : 1).toArray();
        for (SampleBatch batch :
                List.of(new SampleBatch(LONG, tokens, targets), new SampleBatch(LONG, tokens, targets, segments))) {
            GradientCase testCase = new GradientCase(model, file, batch, new int[] {LONG, LONG}, this::backend);
            Map<String, double[]> whole = testCase.gradients(EXACT.withAttentionRows(LONG));
            assertSame(whole, testCase, EXACT.withAttentionRows(12), 1e-5);
            assertSame(whole, testCase, EXACT.withAttentionRows(8).withDerivatives(Derivatives.Choice.COMPOSED), 1e-5);
        }
    }

    private static void assertSame(
            Map<String, double[]> expected, GradientCase testCase, EngineOptions options, double bound)
            throws IOException {
        assertThat(GradientCase.worstDifference(expected, testCase.gradients(options)))
                .as(options.toString())
                .isLessThan(bound);
    }
}
