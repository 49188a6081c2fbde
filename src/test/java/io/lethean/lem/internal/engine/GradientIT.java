package io.lethean.lem.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.Derivatives;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.train.options.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    private final ProofTable routerProof = new ProofTable(
            "proof-gradients-with-routers-" + getClass().getSimpleName(),
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

    /** The keys that later layers use are made in an adapted layer, or below all adapted layers. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void gradientsOfUpperLayersThatUseKeysOfLowerOnesEqualFiniteDifferences(int firstLayer) throws IOException {
        AdapterSpec upper = new AdapterSpec(GradientCase.RANK, GradientCase.SCALE, Target.usual(), firstLayer);
        GradientCase testCase = GradientCase.of(TestModel.GEMMA4, TestModel.GEMMA4.write(folder), this::backend);
        for (EngineOptions options : List.of(EXACT, EXACT.withRecomputedLayers(5))) {
            FiniteDifferences worst = FiniteDifferences.compare(testCase, upper, options);
            assertThat(worst.alongGradient()).isLessThan(1e-5);
            assertThat(worst.alongRandom()).isLessThan(1e-4);
            assertThat(worst.ofElement()).isLessThan(1e-4);
        }
    }

    @Test
    void layersWithoutKeysHaveNoMatrixForThem_andWhatTheyAddIsForgottenAfterABatch() throws IOException {
        GgufFile file = TestModel.GEMMA4.write(folder);
        GradientCase testCase = GradientCase.of(TestModel.GEMMA4, file, this::backend);
        Map<String, double[]> first;
        Map<String, double[]> second;
        try (TrainingEngine engine = testCase.open(EXACT)) {
            engine.accumulate(testCase.batch());
            first = GradientCase.gradients(engine, EXACT);
            engine.clearGradients();
            engine.accumulate(testCase.batch());
            second = GradientCase.gradients(engine, EXACT);
        }
        assertThat(first.keySet())
                .contains("blk.0.attn_k.weight.lora_a", "blk.1.attn_v.weight.lora_b")
                .doesNotContain("blk.2.attn_k.weight.lora_a", "blk.4.attn_v.weight.lora_a");
        assertThat(GradientCase.worstDifference(first, second))
                .as("nothing is left of the batch before")
                .isZero();
    }

    @Test
    void anAdapterWithoutAnyMatrixIsRefused() throws IOException {
        AdapterSpec keys = new AdapterSpec(4, 2, EnumSet.of(Target.K, Target.V), 2);
        GradientCase testCase = GradientCase.of(TestModel.GEMMA4, TestModel.GEMMA4.write(folder), this::backend);
        assertThatThrownBy(() -> testCase.open(keys, EXACT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("have no projection [K, V], because they use the keys and values of earlier");
    }

    /** Experts have no DoRA. */
    private static AdapterSpec dora(TestModel model) {
        Set<Target> targets = EnumSet.copyOf(Target.usual());
        if (model.hasExperts()) {
            targets.removeAll(Set.of(Target.GATE, Target.UP, Target.DOWN));
        }
        return new AdapterSpec(GradientCase.RANK, GradientCase.SCALE, targets, 0).withMagnitudes();
    }

    @ParameterizedTest
    @EnumSource(TestModel.class)
    void gradientsOfDoraEqualFiniteDifferences(TestModel model) throws IOException {
        GradientCase testCase = GradientCase.of(model, model.write(folder), this::backend);
        FiniteDifferences worst = FiniteDifferences.compareDora(testCase, dora(model), IN_BLOCKS);
        doraProof.add(model, worst.alongGradient(), worst.alongRandom(), worst.ofElement());
        assertThat(worst.alongGradient()).isLessThan(1e-5);
        assertThat(worst.alongRandom()).isLessThan(1e-4);
        assertThat(worst.ofElement()).isLessThan(1e-4);
    }

    @ParameterizedTest
    @EnumSource(
            value = TestModel.class,
            names = {"LLAMA", "QWEN2", "GEMMA3", "GEMMA4", "GPT_OSS"})
    void everyWayHasTheSameGradientsOfDora(TestModel model) throws IOException {
        GradientCase testCase = GradientCase.of(model, model.write(folder), this::backend);
        Map<String, double[]> expected = testCase.gradients(dora(model), EXACT);
        for (EngineOptions options : List.of(
                EXACT.withRecomputedLayers(model.layers()), EXACT.withDerivatives(Derivatives.Choice.COMPOSED))) {
            assertThat(GradientCase.worstDifference(expected, testCase.gradients(dora(model), options)))
                    .as(options.toString())
                    .isLessThan(1e-5);
        }
    }

    @ParameterizedTest
    @EnumSource(TestModel.class)
    void everyWayHasTheSameGradients(TestModel model) throws IOException {
        GradientCase testCase = GradientCase.of(model, model.write(folder), this::backend);
        Map<String, double[]> expected = testCase.gradients(EXACT);
        assertSame(expected, testCase, EXACT.withRecomputedLayers(model.layers()), 1e-5);
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

    /** With the router adapted as well; its gradient passes the softmax of the chosen scores. */
    @ParameterizedTest
    @EnumSource(
            value = TestModel.class,
            names = {"MIXTRAL", "QWEN3MOE", "GPT_OSS", "GEMMA4_EXPERTS"})
    void gradientsOfRoutersEqualFiniteDifferences(TestModel model) throws IOException {
        AdapterSpec all = new AdapterSpec(GradientCase.RANK, GradientCase.SCALE, EnumSet.allOf(Target.class), 0);
        GradientCase testCase =
                GradientCase.of(model, model.write(folder), this::backend, model == TestModel.MIXTRAL ? 5 : 3);
        FiniteDifferences worst = FiniteDifferences.compare(testCase, all, IN_BLOCKS);
        routerProof.add(model, worst.alongGradient(), worst.alongRandom(), worst.ofElement());
        assertThat(worst.alongGradient()).isLessThan(1e-5);
        assertThat(worst.alongRandom()).isLessThan(1e-4);
        assertThat(worst.ofElement()).isLessThan(1e-4);
        assertThat(GradientCase.worstDifference(
                        testCase.gradients(all, EXACT),
                        testCase.gradients(
                                all,
                                EXACT.withDerivatives(Derivatives.Choice.COMPOSED)
                                        .withRecomputedLayers(1))))
                .isLessThan(1e-5);
    }

    @ParameterizedTest
    @EnumSource(TestModel.class)
    void everyWayHasTheSameGradientsOfAllWeights(TestModel model) throws IOException {
        GradientCase testCase = GradientCase.of(model, model.write(folder), this::backend);
        Map<String, double[]> expected = testCase.gradientsOfAllWeights(EXACT);
        for (EngineOptions options : List.of(
                EXACT.withRecomputedLayers(model.layers()), EXACT.withDerivatives(Derivatives.Choice.COMPOSED))) {
            assertThat(GradientCase.worstDifference(expected, testCase.gradientsOfAllWeights(options)))
                    .as(options.toString())
                    .isLessThan(1e-5);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TestModel.class,
            names = {"LLAMA", "MISTRAL", "GEMMA2", "GEMMA3", "GEMMA4", "GPT_OSS"})
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
