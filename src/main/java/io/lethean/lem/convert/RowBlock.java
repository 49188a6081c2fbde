package io.lethean.lem.convert;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.gguf.GgmlType;
import io.lethean.lem.gguf.GgufTensorData;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Room for one block of rows on its way from the input to the output; used by one thread at a time. */
final class RowBlock {

    private final MemorySegment source;
    private final MemorySegment scratch;
    private final MemorySegment target;
    private final float[] values;
    private final float[] written;
    private long length;

    /** Room in an arena for the largest of several rewrites' blocks. */
    RowBlock(Arena arena, Iterable<TensorRewrite> rewrites) {
        long sourceBytes = 1;
        long targetBytes = 1;
        int numbers = 1;
        for (TensorRewrite rewrite : rewrites) {
            long rows = rewrite.blockRows();
            sourceBytes = Math.max(sourceBytes, rows * rewrite.sourceRowBytes());
            targetBytes = Math.max(targetBytes, rows * rewrite.targetRowBytes());
            numbers = Math.max(numbers, Math.toIntExact(rows * rewrite.columns()));
        }
        source = arena.allocate(sourceBytes, 64);
        target = arena.allocate(targetBytes, 64);
        scratch = arena.allocate(4L * numbers, 64);
        values = new float[numbers];
        written = new float[numbers];
    }

    /**
     * Reads rows, changes them and turns them into the bytes to write.
     *
     * @return how far these bytes are from the numbers
     * @throws InvalidModelException when a number is not finite, or too large to be a weight
     * @throws IOException when the input cannot be read
     */
    RowErrors process(TensorRewrite rewrite, RowChange change, GgufTensorData data, long firstRow, int rows)
            throws IOException {
        int columns = rewrite.columns();
        int count = rows * columns;
        MemorySegment from = source.asSlice(0, rows * rewrite.sourceRowBytes());
        data.read(rewrite.tensor(), firstRow * rewrite.sourceRowBytes(), from.asByteBuffer());
        rewrite.from().decode(from, scratch, values, count);
        change.apply(values, firstRow, rows, columns);
        requireUsable(rewrite, count);
        length = rows * rewrite.targetRowBytes();
        rewrite.to().encode(values, scratch, target, rows, columns);
        RowErrors errors = errors(rewrite, count);
        if (!Double.isFinite(errors.squaredErrors())) {
            throw unusable(rewrite, "numbers that do not fit into " + rewrite.to().type().ggmlName());
        }
        return errors;
    }

    private RowErrors errors(TensorRewrite rewrite, int count) {
        if (rewrite.to().type() == GgmlType.F32) {
            return RowErrors.between(values, values, count);
        }
        rewrite.to().decode(target, scratch, written, count);
        return RowErrors.between(values, written, count);
    }

    private void requireUsable(TensorRewrite rewrite, int count) {
        float largest = 0;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, Math.abs(values[i]));
        }
        if (!(largest <= rewrite.to().largest())) {
            throw unusable(rewrite, "a number of size " + largest);
        }
    }

    private static InvalidModelException unusable(TensorRewrite rewrite, String what) {
        return new InvalidModelException("weights-finite", "The rows of " + rewrite.tensor().name() + " hold " + what
                + ", so they cannot be written; the model or the adapter is damaged, or the strength far too large.");
    }

    /** The bytes of the rows last processed. */
    ByteBuffer bytes() {
        return target.asSlice(0, length).asByteBuffer();
    }
}
