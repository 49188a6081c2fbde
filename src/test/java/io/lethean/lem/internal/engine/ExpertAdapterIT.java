package io.lethean.lem.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.LoraPair;
import io.lethean.lem.adapter.ModelOutline;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.quantize.Fuse;
import io.lethean.lem.quantize.FuseOptions;
import io.lethean.lem.train.options.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Adapters of experts and routers: written, applied by llama.cpp, continued, merged, and what is refused. */
class ExpertAdapterIT {

    private static final AdapterSpec ALL =
            new AdapterSpec(GradientCase.RANK, GradientCase.SCALE, EnumSet.allOf(Target.class), 0);
    private static final int LENGTH = 24;
    private static final double BOUND = 1e-4;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(
            value = TestModel.class,
            names = {"MIXTRAL", "QWEN3MOE", "GPT_OSS"})
    void llamaCppAppliesTheAdapterAndTheMergedModelComputesTheSame(TestModel model) throws IOException {
        GgufFile file = model.write(folder);
        int[] tokens =
                new SplittableRandom(5).ints(LENGTH, 0, model.vocabulary()).toArray();
        Path adapter = folder.resolve("adapter.gguf");
        Path merged = folder.resolve("merged.gguf");
        SampleBatch batch = new SampleBatch(LENGTH, tokens, new int[LENGTH]);
        float[] trained;
        try (TrainingEngine engine = GradientCase.of(model, file).open(ALL, EngineOptions.defaults())) {
            engine.trainable().write(adapter);
            trained = engine.bucket(batch).logits(batch);
        }

        float[][] bare = LibllamaLogits.of(file.path(), tokens);
        assertThat(largestDifference(trained, bare)).isGreaterThan(100 * BOUND);
        assertThat(largestDifference(trained, LibllamaLogits.of(file.path(), adapter, tokens)))
                .isLessThan(BOUND);
        Fuse.run(FuseOptions.of(file.path(), adapter, merged));
        assertThat(largestDifference(trained, LibllamaLogits.of(merged, tokens)))
                .isLessThan(BOUND);
    }

    /** Its GELU is a table of half precision in llama.cpp. The down projections have factors, into which nothing can be merged. */
    @Test
    void llamaCppAppliesAnAdapterOfExpertsNextToDenseParts_andItCannotBeMerged() throws IOException {
        TestModel model = TestModel.GEMMA4_EXPERTS;
        GgufFile file = model.write(folder);
        int[] tokens =
                new SplittableRandom(5).ints(LENGTH, 0, model.vocabulary()).toArray();
        Path adapter = folder.resolve("adapter.gguf");
        SampleBatch batch = new SampleBatch(LENGTH, tokens, new int[LENGTH]);
        float[] trained;
        EngineOptions options = EngineOptions.defaults().withTabledGelu(true);
        try (TrainingEngine engine = GradientCase.of(model, file).open(ALL, options)) {
            engine.trainable().write(adapter);
            trained = engine.bucket(batch).logits(batch);
        }
        assertThat(largestDifference(trained, LibllamaLogits.of(file.path(), tokens)))
                .isGreaterThan(0.1);
        assertThat(largestDifference(trained, LibllamaLogits.of(file.path(), adapter, tokens)))
                .isLessThan(2e-3);
        FuseOptions merge = FuseOptions.of(file.path(), adapter, folder.resolve("merged.gguf"));
        assertThatThrownBy(() -> Fuse.run(merge))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("so an adapter cannot be merged into it");
    }

    @Test
    void gateAndUpInOneMatrixAreAdaptedTogetherOrNotAtAll() throws IOException {
        GgufFile file = TestModel.GEMMA4_EXPERTS.write(folder);
        AdapterSpec gate = new AdapterSpec(4, 2, Set.of(Target.Q, Target.GATE), 0);
        assertRefused(file, gate, "blk.0.ffn_gate_up_exps.weight");
        assertRefused(file, new AdapterSpec(4, 2, Set.of(Target.UP), 0), "name both or neither");
    }

    @Test
    void anAdapterOfExpertsThatWasReadBackIsTheSame() throws IOException {
        GgufFile file = TestModel.QWEN3MOE.write(folder);
        Path path = folder.resolve("adapter.gguf");
        GradientCase testCase = GradientCase.of(TestModel.QWEN3MOE, file);
        try (TrainingEngine engine = testCase.open(ALL, EngineOptions.defaults());
                TrainingEngine other = TrainingEngine.open(file, ALL, EngineOptions.defaults(), 99)) {
            engine.trainable().write(path);
            Adapter read = AdapterFiles.locate(path).read(ModelOutline.of(file));
            LoraPair up = read.pair("blk.1.ffn_up_exps.weight").orElseThrow();
            assertThat(List.of(up.experts(), up.rank(), up.inputs(), up.outputs()))
                    .containsExactly(6, GradientCase.RANK, 64, 96);
            other.adapter().load(read);
            for (Trainable.Parameter parameter : engine.trainable().parameters()) {
                assertThat(other.adapter()
                                .find(parameter.name())
                                .orElseThrow()
                                .value()
                                .floats())
                        .as(parameter.name())
                        .isEqualTo(parameter.value().floats());
            }
        }
    }

    @Test
    void anAdapterOfOtherExpertsIsRefused() throws IOException {
        GgufFile file = TestModel.QWEN3MOE.write(folder);
        Path path = folder.resolve("adapter.gguf");
        try (TrainingEngine engine = GradientCase.of(TestModel.QWEN3MOE, file).open(ALL, EngineOptions.defaults())) {
            engine.trainable().write(path);
        }
        ModelOutline outline = ModelOutline.of(file);
        Map<String, List<Long>> shapes = new java.util.HashMap<>(outline.shapes());
        shapes.put("blk.0.ffn_up_exps.weight", List.of(64L, 96L, 5L));
        ModelOutline other =
                new ModelOutline("other", outline.architecture(), outline.headCounts(), outline.kvHeadCounts(), shapes);
        Adapter adapter = AdapterFiles.locate(path).read(outline);
        assertThatThrownBy(() -> adapter.requireFits(other))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("blk.0.ffn_up_exps.weight as 64 x 96 x 6, and in other it is 64 x 96 x 5");
    }

    @Test
    void whatExpertsCannotHaveIsRefusedByName() throws IOException {
        GgufFile mixture = TestModel.QWEN3MOE.write(folder);
        GgufFile dense = TestModel.LLAMA.write(folder);
        AdapterSpec everywhere = AdapterSpec.everywhere(4, 2);
        assertRefused(mixture, everywhere.withMagnitudes(), "DoRA is not implemented");
        assertRefused(mixture, new AdapterSpec(4, 2, everywhere.targets(), 0, 0.1), "dropout is not implemented");
        assertRefused(dense, ALL, "'router' needs a mixture of experts");
        AdapterSpec attention = new AdapterSpec(4, 2, Set.of(Target.Q, Target.V), 0, 0.1, true);
        TrainingEngine.open(mixture, attention, EngineOptions.defaults(), 1).close();
    }

    private static void assertRefused(GgufFile file, AdapterSpec adapter, String message) {
        assertThatThrownBy(() -> TrainingEngine.open(file, adapter, EngineOptions.defaults(), 1))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining(message);
    }

    private static double largestDifference(float[] logits, float[][] expected) {
        double largest = 0;
        int at = 0;
        for (float[] row : expected) {
            for (float value : row) {
                largest = Math.max(largest, Math.abs(logits[at++] - value));
            }
        }
        return largest;
    }
}
