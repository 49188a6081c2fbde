package io.lethean.lem.internal.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** Expected bytes are worked out by hand from the layout of the blocks. */
class BlockEncoderTest {

    @Test
    void f16AndBf16RoundToTheNearestEven() {
        assertThat(encode(GgmlType.F16, 1, 65_504, 1 + 0x1p-11f)).containsExactly(0x00, 0x3C, 0xFF, 0x7B, 0x00, 0x3C);
        assertThat(encode(GgmlType.BF16, 1, -2, 1 + 0x1p-8f)).containsExactly(0x80, 0x3F, 0x00, 0xC0, 0x80, 0x3F);
    }

    @Test
    void q8_0ScalesTheLargestMagnitudeTo127AndRoundsHalvesAway() {
        float[] values = new float[32];
        values[0] = -127;
        values[1] = 2.5f;
        values[2] = -2.5f;
        values[31] = 0.49999997f;

        int[] bytes = encode(GgmlType.Q8_0, values);

        assertThat(bytes).hasSize(34);
        assertThat(bytes[0] | bytes[1] << 8).isEqualTo(0x3C00);
        assertThat(new int[] {bytes[2], bytes[3], bytes[4], bytes[33]}).containsExactly(0x81, 3, 0xFD, 0);
    }

    @Test
    void q4_0TakesTheLargestMagnitudeToMinusEightAndPairsElementsSixteenApart() {
        float[] values = new float[32];
        values[0] = 16;
        values[16] = -14;
        values[1] = 1;

        int[] bytes = encode(GgmlType.Q4_0, values);

        assertThat(bytes).hasSize(18);
        assertThat(bytes[0] | bytes[1] << 8).isEqualTo(0xC000);
        assertThat(new int[] {bytes[2], bytes[3], bytes[4]}).containsExactly(0xF0, 0x88, 0x88);
    }

    @Test
    void zerosStayZeros() {
        assertThat(encode(GgmlType.Q8_0, new float[32])).containsOnly(0);
        int[] q4 = encode(GgmlType.Q4_0, new float[32]);
        assertThat(q4[1] << 8 & 0x7F00 | q4[0]).isZero();
        assertThat(java.util.Arrays.copyOfRange(q4, 2, 18)).containsOnly(0x88);
    }

    @Test
    void refusesPartsOfBlocksAndOtherTypes() {
        assertThatThrownBy(() -> encode(GgmlType.Q8_0, new float[31])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BlockEncoder.of(GgmlType.Q4_K)).isInstanceOf(IllegalArgumentException.class);
    }

    private static int[] encode(GgmlType type, float... values) {
        ByteBuffer out = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
        BlockEncoder.of(type).encode(values, 0, values.length, out);
        int[] bytes = new int[out.flip().remaining()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = out.get() & 0xFF;
        }
        return bytes;
    }
}
