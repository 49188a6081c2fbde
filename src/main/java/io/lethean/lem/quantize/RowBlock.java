package io.lethean.lem.quantize;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.GgufTensorData;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Room for one block of rows on its way from the input to the output; used by one thread at a time. */
final class RowBlock {

    private final MemorySegment source;
    private final ByteBuffer sourceBytes;
    private final MemorySegment target;
    private final ByteBuffer targetBytes;
    private final RowScratch scratch;
    private final RowMeasure measure;
    private final float[] row;
    private final float[] writtenRow;

    /** Room in an arena for the largest of several rewrites' blocks. */
    RowBlock(Arena arena, Iterable<TensorRewrite> rewrites) {
        long sourceSize = 1;
        long targetSize = 1;
        long numbers = 1;
        int columns = 1;
        for (TensorRewrite rewrite : rewrites) {
            long rows = rewrite.blockRows();
            sourceSize = Math.max(sourceSize, rows * rewrite.sourceRowBytes());
            targetSize = Math.max(targetSize, rows * rewrite.targetRowBytes());
            numbers = Math.max(numbers, rows * rewrite.columns());
            columns = Math.max(columns, rewrite.columns());
        }
        source = arena.allocate(sourceSize, 64);
        sourceBytes = source.asByteBuffer();
        target = arena.allocate(targetSize, 64);
        targetBytes = target.asByteBuffer();
        scratch = new RowScratch(arena, numbers, columns);
        measure = new RowMeasure(columns);
        row = new float[columns];
        writtenRow = new float[columns];
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
        sourceBytes.clear().limit(Math.toIntExact(rows * rewrite.sourceRowBytes()));
        data.read(rewrite.tensor(), firstRow * rewrite.sourceRowBytes(), sourceBytes);
        measure.clear();
        changeRows(rewrite, change, firstRow, rows);
        requireUsable(rewrite);
        rewrite.to().pack(scratch.wanted(), target, rows, rewrite.columns());
        targetBytes.clear().limit(Math.toIntExact(rows * rewrite.targetRowBytes()));
        return errors(rewrite, rows);
    }

    /** Each row is changed while it is in the fastest cache, and compared at once where that is possible. */
    private void changeRows(TensorRewrite rewrite, RowChange change, long firstRow, int rows) {
        int columns = rewrite.columns();
        RowCodec to = rewrite.to();
        MemorySegment from = rewrite.from().unpack(source, scratch.wanted(), (long) rows * columns);
        MemorySegment into = to.unpacked(target, scratch.wanted());
        for (int index = 0; index < rows; index++) {
            rewrite.from().get(from, index, scratch, row, columns);
            change.apply(row, firstRow + index, columns);
            measure.raise(row, columns);
            to.put(row, into, index, scratch, columns);
            if (!to.isPacked()) {
                to.get(into, index, scratch, writtenRow, columns);
                measure.add(row, writtenRow, columns);
            }
        }
    }

    private RowErrors errors(TensorRewrite rewrite, int rows) {
        int columns = rewrite.columns();
        RowCodec to = rewrite.to();
        if (to.isPacked()) {
            MemorySegment written = to.unpack(target, scratch.written(), (long) rows * columns);
            for (int index = 0; index < rows; index++) {
                to.get(scratch.wanted(), index, scratch, row, columns);
                to.get(written, index, scratch, writtenRow, columns);
                measure.add(row, writtenRow, columns);
            }
        }
        RowErrors errors = measure.errors();
        if (!Double.isFinite(errors.squaredErrors())) {
            throw unusable(
                    rewrite,
                    "numbers that do not fit into " + rewrite.to().type().ggmlName());
        }
        return errors;
    }

    private void requireUsable(TensorRewrite rewrite) {
        float largest = measure.largest();
        if (!(largest <= rewrite.to().largest())) {
            throw unusable(rewrite, "a number of size " + largest);
        }
    }

    private static InvalidModelException unusable(TensorRewrite rewrite, String what) {
        return new InvalidModelException(
                "weights-finite",
                "The rows of " + rewrite.tensor().name() + " hold " + what
                        + ", so they cannot be written; the model or the adapter is damaged, or the weight is far too large.");
    }

    /** The bytes of the rows last processed. */
    ByteBuffer bytes() {
        return targetBytes;
    }
}
