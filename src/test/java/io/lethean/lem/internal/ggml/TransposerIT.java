package io.lethean.lem.internal.ggml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.internal.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransposerIT {

    /** Less than a strip, several strips, and sides that are not multiples of a tile. */
    @ParameterizedTest
    @CsvSource({"3, 5", "64, 600", "45, 257", "33, 31"})
    void f32IsTransposedExactly(int columns, int rows) {
        float[] turned = transpose(GgmlType.F32, columns, rows);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                assertThat(turned[column * rows + row]).isEqualTo(value(row, column));
            }
        }
    }

    @Test
    void f16IsTheNearestHalf() {
        float[] turned = transpose(GgmlType.F16, 40, 300);
        assertThat(turned[7 * 300 + 290]).isEqualTo(Float.float16ToFloat(Float.floatToFloat16(value(290, 7))));
    }

    /**
     * A block has 32 values and a scale: the error is at most half of the largest value / 127, and a half's
     * rounding.
     */
    @Test
    void q8IsWithinHalfAStepOfItsBlock() {
        float[] turned = transpose(GgmlType.Q8_0, 40, 320);
        for (int row = 0; row < 320; row++) {
            for (int column = 0; column < 40; column++) {
                float largest = 0;
                for (int i = row / 32 * 32; i < row / 32 * 32 + 32; i++) {
                    largest = Math.max(largest, Math.abs(value(i, column)));
                }
                assertThat(Math.abs(turned[column * 320 + row] - value(row, column)))
                        .isLessThan(largest / 225);
            }
        }
    }

    @Test
    void rowsThatAreNoWholeBlocksAreRefused() {
        assertThatThrownBy(() -> new Transposer(GgmlType.F32, GgmlType.Q8_0, 8, 33))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Transposer(GgmlType.F32, GgmlType.Q4_0, 8, 32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("q4_0");
    }

    private static float value(int row, int column) {
        return (float) Math.sin(row * 12.9898 + column * 78.233);
    }

    /** The transpose as f32, whatever its type. */
    private static float[] transpose(GgmlType type, int columns, int rows) {
        Backend.cpu(1).close();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = arena.allocate(ValueLayout.JAVA_FLOAT, (long) columns * rows);
            for (int i = 0; i < columns * rows; i++) {
                source.setAtIndex(ValueLayout.JAVA_FLOAT, i, value(i / columns, i % columns));
            }
            Transposer transposer = new Transposer(GgmlType.F32, type, columns, rows);
            MemorySegment turned = arena.allocate(transposer.bytes(), 64);
            transposer.transpose(source, turned);
            if (type == GgmlType.F32) {
                return turned.toArray(ValueLayout.JAVA_FLOAT);
            }
            // Turned twice: the way back expands the type.
            Transposer back = new Transposer(type, GgmlType.F32, rows, columns);
            MemorySegment again = arena.allocate(back.bytes(), 64);
            back.transpose(turned, again);
            float[] result = new float[columns * rows];
            for (int i = 0; i < result.length; i++) {
                result[i] = again.getAtIndex(ValueLayout.JAVA_FLOAT, (long) (i % rows) * columns + i / rows);
            }
            return result;
        }
    }
}
