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
    private final ByteBuffer sourceBytes;
    private final RowScratch scratch;
    private final MemorySegment target;
    private final ByteBuffer targetBytes;
    private final float[] values;
    private final float[] written;
    private final RowMeasure measure = new RowMeasure();

    /** Room in an arena for the largest of several rewrites' blocks. */
    RowBlock(Arena arena, Iterable<TensorRewrite> rewrites) {
        long sourceSize = 1;
        long targetSize = 1;
        int numbers = 1;
        for (TensorRewrite rewrite : rewrites) {
            long rows = rewrite.blockRows();
            sourceSize = Math.max(sourceSize, rows * rewrite.sourceRowBytes());
            targetSize = Math.max(targetSize, rows * rewrite.targetRowBytes());
            numbers = Math.max(numbers, Math.toIntExact(rows * rewrite.columns()));
        }
        source = arena.allocate(sourceSize, 64);
        sourceBytes = source.asByteBuffer();
        target = arena.allocate(targetSize, 64);
        targetBytes = target.asByteBuffer();
        scratch = new RowScratch(arena, numbers);
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
        sourceBytes.clear().limit(Math.toIntExact(rows * rewrite.sourceRowBytes()));
        data.read(rewrite.tensor(), firstRow * rewrite.sourceRowBytes(), sourceBytes);
        rewrite.from().decode(source, scratch, values, count);
        change.apply(values, firstRow, rows, columns);
        requireUsable(rewrite, count);
        targetBytes.clear().limit(Math.toIntExact(rows * rewrite.targetRowBytes()));
        rewrite.to().encode(values, scratch, target, rows, columns);
        RowErrors errors = errors(rewrite, count);
        if (!Double.isFinite(errors.squaredErrors())) {
            throw unusable(rewrite, "numbers that do not fit into " + rewrite.to().type().ggmlName());
        }
        return errors;
    }

    private RowErrors errors(TensorRewrite rewrite, int count) {
        if (rewrite.to().type() == GgmlType.F32) {
            return measure.errors(values, values, count);
        }
        rewrite.to().decode(target, scratch, written, count);
        return measure.errors(values, written, count);
    }

    private void requireUsable(TensorRewrite rewrite, int count) {
        float largest = measure.largest(values, count);
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
        return targetBytes;
    }
}
