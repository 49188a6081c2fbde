package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.Buffer;
import io.lethean.lem.internal.ggml.Graph;
import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.GraphGroup;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.internal.ggml.TensorContext;
import io.lethean.lem.internal.gguf.GgmlType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Owns the graphs of the head, in sizes of chunk that halve from the largest, and sends a batch's rows through them.
 *
 * <p>Several sizes, so that few rows are computed for nothing, and chunks at all, so that the logits of a large
 * vocabulary are never in memory at once.
 */
final class HeadChunks implements AutoCloseable {

    private static final int SMALL = 32;
    private static final int LARGE = 512;

    /** Logits, probabilities and their gradient may take about this much together. */
    private static final long LOGIT_BYTES = 256L << 20;

    private static final int GRAPH_CAPACITY = 64;

    /** One size of chunk, with the same inputs for a graph that only measures the loss and one that also goes back. */
    private record Sized(Head.Chunk chunk, Tensor targets, Graph loss, Graph gradients) {}

    private final int vocabulary;
    private final int dummyRow;
    private final TensorContext context = new TensorContext(32);
    private final Buffer buffer;
    private final GraphGroup group;
    private final List<Sized> sizes = new ArrayList<>();

    /**
     * @param x the last layer's result, with a dummy row at its end
     * @param dx its gradient, of the same shape
     */
    HeadChunks(Head head, Tensor x, Tensor dx, Backend backend, EngineOptions options) {
        vocabulary = head.decoder().spec().widths().vocabulary();
        dummyRow = (int) x.shape().n1() - 1;
        List<Head.Chunk> chunks = new ArrayList<>();
        List<Tensor> targets = new ArrayList<>();
        for (int size : sizes(dummyRow, vocabulary)) {
            chunks.add(new Head.Chunk(
                    context.tensor("rows", GgmlType.I32, Shape.of(size)),
                    context.tensor("labels", GgmlType.I32, Shape.of(size))));
            targets.add(context.tensor("target probabilities", GgmlType.F32, Shape.of(1, size)));
        }
        buffer = backend.allocate(context, "the indices of the head");
        group = new GraphGroup(backend, options.derivatives());
        for (int i = 0; i < chunks.size(); i++) {
            sizes.add(build(head, chunks.get(i), targets.get(i), x, dx));
        }
        group.allocate();
    }

    private Sized build(Head head, Head.Chunk chunk, Tensor targets, Tensor x, Tensor dx) {
        GraphBuilder loss = group.graph("loss", GRAPH_CAPACITY);
        buffer.placeOver(loss.compute(head.targetProbabilities(loss, x, chunk)), targets);
        GraphBuilder gradients = group.graph("head", GRAPH_CAPACITY);
        buffer.placeOver(head.gradients(gradients, x, chunk, dx), targets);
        return new Sized(chunk, targets, loss.graph(), gradients.graph());
    }

    /** Rows of the largest chunk for a batch with this number of rows. */
    static int largest(int rows, int vocabulary) {
        return sizes(rows, vocabulary).getFirst();
    }

    /** Largest first: no larger than all rows need, nor than fits. */
    private static List<Integer> sizes(int rows, int vocabulary) {
        long fitting = LOGIT_BYTES / (3L * Float.BYTES * vocabulary);
        List<Integer> halving = new ArrayList<>(List.of(SMALL));
        while (2 * halving.getFirst() <= Math.min(LARGE, fitting) && halving.getFirst() < rows) {
            halving.addFirst(2 * halving.getFirst());
        }
        return halving;
    }

    /**
     * The summed loss over every row that has a target.
     *
     * @param back true to write the rows' gradients too
     */
    LossSum run(SampleBatch batch, boolean back, Backend backend) {
        int[] rows = rowsWithTarget(batch);
        double sum = 0;
        int done = 0;
        while (done < rows.length) {
            Sized sized = fitting(rows.length - done);
            int count = (int) Math.min(sized.chunk().size(), rows.length - done);
            sum += run(sized, batch, Arrays.copyOfRange(rows, done, done + count), back, backend);
            done += count;
        }
        return new LossSum(sum, rows.length);
    }

    private Sized fitting(int remaining) {
        return sizes.stream()
                .filter(sized -> sized.chunk().size() - SMALL < remaining)
                .findFirst()
                .orElseThrow();
    }

    private double run(Sized sized, SampleBatch batch, int[] rows, boolean back, Backend backend) {
        int size = (int) sized.chunk().size();
        int[] indices = new int[size];
        int[] labels = new int[size];
        for (int i = 0; i < size; i++) {
            indices[i] = i < rows.length ? rows[i] : dummyRow;
            labels[i] = i * vocabulary + (i < rows.length ? batch.targets()[rows[i]] : 0);
        }
        sized.chunk().rows().set(indices);
        sized.chunk().labels().set(labels);
        backend.compute(back ? sized.gradients() : sized.loss());
        float[] probabilities = sized.targets().floats();
        double sum = 0;
        for (int i = 0; i < rows.length; i++) {
            sum -= Math.log(Math.max(probabilities[i], Float.MIN_NORMAL));
        }
        return sum;
    }

    private static int[] rowsWithTarget(SampleBatch batch) {
        int[] rows = new int[batch.targetCount()];
        int next = 0;
        for (int row = 0; row < batch.targets().length; row++) {
            if (batch.targets()[row] != SampleBatch.NO_TARGET) {
                rows[next++] = row;
            }
        }
        return rows;
    }

    long workBytes() {
        return group.bytes();
    }

    @Override
    public void close() {
        group.close();
        buffer.close();
        context.close();
    }
}
