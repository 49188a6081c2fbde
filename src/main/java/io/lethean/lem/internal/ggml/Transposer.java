package io.lethean.lem.internal.ggml;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Turns a matrix of any type into its transpose as f32, f16 or q8_0, a strip of rows at a time.
 *
 * <p>Done in Java because ggml's own transposing copy goes number by number on the CPU.
 */
public final class Transposer {

    /** Rows per strip: what one converted piece of a result's row holds; a multiple of the blocks of q8_0. */
    private static final int STRIP = 256;

    /** Side of the square that is turned within the caches. */
    private static final int TILE = 32;

    private final GgmlType from;
    private final GgmlType to;
    private final int columns;
    private final long rows;

    /** @param columns a multiple of the block of {@code from}; {@code rows} of the block of {@code to} */
    public Transposer(GgmlType from, GgmlType to, long columns, long rows) {
        if (to != GgmlType.F32 && to != GgmlType.F16 && to != GgmlType.Q8_0) {
            throw new IllegalArgumentException(
                    "A transpose can be stored as f32, f16 or q8_0, not as " + to.ggmlName() + ".");
        }
        from.rowBytes(columns);
        to.rowBytes(rows);
        this.from = from;
        this.to = to;
        this.columns = Math.toIntExact(columns);
        this.rows = rows;
    }

    /** Bytes of the result. */
    public long bytes() {
        return columns * to.rowBytes(rows);
    }

    /**
     * Writes the transpose.
     *
     * @param source the matrix, row by row
     * @param target outside the heap, {@link #bytes()} long
     */
    public void transpose(MemorySegment source, MemorySegment target) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment strip = arena.allocate((long) STRIP * columns * Float.BYTES, 64);
            float[] numbers = new float[STRIP * columns];
            float[] turned = new float[STRIP * columns];
            for (long row = 0; row < rows; row += STRIP) {
                int count = (int) Math.min(STRIP, rows - row);
                Expansion.expand(
                        from,
                        source.asSlice(row * from.rowBytes(columns), count * from.rowBytes(columns)),
                        strip,
                        (long) count * columns);
                MemorySegment.copy(strip, ValueLayout.JAVA_FLOAT, 0, numbers, 0, count * columns);
                turn(numbers, turned, count);
                MemorySegment.copy(turned, 0, strip, ValueLayout.JAVA_FLOAT, 0, count * columns);
                store(strip, target, row, count);
            }
        }
    }

    private void turn(float[] in, float[] out, int count) {
        for (int row = 0; row < count; row += TILE) {
            int rowEnd = Math.min(row + TILE, count);
            for (int column = 0; column < columns; column += TILE) {
                int columnEnd = Math.min(column + TILE, columns);
                for (int c = column; c < columnEnd; c++) {
                    for (int r = row; r < rowEnd; r++) {
                        out[c * count + r] = in[r * columns + c];
                    }
                }
            }
        }
    }

    /** Writes numbers {@code row} to {@code row + count} of every row of the result. */
    private void store(MemorySegment turned, MemorySegment target, long row, int count) {
        long rowBytes = to.rowBytes(rows);
        long piece = to.rowBytes(count);
        for (int column = 0; column < columns; column++) {
            MemorySegment from = turned.asSlice((long) column * count * Float.BYTES, (long) count * Float.BYTES);
            MemorySegment into = target.asSlice(column * rowBytes + to.rowBytes(row), piece);
            if (to == GgmlType.F32) {
                into.copyFrom(from);
            } else if (to == GgmlType.F16) {
                LlamaCpp.ggml_fp32_to_fp16_row(from, into, count);
            } else {
                LlamaCpp.ggml_quantize_chunk(to.id(), from, into, 0, 1, count, MemorySegment.NULL);
            }
        }
    }
}
