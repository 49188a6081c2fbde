package io.lethean.lem.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RowCodecIT {

    private static final int COLUMNS = 512;

    /** All but two: ggml takes seconds to build their tables; they pass as well. */
    static Stream<GgmlType> encodable() {
        return Arrays.stream(GgmlType.values())
                .filter(type -> type != GgmlType.IQ2_S && type != GgmlType.IQ1_M)
                .filter(type -> RowCodec.of(type).filter(RowCodec::canEncode).isPresent());
    }

    private static byte[] encode(GgmlType type, float[] values) {
        RowCodec codec = RowCodec.of(type).orElseThrow();
        try (Arena arena = Arena.ofConfined()) {
            RowScratch scratch = new RowScratch(arena, COLUMNS, COLUMNS);
            MemorySegment to = arena.allocate(type.rowBytes(COLUMNS), 64);
            codec.put(values, codec.unpacked(to, scratch.wanted()), 0, scratch, COLUMNS);
            codec.pack(scratch.wanted(), to, 1, COLUMNS);
            return to.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static float[] decode(GgmlType type, byte[] bytes) {
        RowCodec codec = RowCodec.of(type).orElseThrow();
        try (Arena arena = Arena.ofConfined()) {
            RowScratch scratch = new RowScratch(arena, COLUMNS, COLUMNS);
            MemorySegment from = arena.allocate(bytes.length, 64);
            from.copyFrom(MemorySegment.ofArray(bytes));
            float[] values = new float[COLUMNS];
            codec.get(codec.unpack(from, scratch.wanted(), COLUMNS), 0, scratch, values, COLUMNS);
            return values;
        }
    }

    private static float half(byte[] bytes, int at) {
        return Float.float16ToFloat((short) (bytes[at] & 0xFF | bytes[at + 1] << 8));
    }

    /** The format by its definition: a 16-bit scale, then 32 signed bytes; the scale is the largest size / 127. */
    @Test
    void eightBitBlocksAreAScaleAndSignedBytes() {
        float[] values = ExampleModel.values(COLUMNS, new SplittableRandom(1));
        byte[] bytes = encode(GgmlType.Q8_0, values);
        float[] decoded = decode(GgmlType.Q8_0, bytes);
        for (int i = 0; i < COLUMNS; i++) {
            int block = i / 32 * 34;
            assertThat(decoded[i]).isEqualTo(half(bytes, block) * bytes[block + 2 + i % 32]);
            float largest = 0;
            for (int j = i / 32 * 32; j < i / 32 * 32 + 32; j++) {
                largest = Math.max(largest, Math.abs(values[j]));
            }
            assertThat(half(bytes, block)).isEqualTo(Float.float16ToFloat(Float.floatToFloat16(largest / 127)));
            assertThat(Math.abs(decoded[i] - values[i])).isLessThanOrEqualTo(largest / 127 * 0.57f);
        }
    }

    /** A 16-bit scale, then 16 bytes: the low halves are the first 16 values, the high halves the last, minus 8. */
    @Test
    void fourBitBlocksAreAScaleAndHalfBytes() {
        byte[] bytes = encode(GgmlType.Q4_0, ExampleModel.values(COLUMNS, new SplittableRandom(2)));
        float[] decoded = decode(GgmlType.Q4_0, bytes);
        for (int i = 0; i < COLUMNS; i++) {
            int block = i / 32 * 18;
            int pair = bytes[block + 2 + i % 16] & 0xFF;
            int quant = (i % 32 < 16 ? pair & 15 : pair >> 4) - 8;
            assertThat(decoded[i]).isEqualTo(half(bytes, block) * quant);
        }
    }

    @ParameterizedTest
    @MethodSource("encodable")
    void zerosStayZeros(GgmlType type) {
        for (float value : decode(type, encode(type, new float[COLUMNS]))) {
            assertThat(value).isZero();
        }
    }

    /** Rows that quantizers stumble over; what ggml cannot take would end the process here. */
    @ParameterizedTest
    @MethodSource("encodable")
    void oddRowsAreWrittenWithoutEndingTheProcess(GgmlType type) {
        float largest = Math.min(RowCodec.of(type).orElseThrow().largest(), 1e6f);
        SplittableRandom random = new SplittableRandom(type.id());
        for (float size : new float[] {largest, 1e5f, 1, 1e-8f, 1e-20f, 1e-38f, Float.MIN_VALUE}) {
            for (float[] row : oddRows(size, random)) {
                decode(type, encode(type, row));
            }
        }
    }

    private static List<float[]> oddRows(float size, SplittableRandom random) {
        float[] constant = new float[COLUMNS];
        Arrays.fill(constant, size);
        float[] alternating = constant.clone();
        float[] spike = new float[COLUMNS];
        spike[17] = -size;
        float[] wide = new float[COLUMNS];
        float[] few = new float[COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
            alternating[i] *= i % 2 == 0 ? 1 : -1;
            wide[i] = (float) (size * Math.pow(10, -random.nextDouble(40)) * (random.nextBoolean() ? 1 : -1));
            few[i] = size * (random.nextInt(3) - 1);
        }
        return List.of(constant, alternating, spike, wide, few);
    }
}
