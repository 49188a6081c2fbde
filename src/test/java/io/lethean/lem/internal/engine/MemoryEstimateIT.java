package io.lethean.lem.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.lethean.lem.InsufficientMemoryException;
import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.gguf.Architecture;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.train.options.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The prediction against what was allocated. */
class MemoryEstimateIT {

    static final RandomModel LLAMA = RandomModel.llama(3, 320, 4, 2, 896, 2000).type(GgmlType.Q8_0);
    private static final RandomModel MANY_HEADS =
            RandomModel.llama(3, 256, 32, 8, 512, 2000).type(GgmlType.Q8_0);
    static final RandomModel GEMMA = RandomModel.gemma3(3, 320, 4, 1, 1024, 2000)
            .headSize(128)
            .slidingWindow(64)
            .type(GgmlType.Q8_0);
    private static final RandomModel GEMMA4 = RandomModel.of(Architecture.GEMMA4, 6, 320, 4, 2, 1024, 2000)
            .headSize(128)
            .slidingWindow(64)
            .sharedKeyLayers(4)
            .layerInput(64)
            .type(GgmlType.Q8_0);
    private static final RandomModel QWEN_MOE = RandomModel.of(Architecture.QWEN3MOE, 3, 320, 4, 2, 192, 2000)
            .experts(16, 4)
            .type(GgmlType.Q8_0);
    private static final RandomModel GPT_OSS = RandomModel.of(Architecture.GPT_OSS, 3, 320, 8, 2, 320, 2000)
            .experts(8, 4)
            .type(GgmlType.Q8_0);
    static final EngineOptions OPTIONS = EngineOptions.defaults();
    static final AdapterSpec EVERYWHERE = AdapterSpec.everywhere(8, 2);

    @TempDir
    Path folder;

    Backend backend(EngineOptions options) {
        return Backend.cpu(options.threads());
    }

    /** The largest error that is allowed, in percent. */
    int bound(int ofCpu) {
        return ofCpu;
    }

    @Test
    void wideModelsAndShortSequences() throws IOException {
        assertPredicted(LLAMA, EVERYWHERE, 2, 64, OPTIONS);
        assertPredicted(GEMMA, EVERYWHERE, 2, 64, OPTIONS);
        assertPredicted(GEMMA, EVERYWHERE, 2, 64, OPTIONS.withTabledGelu(true));
    }

    @Test
    void recomputedActivations() throws IOException {
        assertPredicted(LLAMA, EVERYWHERE, 2, 64, OPTIONS.withRecomputedLayers(3));
        assertPredicted(LLAMA, EVERYWHERE, 2, 64, OPTIONS.withRecomputedLayers(1));
        assertPredicted(GEMMA, EVERYWHERE, 2, 64, OPTIONS.withRecomputedLayers(3));
    }

    @Test
    void longSequences() throws IOException {
        assertPredicted(LLAMA, EVERYWHERE, 1, 768, OPTIONS);
        assertPredicted(LLAMA, EVERYWHERE, 1, 768, OPTIONS.withRecomputedLayers(3));
        assertPredicted(LLAMA, EVERYWHERE, 2, 1536, OPTIONS);
        assertPredicted(LLAMA, EVERYWHERE, 1, 1536, OPTIONS.withRecomputedLayers(3));
        assertPredicted(MANY_HEADS, EVERYWHERE, 1, 1536, OPTIONS);
        assertPredicted(GEMMA, EVERYWHERE, 1, 768, OPTIONS);
        assertPredicted(GEMMA, EVERYWHERE, 1, 1536, OPTIONS);
    }

    @Test
    void layersThatVary() throws IOException {
        AdapterSpec dropping = new AdapterSpec(8, 2, EVERYWHERE.targets(), 0, 0.1);
        AdapterSpec upper = new AdapterSpec(8, 2, EVERYWHERE.targets(), 3);
        for (EngineOptions options : List.of(OPTIONS, OPTIONS.withRecomputedLayers(6))) {
            assertPredicted(GEMMA4, EVERYWHERE, 2, 64, options);
            assertPredicted(GEMMA4, EVERYWHERE, 1, 768, options);
            assertPredicted(GEMMA4, EVERYWHERE, 1, 1536, options);
            assertPredicted(GEMMA4, dropping, 2, 256, options);
            assertPredicted(GEMMA4, upper, 2, 256, options);
            assertPredicted(GEMMA4.layerInput(256), EVERYWHERE, 2, 128, options);
            assertPredicted(GEMMA4.layerInput(0).values(false), EVERYWHERE, 1, 512, options);
            assertPredicted(GEMMA4, EVERYWHERE.withMagnitudes(), 2, 64, options);
        }
    }

    @Test
    void magnitudes() throws IOException {
        AdapterSpec dora = EVERYWHERE.withMagnitudes();
        AdapterSpec upper = new AdapterSpec(4, 1, EnumSet.of(Target.Q, Target.V), 2).withMagnitudes();
        AdapterSpec attention =
                new AdapterSpec(8, 2, EnumSet.of(Target.Q, Target.K, Target.V, Target.O), 1).withMagnitudes();
        AdapterSpec hidden = new AdapterSpec(8, 2, EnumSet.of(Target.GATE, Target.UP, Target.DOWN), 0).withMagnitudes();
        AdapterSpec wide = AdapterSpec.everywhere(32, 2).withMagnitudes();
        AdapterSpec dropping = new AdapterSpec(8, 2, EVERYWHERE.targets(), 0, 0.1, true);
        for (RandomModel model : List.of(LLAMA, MANY_HEADS, GEMMA)) {
            for (EngineOptions options : List.of(OPTIONS, OPTIONS.withRecomputedLayers(3))) {
                for (AdapterSpec adapter : List.of(dora, upper, attention, hidden, wide, dropping)) {
                    assertPredicted(model, adapter, 2, 64, options, 10);
                    assertPredicted(model, adapter, 1, 768, options, 10);
                }
            }
        }
        assertPredicted(GEMMA, dora, 2, 64, OPTIONS.withTabledGelu(true), 10);
        for (RandomModel model : List.of(QWEN_MOE, GPT_OSS)) {
            assertPredicted(model, attention, 2, 64, OPTIONS, 10);
            assertPredicted(model, attention, 1, 768, OPTIONS.withRecomputedLayers(3), 10);
        }
    }

    @Test
    void mixturesOfExperts() throws IOException {
        for (RandomModel model : List.of(QWEN_MOE, GPT_OSS)) {
            for (EngineOptions options : List.of(OPTIONS, OPTIONS.withRecomputedLayers(3))) {
                assertPredicted(model, EVERYWHERE, 2, 64, options, 10);
                assertPredicted(model, EVERYWHERE, 1, 768, options, 10);
            }
            AdapterSpec attention = new AdapterSpec(8, 2, EnumSet.of(Target.Q, Target.V, Target.ROUTER), 1);
            assertPredicted(model, attention, 2, 64, OPTIONS, 10);
            assertPredicted(model, attention, 1, 768, OPTIONS, 10);
        }
    }

    /** Where matrices cannot be multiplied by as they are, the layer's experts are in memory as f32 for a moment. */
    @Test
    void deviceOfItsOwn_needsMemoryForTheExpandedExperts() throws IOException {
        Path path = folder.resolve("model.gguf");
        QWEN_MOE.write(path, 1);
        GgufFile file = GgufFile.read(path);
        BatchShape shape = new BatchShape(1, 32, false);
        long experts = 4L * 16 * 320 * 192;
        long here = MemoryEstimate.of(file, EVERYWHERE, shape, OPTIONS).work();
        assertThat(MemoryEstimate.of(file, EVERYWHERE, shape, OPTIONS, false).work() - here)
                .isBetween(2 * experts, 3 * experts);
        QWEN_MOE.type(GgmlType.F32).write(path, 1);
        assertThat(MemoryEstimate.of(GgufFile.read(path), EVERYWHERE, shape, OPTIONS, false)
                                .work()
                        - here)
                .isBetween(experts, 2 * experts);
    }

    @Test
    void expertsNextToDenseParts() throws IOException {
        RandomModel model =
                GEMMA4.sharedKeyLayers(0).layerInput(0).values(false).experts(8, 4);
        for (EngineOptions options : List.of(OPTIONS, OPTIONS.withRecomputedLayers(6))) {
            assertPredicted(model, EVERYWHERE, 2, 64, options);
            assertPredicted(model, EVERYWHERE, 1, 768, options);
        }
    }

    @Test
    void fewTargetsOfUpperLayers() throws IOException {
        assertPredicted(LLAMA, new AdapterSpec(4, 1, EnumSet.of(Target.Q, Target.V), 2), 2, 64, OPTIONS);
    }

    @Test
    void lessMemoryIsMetByTheNextCheaperWay() throws IOException {
        Path path = folder.resolve("model.gguf");
        LLAMA.write(path, 1);
        GgufFile file = GgufFile.read(path);
        BatchShape shape = new BatchShape(2, 64, false);
        long kept = MemoryEstimate.of(file, EVERYWHERE, shape, OPTIONS).total();
        MemoryPlan enough = MemoryPlan.of(file, EVERYWHERE, shape, OPTIONS, available(kept), true);
        assertThat(enough.options()).isEqualTo(OPTIONS);
        assertThat(enough.toString()).startsWith("Memory: ").endsWith("activations are kept");
        MemoryPlan less = MemoryPlan.of(file, EVERYWHERE, shape, OPTIONS, available(kept) - 10, true);
        EngineOptions least = OPTIONS.withRecomputedLayers(3);
        assertThat(less.options()).isEqualTo(least);
        assertThat(less.toString())
                .endsWith(String.format(
                        "activations are computed again, because the fastest way needs %.0f MB", kept / 1e6));
        long smallest = MemoryEstimate.of(file, EVERYWHERE, shape, least).total();
        assertThatThrownBy(() -> MemoryPlan.of(file, EVERYWHERE, shape, OPTIONS, smallest / 2, true))
                .isInstanceOf(InsufficientMemoryException.class)
                .hasMessageContaining("2 sequences of 64 tokens")
                .extracting("requiredBytes")
                .isEqualTo(smallest);
    }

    @Test
    void masksOfDropout() throws IOException {
        AdapterSpec dropping = new AdapterSpec(8, 2, EVERYWHERE.targets(), 0, 0.1);
        assertPredicted(LLAMA, dropping, 2, 256, OPTIONS);
        assertPredicted(GEMMA, dropping, 2, 256, OPTIONS);
    }

    /** So many free bytes that a plan may use this many. */
    private static long available(long used) {
        return (long) Math.ceil(used / 0.9) + 1;
    }

    final void assertPredicted(RandomModel model, AdapterSpec adapter, int sequences, int tokens, EngineOptions options)
            throws IOException {
        assertPredicted(model, adapter, sequences, tokens, options, 15);
    }

    private void assertPredicted(
            RandomModel model, AdapterSpec adapter, int sequences, int tokens, EngineOptions options, int percent)
            throws IOException {
        Path path = folder.resolve("model.gguf");
        model.write(path, 1);
        GgufFile file = GgufFile.read(path);
        SampleBatch batch = new SampleBatch(tokens, new int[sequences * tokens], new int[sequences * tokens]);
        Backend backend = backend(options);
        MemoryEstimate estimate =
                MemoryEstimate.of(file, adapter, BatchShape.of(batch), options, backend.hasProducts());
        try (TrainingEngine engine = TrainingEngine.open(file, adapter, options, 1, backend)) {
            engine.bucket(batch);
            assertThat(estimate.total())
                    .as(file.metadata().architecture() + ", " + sequences + " x " + tokens + ", " + adapter + ", "
                            + options + ": " + estimate + "; stash and work are "
                            + engine.bucket(batch).stashBytes() / 1e6 + " and "
                            + engine.bucket(batch).workBytes() / 1e6)
                    .isCloseTo(
                            engine.memoryBytes(),
                            withinPercentage(
                                    bound(file.metadata().architecture().equals("gemma4") ? 10 : percent)));
        }
    }
}
