package io.lethean.lem.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufTensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The types expected are those of tensor_type_fallback in llama.cpp's quantize. */
class TensorTypesTest {

    private static GgufTensor tensor(long columns) {
        return new GgufTensor("blk.0.attn_q.weight", List.of(columns, 8L), GgmlType.F32, 0, 0);
    }

    @ParameterizedTest
    @CsvSource({
        "Q2_K, Q4_0", "Q3_K, Q4_0", "Q4_K, Q5_0", "Q5_K, Q5_1", "Q6_K, Q8_0",
        "IQ1_S, IQ4_NL", "IQ1_M, IQ4_NL", "IQ2_XXS, IQ4_NL", "IQ2_XS, IQ4_NL", "IQ2_S, IQ4_NL",
        "IQ3_XXS, IQ4_NL", "IQ3_S, IQ4_NL", "IQ4_XS, IQ4_NL", "TQ1_0, Q4_0", "TQ2_0, Q4_0"
    })
    void rowsOf32ButNot256Values_areWrittenInTheTypeThatLlamaCppTakes(GgmlType asked, GgmlType written) {
        assertThat(TensorTypes.fitting(tensor(576), asked)).isEqualTo(written);
        assertThat(TensorTypes.fitting(tensor(512), asked)).isEqualTo(asked);
        assertThat(TensorTypes.fitting(tensor(172), asked)).isEqualTo(GgmlType.F16);
    }

    @ParameterizedTest
    @EnumSource(names = {"Q4_0", "Q5_1", "Q8_0", "IQ4_NL", "MXFP4", "Q2_0"})
    void rowsThatNoBlockOf32Fits_areF16(GgmlType asked) {
        assertThat(TensorTypes.fitting(tensor(172), asked)).isEqualTo(GgmlType.F16);
    }

    @Test
    void typeWithoutASmallerOne_isRefusedWithARemedy() {
        assertThatThrownBy(() -> TensorTypes.fitting(tensor(576), GgmlType.Q1_0))
                .isInstanceOf(InvalidModelException.class)
                .hasMessage("The tensor blk.0.attn_q.weight has rows of 576 values, which are not whole blocks of q1_0"
                        + " (128 values), and no similar type has smaller blocks; choose another type, such as q4_0.");
    }

    @Test
    void manyTensorsOfOneReason_areOneSentence() {
        List<TypeFallback> fallbacks = new ArrayList<>();
        TypeFallback.fitting(tensor(576), GgmlType.Q4_K, fallbacks);
        TypeFallback.fitting(tensor(512), GgmlType.Q4_K, fallbacks);
        TypeFallback.fitting(tensor(576), GgmlType.Q6_K, fallbacks);
        TypeFallback.fitting(tensor(576), GgmlType.Q4_K, fallbacks);

        assertThat(TypeFallback.summary(fallbacks))
                .containsExactly(
                        "2 tensors have rows of 576 values, which are not whole blocks of q4_K, so they are written as"
                                + " q5_0.",
                        "1 tensor has rows of 576 values, which are not whole blocks of q6_K, so it is written as q8_0.");
        assertThat(fallbacks.getFirst().note())
                .isEqualTo("blk.0.attn_q.weight has rows of 576 values, which are not whole blocks of q4_K, so it is"
                        + " written as q5_0.");
    }
}
