package io.lethean.lem.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.internal.gguf.GgmlType;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The expected layers are those that llama.cpp's quantize chooses for a model of 32 layers. */
class QuantizationMixTest {

    private static final int LAYERS = 32;

    private static List<Integer> layers(QuantizationMix mix, String tensor, GgmlType type) {
        return IntStream.range(0, LAYERS)
                .filter(layer -> mix.type("blk." + layer + "." + tensor + ".weight", LAYERS) == type)
                .boxed()
                .toList();
    }

    @Test
    void q4_K_M_hasFinerTypesInSixteenOf32Layers() {
        List<Integer> finer = List.of(0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31);

        assertThat(layers(QuantizationMix.Q4_K_M, "ffn_down", GgmlType.Q6_K)).isEqualTo(finer);
        assertThat(layers(QuantizationMix.Q4_K_M, "attn_v", GgmlType.Q6_K)).isEqualTo(finer);
        assertThat(layers(QuantizationMix.Q4_K_M, "attn_q", GgmlType.Q4_K)).hasSize(LAYERS);
        assertThat(QuantizationMix.Q4_K_M.type("token_embd.weight", LAYERS)).isEqualTo(GgmlType.Q4_K);
    }

    @Test
    void smallMixes_haveFinerTypesInTheFirstLayersOnly() {
        assertThat(layers(QuantizationMix.Q4_K_S, "attn_v", GgmlType.Q5_K)).containsExactly(0, 1, 2, 3);
        assertThat(layers(QuantizationMix.Q4_K_S, "ffn_down", GgmlType.Q5_K)).containsExactly(0, 1, 2, 3);
        assertThat(layers(QuantizationMix.Q3_K_M, "attn_v", GgmlType.Q5_K)).containsExactly(0, 1);
        assertThat(layers(QuantizationMix.Q3_K_M, "ffn_down", GgmlType.Q4_K)).hasSize(30);
        assertThat(layers(QuantizationMix.Q3_K_L, "attn_output", GgmlType.Q5_K)).hasSize(LAYERS);
        assertThat(layers(QuantizationMix.Q5_K_S, "ffn_down", GgmlType.Q5_K)).hasSize(LAYERS);
    }

    @Test
    void mixesAreNamedInAnyCase_andOnlyForAllTensors() {
        assertThat(QuantizationMix.named("q4_k_m")).contains(QuantizationMix.Q4_K_M);
        assertThat(QuantizationMix.named("Q4_K_M")).contains(QuantizationMix.Q4_K_M);
        assertThat(QuantizationMix.named("q4_K_M")).contains(QuantizationMix.Q4_K_M);
        assertThat(QuantizationMix.named("q4_K")).isEmpty();
        assertThatThrownBy(() -> OutputTypes.parse("attn_v=q4_K_M"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is a mix of types for a whole model");
        assertThatThrownBy(() -> OutputTypes.parse("iq3_m")).hasMessageContaining("and the mixes q3_K_S, q3_K_M");
    }
}
