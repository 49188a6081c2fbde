package io.lethean.lem.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.ggml.Rope;
import io.lethean.lem.internal.gguf.Architecture;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufType;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.train.options.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecoderSpecReaderTest {

    private static final RandomModel LLAMA = RandomModel.llama(2, 64, 4, 2, 96, 384);

    @TempDir
    Path folder;

    @Test
    void llamaIsDescribed() throws IOException {
        DecoderSpec spec = read(LLAMA.writer(1));
        assertThat(spec.widths().hiddenSize()).isEqualTo(64);
        LayerWidths widths = spec.layer(0).widths();
        assertThat(widths.group()).isEqualTo(2);
        assertThat(widths.headSize()).isEqualTo(16);
        assertThat(spec.scales().attention()).isEqualTo(0.25f);
        assertThat(spec.layers()).allMatch(layer -> layer.window() == 0);
        assertThat(widths.output(Target.K)).isEqualTo(32);
        assertThat(widths.input(Target.DOWN)).isEqualTo(96);
    }

    @Test
    void gemma3HasAWindowAndAFasterRotationInFiveOfSixLayers() throws IOException {
        GgufWriter writer =
                RandomModel.gemma3(12, 64, 4, 2, 96, 384).slidingWindow(5).writer(1);
        DecoderSpec spec = read(writer.put("gemma3.rope.freq_base", GgufValue.of(1e6f))
                .put("gemma3.rope.scaling.factor", GgufValue.of(8f)));
        assertThat(spec.layers().stream().map(LayerSpec::window)).containsExactly(5, 5, 5, 5, 5, 0, 5, 5, 5, 5, 5, 0);
        assertThat(spec.layers().get(0).rope().base()).isEqualTo(10_000);
        assertThat(spec.layers().get(0).rope().scale()).isEqualTo(1);
        assertThat(spec.layers().get(5).rope().base()).isEqualTo(1e6f);
        assertThat(spec.layers().get(5).rope().scale()).isEqualTo(0.125f);
        assertThat(spec.scales().embedding()).isEqualTo(8);
    }

    @Test
    void aPatternGivenLayerByLayerIsHeeded() throws IOException {
        DecoderSpec spec = read(RandomModel.gemma3(2, 64, 4, 2, 96, 384)
                .writer(1)
                .put("gemma3.attention.sliding_window_pattern", GgufArray.ofIntegers(GgufType.INT32, 0, 1)));
        assertThat(spec.layers().stream().map(LayerSpec::window)).containsExactly(0, 32);
    }

    @Test
    void gemma2CapsScoresAndLogits() throws IOException {
        DecoderSpec spec = read(RandomModel.gemma2(2, 64, 4, 2, 96, 384).writer(1));
        assertThat(spec.scales().attentionCap()).isEqualTo(50);
        assertThat(spec.scales().logitCap()).isEqualTo(30);
    }

    @Test
    void theLargestGemmasScaleAttentionByTheWidth() throws IOException {
        DecoderSpec spec =
                read(RandomModel.gemma3(62, 64, 4, 2, 32, 384).headSize(32).writer(1));
        assertThat(spec.scales().attention()).isEqualTo(0.25f);
    }

    private static final RandomModel GEMMA4 =
            RandomModel.of(Architecture.GEMMA4, 6, 64, 4, 2, 96, 384).sharedKeyLayers(2);

    @Test
    void layersOfGemma4HaveHeadsOfTheirKind_andTheLastOnesUseKeysOfEarlierOnes() throws IOException {
        DecoderSpec spec = read(GEMMA4.writer(1).put("gemma4.rope.freq_base", GgufValue.of(1e6f)));
        assertThat(spec.layers().stream().map(LayerSpec::window)).containsExactly(32, 0, 32, 0, 32, 0);
        assertThat(spec.layers().stream().map(LayerSpec::keysOf)).containsExactly(0, 1, 2, 3, 2, 3);
        assertThat(spec.layer(4).has(Target.K)).isFalse();
        assertThat(spec.layer(4).has(Target.V)).isFalse();
        assertThat(spec.layer(4).widths()).isEqualTo(new LayerWidths(64, 192, 4, 2, 16, 0));
        assertThat(spec.layer(1).widths()).isEqualTo(new LayerWidths(64, 96, 4, 1, 32, 0));
        assertThat(spec.layer(0).ropeFactors()).isFalse();
        assertThat(spec.layer(1).ropeFactors()).isTrue();
        assertThat(spec.layer(0).rope().base()).isEqualTo(10_000);
        assertThat(spec.layer(1).rope().base()).isEqualTo(1e6f);
        assertThat(spec.widths().layerInput()).isEqualTo(32);
        assertThat(spec.scales().attention()).isEqualTo(1);
    }

    @Test
    void layersWithoutAValueProjection_useTheKeysAsValues() throws IOException {
        DecoderSpec spec = read(GEMMA4.sharedKeyLayers(0).values(false).writer(1));
        assertThat(spec.layer(0).has(Target.V)).isTrue();
        assertThat(spec.layer(1).has(Target.V)).isFalse();
        assertThat(spec.layer(1).has(Target.K)).isTrue();
    }

    @Test
    void sharedKeysOfALayerOfTheOtherKindAreRefused() {
        GgufWriter writer = GEMMA4.writer(1).put("gemma4.attention.shared_kv_layers", GgufValue.uint32(1));
        assertThatThrownBy(() -> read(writer))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("layer 5 uses keys and values of an earlier layer")
                .hasMessageContaining("layer 4 has other windows or heads");
        GgufWriter all = GEMMA4.writer(1).put("gemma4.attention.shared_kv_layers", GgufValue.uint32(6));
        assertThatThrownBy(() -> read(all)).isInstanceOf(InvalidModelException.class);
    }

    @Test
    void aListOfWidthsForOtherLayersIsRefused() {
        GgufWriter writer =
                GEMMA4.writer(1).put("gemma4.feed_forward_length", GgufArray.ofIntegers(GgufType.UINT32, 96, 96));
        assertThatThrownBy(() -> read(writer))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("gemma4.feed_forward_length has 2 values for 6 layers");
        GgufWriter texts = GEMMA4.writer(1)
                .put("gemma4.feed_forward_length", GgufArray.ofStrings(List.of("a", "b", "c", "d", "e", "f")));
        assertThatThrownBy(() -> read(texts))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("not integers");
    }

    @Test
    void gemma4HasExpertsNextToDensePartsInEveryLayer() throws IOException {
        DecoderSpec spec = read(GEMMA4.sharedKeyLayers(0).experts(6, 3).writer(1));
        assertThat(spec.experts()).isEqualTo(new DecoderSpec.Experts(6, 3));
        assertThat(spec.layer(0).widths()).isEqualTo(new LayerWidths(64, 64, 4, 2, 16, 6, 96));
        assertThat(spec.weightName(Target.GATE, 1)).isEqualTo("blk.1.ffn_gate_up_exps.weight");
        GgufWriter dense = GEMMA4.writer(1)
                .put("gemma4.expert_count", GgufValue.uint32(6))
                .put("gemma4.expert_used_count", GgufValue.uint32(3))
                .put("gemma4.expert_feed_forward_length", GgufValue.uint32(64));
        assertThatThrownBy(() -> read(dense))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("it has no tensor blk.0.ffn_gate_up_exps.weight");
    }

    @Test
    void theExpertsOfGemma4AreRefusedByName() {
        GgufWriter writer = GEMMA4.writer(1);
        addTensor(writer, "blk.0.ffn_gate_inp.weight");
        assertThatThrownBy(() -> read(writer))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("gemma4 cannot be trained: its layers are mixtures of experts"
                        + " (blk.0.ffn_gate_inp.weight)");
    }

    @Test
    void gptOssHasExpertsAndPositionsScaledByYarn() throws IOException {
        DecoderSpec spec = read(RandomModel.of(Architecture.GPT_OSS, 2, 64, 4, 2, 96, 384)
                .experts(8, 3)
                .slidingWindow(7)
                .writer(1)
                .put("gpt-oss.rope.scaling.type", "yarn")
                .put("gpt-oss.rope.scaling.factor", GgufValue.of(32f))
                .put("gpt-oss.rope.scaling.original_context_length", GgufValue.uint32(4096)));
        assertThat(spec.experts()).isEqualTo(new DecoderSpec.Experts(8, 3));
        assertThat(spec.layers().stream().map(LayerSpec::window)).containsExactly(7, 0);
        for (LayerSpec layer : spec.layers()) {
            assertThat(layer.rope().scale()).isEqualTo(1 / 32f);
            assertThat(layer.rope().yarn()).isEqualTo(new Rope.Yarn(1, 4096, 32, 1));
        }
        assertThat(spec.weightName(Target.UP, 1)).isEqualTo("blk.1.ffn_up_exps.weight");
        assertThat(spec.weightName(Target.Q, 1)).isEqualTo("blk.1.attn_q.weight");
    }

    @Test
    void moreExpertsPerTokenThanThereAreAreRefused() {
        GgufWriter writer = RandomModel.of(Architecture.QWEN3MOE, 2, 64, 4, 2, 96, 384)
                .experts(8, 3)
                .writer(1)
                .put("qwen3moe.expert_used_count", GgufValue.uint32(9));
        assertThatThrownBy(() -> read(writer))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("qwen3moe.expert_used_count is 9, and there are 8 experts");
    }

    @Test
    void anArchitectureOfExpertsWithoutExpertsIsRefused() {
        assertThatThrownBy(() -> read(LLAMA.writer(1).put("general.architecture", "qwen3moe")))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("qwen3moe.expert_count is missing or 0");
    }

    @Test
    void anUnknownRouterIsRefusedWithTheExpertsNamed() {
        GgufWriter writer = LLAMA.writer(1).put("general.architecture", "deepseek2");
        addTensor(writer, "blk.0.ffn_gate_exps.weight");
        assertThatThrownBy(() -> read(writer))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("deepseek2 cannot be trained: its layers are mixtures of experts"
                        + " (blk.0.ffn_gate_exps.weight)");
    }

    @Test
    void anUnknownArchitectureIsRefusedWithThoseThatAreKnown() {
        assertThatThrownBy(() -> read(LLAMA.writer(1).put("general.architecture", "mamba")))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("mamba cannot be trained")
                .hasMessageContaining(
                        "known are llama, mistral3, qwen2, qwen3, qwen3moe, gpt-oss, gemma2, gemma3, gemma4");
    }

    @Test
    void everyArchitectureThatCanBeTrained_isAmongTheModelsWhoseGradientsAreChecked() {
        assertThat(Arrays.stream(Architecture.values()).filter(Architecture::trainable))
                .isSubsetOf(Arrays.stream(TestModel.values())
                        .map(TestModel::architecture)
                        .toList());
    }

    @Test
    void aTensorThatTheGraphWouldIgnoreIsRefusedByName() {
        GgufWriter writer = LLAMA.writer(1);
        addTensor(writer, "blk.1.attn_sinks.weight");
        assertThatThrownBy(() -> read(writer)).hasMessageContaining("blk.1.attn_sinks.weight");
    }

    @Test
    void fusedProjectionsAreRefusedAsSuch() {
        GgufWriter writer = LLAMA.writer(1);
        addTensor(writer, "blk.0.attn_qkv.weight");
        assertThatThrownBy(() -> read(writer))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining(
                        "llama cannot be trained: its projections to queries, keys and values are fused into"
                                + " one tensor (blk.0.attn_qkv.weight)");
    }

    @Test
    void aRouterWithoutExpertsIsRefused() {
        GgufWriter writer = LLAMA.writer(1);
        addTensor(writer, "blk.0.ffn_gate_inp.weight");
        assertThatThrownBy(() -> read(writer)).hasMessageContaining("blk.0.ffn_gate_inp.weight");
    }

    @Test
    void otherWaysOfStretchingPositionsAreRefused() {
        assertThatThrownBy(() -> read(LLAMA.writer(1).put("llama.rope.scaling.type", "longrope")))
                .hasMessageContaining("'longrope'");
        assertThatThrownBy(() -> read(LLAMA.writer(1)
                        .put("llama.rope.scaling.type", "yarn")
                        .put("llama.rope.scaling.yarn_log_multiplier", GgufValue.of(0.1f))))
                .hasMessageContaining("log multiplier");
    }

    @Test
    void headsOfDifferentNumberPerLayerAreRefused() {
        GgufWriter writer =
                LLAMA.writer(1).put("llama.attention.head_count", GgufArray.ofIntegers(GgufType.UINT32, 4, 4));
        assertThatThrownBy(() -> read(writer)).hasMessageContaining("llama.attention.head_count");
    }

    private static void addTensor(GgufWriter writer, String name) {
        writer.tensor(name, List.of(1L), GgmlType.F32, GgufWriter.TensorSource.of(new byte[4]));
    }

    private DecoderSpec read(GgufWriter writer) throws IOException {
        Path path = folder.resolve("model.gguf");
        writer.write(path);
        return DecoderSpecReader.read(GgufFile.read(path));
    }
}
