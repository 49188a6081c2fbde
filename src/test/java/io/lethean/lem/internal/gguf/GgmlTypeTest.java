package io.lethean.lem.internal.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GgmlTypeTest {

    @Test
    void idIsThePositionInTheEnum() {
        assertThat(GgmlType.values()).hasSize(43);
        for (GgmlType type : GgmlType.values()) {
            assertThat(type.id()).isEqualTo(type.ordinal());
            assertThat(GgmlType.byId(type.id())).contains(type);
        }
        assertThat(GgmlType.byId(-1)).isEmpty();
        assertThat(GgmlType.byId(43)).isEmpty();
    }

    /** Bits per number as the formats are known by, from the structs of each block. */
    @ParameterizedTest
    @CsvSource({
        "F32, 32",
        "F16, 16",
        "BF16, 16",
        "Q4_0, 4.5",
        "Q4_1, 5",
        "Q5_0, 5.5",
        "Q5_1, 6",
        "Q8_0, 8.5",
        "Q2_K, 2.625",
        "Q3_K, 3.4375",
        "Q4_K, 4.5",
        "Q5_K, 5.5",
        "Q6_K, 6.5625",
        "IQ2_XXS, 2.0625",
        "IQ2_XS, 2.3125",
        "IQ3_XXS, 3.0625",
        "IQ1_S, 1.5625",
        "IQ4_NL, 4.5",
        "IQ3_S, 3.4375",
        "IQ2_S, 2.5625",
        "IQ4_XS, 4.25",
        "IQ1_M, 1.75",
        "TQ1_0, 1.6875",
        "TQ2_0, 2.0625",
        "MXFP4, 4.25",
        "NVFP4, 4.5",
        "Q1_0, 1.125",
        "Q2_0, 2.25",
        "F64, 64"
    })
    void sizesGiveTheKnownBitsPerNumber(GgmlType type, double bits) {
        assertThat(8.0 * type.typeSize() / type.blockSize()).isEqualTo(bits);
    }

    @Test
    void rowsConsistOfWholeBlocks() {
        assertThat(GgmlType.Q8_0.rowBytes(64)).isEqualTo(68);
        assertThatThrownBy(() -> GgmlType.Q8_0.rowBytes(33)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> GgmlType.Q4_2.rowBytes(32)).isInstanceOf(IllegalArgumentException.class);
    }
}
