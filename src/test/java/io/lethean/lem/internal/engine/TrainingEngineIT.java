package io.lethean.lem.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.internal.ggml.Derivatives;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.train.options.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What must not change the gradients, and what must. */
class TrainingEngineIT {

    private static final EngineOptions EXACT = EngineOptions.defaults();

    @TempDir
    Path folder;

    @Test
    void lossEqualsTheReference() throws IOException {
        GradientCase llama = llama();
        try (TrainingEngine engine = llama.open(EXACT)) {
            ReferenceDecoder reference = new ReferenceDecoder(
                    TestModel.LLAMA.config(), TestModel.weights(llama.file()), GradientCase.RANK, GradientCase.SCALE);
            engine.adapter()
                    .parameters()
                    .forEach(parameter -> reference
                            .lora()
                            .put(
                                    parameter.name(),
                                    GradientCase.doubles(parameter.value().floats())));
            double expected = reference.loss(llama.batch(), llama.lengths());
            LossSum loss = engine.evaluate(llama.batch());
            assertThat(loss.tokens()).isEqualTo(llama.batch().targetCount());
            assertThat(loss.sum()).isCloseTo(expected, within(1e-5 * expected));
            assertThat(engine.accumulate(llama.batch())).isEqualTo(loss);
        }
    }

    @Test
    void aNewAdapterChangesNothing() throws IOException {
        GgufFile file = TestModel.LLAMA.write(folder);
        SampleBatch batch = GradientCase.of(TestModel.LLAMA, file).batch();
        try (TrainingEngine small = TrainingEngine.open(file, AdapterSpec.everywhere(1, 1), EXACT, 1);
                TrainingEngine large = TrainingEngine.open(file, AdapterSpec.everywhere(8, 9), EXACT, 2)) {
            assertThat(small.evaluate(batch)).isEqualTo(large.evaluate(batch));
        }
    }

    @Test
    void recomputingActivationsChangesNothing() throws IOException {
        assertSameGradients(EXACT.withRecomputedLayers(1));
        assertSameGradients(EXACT.withRecomputedLayers(2));
    }

    @Test
    void theNumberOfThreadsChangesNothing() throws IOException {
        assertSameGradients(EXACT.withThreads(Math.min(2, Runtime.getRuntime().availableProcessors())));
    }

    /** More rows than a block of queries has, with windows, caps, and several parts of the gradients of keys. */
    @ParameterizedTest
    @EnumSource(
            value = TestModel.class,
            names = {"LLAMA", "GEMMA2", "GEMMA3"})
    void longSamplesHaveTheGradientsOfComposedOperations_bitForBitOnAnyNumberOfThreads(TestModel model)
            throws IOException {
        GradientCase any = GradientCase.of(model, model.write(folder));
        int length = 200;
        SplittableRandom random = new SplittableRandom(3);
        int[] tokens = random.ints(2L * length, 3, 60).toArray();
        int[] targets = random.ints(2L * length, 3, 60).toArray();
        Arrays.fill(targets, length + 131, 2 * length, SampleBatch.NO_TARGET);
        SampleBatch batch = new SampleBatch(length, tokens, targets);

        Map<String, double[]> fused = gradients(any, EXACT, batch);

        assertThat(GradientCase.worstDifference(
                        fused, gradients(any, EXACT.withDerivatives(Derivatives.Choice.COMPOSED), batch)))
                .isLessThan(1e-5);
        int threads = Math.min(2, Runtime.getRuntime().availableProcessors());
        assertThat(GradientCase.worstDifference(fused, gradients(any, EXACT.withThreads(threads), batch)))
                .isZero();
    }

    private static Map<String, double[]> gradients(GradientCase any, EngineOptions options, SampleBatch batch)
            throws IOException {
        try (TrainingEngine engine = any.open(options)) {
            engine.accumulate(batch);
            return GradientCase.gradients(engine, options);
        }
    }

    private void assertSameGradients(EngineOptions options) throws IOException {
        GradientCase llama = llama();
        assertThat(GradientCase.worstDifference(llama.gradients(EXACT), llama.gradients(options)))
                .isLessThan(1e-5);
    }

    @Test
    void twoBatchesOfOneSequenceAddUpToOneOfTwo() throws IOException {
        GradientCase both = llama();
        Map<String, double[]> together = both.gradients(EXACT);
        try (TrainingEngine engine = both.open(EXACT)) {
            engine.accumulate(sequence(both.batch(), 0));
            engine.accumulate(sequence(both.batch(), 1));
            assertThat(GradientCase.worstDifference(together, GradientCase.gradients(engine, EXACT)))
                    .isLessThan(1e-5);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TestModel.class,
            names = {"LLAMA", "GEMMA3"})
    void packedSamplesHaveTheGradientsOfSeparateOnes(TestModel model) throws IOException {
        GradientCase both = GradientCase.of(model, model.write(folder));
        Map<String, double[]> separate = both.gradients(EXACT);
        int length = both.batch().tokensPerSequence();
        int[] segments = new int[2 * length];
        Arrays.fill(segments, length, 2 * length, 1);
        SampleBatch packed =
                new SampleBatch(2 * length, both.batch().tokens(), both.batch().targets(), segments);
        try (TrainingEngine engine = both.open(EXACT)) {
            engine.accumulate(packed);
            assertThat(GradientCase.worstDifference(separate, GradientCase.gradients(engine, EXACT)))
                    .isLessThan(1e-5);
        }
        SampleBatch mixed =
                new SampleBatch(2 * length, both.batch().tokens(), both.batch().targets());
        try (TrainingEngine engine = both.open(EXACT)) {
            engine.accumulate(mixed);
            assertThat(GradientCase.worstDifference(separate, GradientCase.gradients(engine, EXACT)))
                    .isGreaterThan(1e-2);
        }
    }

    @Test
    void paddingHasNoInfluence() throws IOException {
        GradientCase padded = llama();
        int[] tokens = padded.batch().tokens().clone();
        int last = tokens.length - 1;
        tokens[last] = (tokens[last] + 1) % TestModel.LLAMA.vocabulary();
        SampleBatch changed = new SampleBatch(
                padded.batch().tokensPerSequence(), tokens, padded.batch().targets());
        Map<String, double[]> expected = padded.gradients(EXACT);
        try (TrainingEngine engine = padded.open(EXACT)) {
            engine.accumulate(changed);
            assertThat(GradientCase.worstDifference(expected, GradientCase.gradients(engine, EXACT)))
                    .isZero();
        }
    }

    /** The rows of the prompt take no part in the loss: its gradient is the sum over the counted rows alone. */
    @Test
    void gradientsAreTheSumOverCountedRowsAlone() throws IOException {
        GradientCase all = llama();
        Map<String, double[]> expected = all.gradients(EXACT);
        int[] first = all.batch().targets().clone();
        int[] second = all.batch().targets().clone();
        for (int row = 0; row < first.length; row++) {
            (row % 2 == 0 ? first : second)[row] = SampleBatch.NO_TARGET;
        }
        int length = all.batch().tokensPerSequence();
        try (TrainingEngine engine = all.open(EXACT)) {
            engine.accumulate(new SampleBatch(length, all.batch().tokens(), first));
            assertThat(GradientCase.worstDifference(expected, GradientCase.gradients(engine, EXACT)))
                    .isGreaterThan(0.1);
            engine.accumulate(new SampleBatch(length, all.batch().tokens(), second));
            assertThat(GradientCase.worstDifference(expected, GradientCase.gradients(engine, EXACT)))
                    .isLessThan(1e-5);
        }
    }

    @Test
    void aBatchWithoutTargetsHasNoGradients() throws IOException {
        GradientCase llama = llama();
        int[] none = new int[llama.batch().tokens().length];
        Arrays.fill(none, SampleBatch.NO_TARGET);
        try (TrainingEngine engine = llama.open(EXACT)) {
            engine.accumulate(llama.batch());
            engine.clearGradients();
            LossSum loss = engine.accumulate(new SampleBatch(
                    llama.batch().tokensPerSequence(), llama.batch().tokens(), none));
            assertThat(loss).isEqualTo(LossSum.NONE);
            assertThat(GradientCase.gradients(engine, EXACT).values()).allMatch(g -> GradientCase.norm(g) == 0);
        }
    }

    /** More rows than one chunk of the head takes, and no multiple of its sizes. */
    @Test
    void manyRowsAreTheSumOfFew() throws IOException {
        GgufFile file = TestModel.LLAMA.write(folder);
        int length = 150;
        int[] tokens = new SplittableRandom(8)
                .ints(length, 0, TestModel.LLAMA.vocabulary())
                .toArray();
        int[] targets = new int[length];
        for (int row = 0; row < length; row++) {
            targets[row] = row + 1 < length && row > 3 ? tokens[row + 1] : SampleBatch.NO_TARGET;
        }
        try (TrainingEngine engine = TrainingEngine.open(file, AdapterSpec.everywhere(2, 1), EXACT, 1)) {
            double sum = 0;
            double[][] logits =
                    new ReferenceDecoder(TestModel.LLAMA.config(), TestModel.weights(file), 2, 1).logits(tokens);
            for (int row = 4; row + 1 < length; row++) {
                double[] at = logits[row];
                double target = at[targets[row]];
                sum += Math.log(
                        Arrays.stream(at).map(value -> Math.exp(value - target)).sum());
            }
            assertThat(engine.evaluate(new SampleBatch(length, tokens, targets)).sum())
                    .isCloseTo(sum, within(1e-5 * sum));
        }
    }

    @Test
    void adaptersOfUpperLayersAndFewTargetsHaveTheSameGradientsAsWithinAFullOne() throws IOException {
        GradientCase llama = llama();
        AdapterSpec upper =
                new AdapterSpec(GradientCase.RANK, GradientCase.SCALE, EnumSet.of(Target.Q, Target.DOWN), 1);
        try (TrainingEngine part = llama.open(upper, EXACT);
                TrainingEngine whole = llama.open(EXACT)) {
            assertThat(part.adapter().parameters())
                    .hasSize(4)
                    .allMatch(p -> p.name().startsWith("blk.1."));
            whole.adapter().parameters().forEach(p -> p.value().clear());
            whole.adapter()
                    .parameters()
                    .forEach(p -> part.adapter().parameters().stream()
                            .filter(same -> same.name().equals(p.name()))
                            .forEach(same -> p.value().set(same.value().floats())));
            part.accumulate(llama.batch());
            whole.accumulate(llama.batch());
            assertThat(GradientCase.worstDifference(
                            GradientCase.gradients(part, EXACT), GradientCase.gradients(whole, EXACT)))
                    .isLessThan(1e-5);
        }
    }

    @Test
    void workingMemoryDoesNotGrowWithTheLayers() throws IOException {
        long four = workBytes(4, 0);
        assertThat(workBytes(8, 0)).isEqualTo(four);
        assertThat(workBytes(8, 8)).isEqualTo(workBytes(4, 4)).isGreaterThan(four);
    }

    private long workBytes(int layers, int recomputed) throws IOException {
        GgufFile file = TestModel.LLAMA.write(folder, GgmlType.F32, layers);
        SampleBatch batch = GradientCase.of(TestModel.LLAMA, file).batch();
        EngineOptions options = EXACT.withRecomputedLayers(recomputed);
        try (TrainingEngine engine = TrainingEngine.open(file, AdapterSpec.everywhere(4, 2), options, 1)) {
            return engine.bucket(batch).workBytes();
        }
    }

    /** Width 128, because the frozen head of a narrower random model cannot single out a token. */
    @Test
    void fiftyStepsLearnABatchByHeart() throws IOException {
        assertLearns(RandomModel.llama(2, 128, 4, 2, 192, 384));
        assertLearns(RandomModel.gemma3(2, 128, 4, 2, 192, 384).type(GgmlType.Q8_0));
    }

    private void assertLearns(RandomModel model) throws IOException {
        Path path = folder.resolve("random.gguf");
        model.write(path, 1);
        GgufFile file = GgufFile.read(path);
        SampleBatch batch = GradientCase.of(TestModel.LLAMA, file).batch();
        EngineOptions options = EngineOptions.defaults();
        try (TrainingEngine engine = TrainingEngine.open(file, AdapterSpec.everywhere(8, 2), options, 1)) {
            assertThat(engine.evaluate(batch).mean()).isGreaterThan(4);
            for (int step = 1; step <= 50; step++) {
                engine.accumulate(batch);
                engine.step(OptimizerStep.adamW(1e-2f, step));
            }
            assertThat(engine.evaluate(batch).mean()).isLessThan(0.05);
        }
    }

    @Test
    void tokensOutsideTheVocabularyAreRefused() throws IOException {
        GgufFile file = TestModel.LLAMA.write(folder);
        int vocabulary = TestModel.LLAMA.vocabulary();
        try (TrainingEngine engine = TrainingEngine.open(file, AdapterSpec.everywhere(4, 2), EXACT, 1)) {
            assertThatThrownBy(() -> engine.evaluate(new SampleBatch(1, new int[] {vocabulary}, new int[] {0})))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(String.valueOf(vocabulary));
            assertThatThrownBy(() -> engine.evaluate(new SampleBatch(1, new int[] {0}, new int[] {vocabulary})))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void closingTwiceIsHarmlessAndUseAfterwardsIsRefused() throws IOException {
        GradientCase llama = llama();
        TrainingEngine engine = llama.open(EXACT);
        engine.evaluate(llama.batch());
        engine.close();
        engine.close();
        assertThatThrownBy(() -> engine.evaluate(llama.batch())).isInstanceOf(IllegalStateException.class);
    }

    private GradientCase llama() throws IOException {
        return GradientCase.of(TestModel.LLAMA, TestModel.LLAMA.write(folder));
    }

    private static SampleBatch sequence(SampleBatch batch, int index) {
        int length = batch.tokensPerSequence();
        return new SampleBatch(
                length,
                Arrays.copyOfRange(batch.tokens(), index * length, (index + 1) * length),
                Arrays.copyOfRange(batch.targets(), index * length, (index + 1) * length));
    }
}
