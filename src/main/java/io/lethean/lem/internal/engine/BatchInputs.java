package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.Buffer;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.internal.ggml.TensorContext;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.train.options.Target;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Owns what a batch brings: tokens, positions, and for each window that layers have, masks. */
final class BatchInputs implements AutoCloseable {

    private final BatchShape shape;
    private final TensorContext context;
    private final Tensor tokens;
    private final Tensor positions;
    private final Map<Integer, List<Attention.Block>> blocks = new TreeMap<>();
    private final Buffer buffer;

    BatchInputs(DecoderSpec spec, BatchShape shape, int attentionRows, Backend backend) {
        this.shape = shape;
        List<Integer> windows =
                spec.layers().stream().map(LayerSpec::window).distinct().toList();
        context = new TensorContext(2 + windows.size() * QueryBlock.MOST_BLOCKS);
        tokens = context.tensor("tokens", GgmlType.I32, Shape.of(shape.rows()));
        positions = context.tensor("positions", GgmlType.I32, Shape.of(shape.rows()));
        for (int window : windows) {
            blocks.put(
                    window,
                    QueryBlock.of(shape.tokens(), window, attentionRows).stream()
                            .map(queries -> new Attention.Block(queries, mask(queries)))
                            .toList());
        }
        buffer = backend.allocate(context, "the inputs of a batch");
        if (!shape.packed()) {
            setMasks(new int[shape.tokens()]);
        }
    }

    private Tensor mask(QueryBlock queries) {
        int stacks = shape.packed() ? shape.sequences() : 1;
        return context.tensor("mask", GgmlType.F32, new Shape(queries.keys(), queries.count(), 1, stacks));
    }

    private void setMasks(int[] segments) {
        blocks.forEach((window, all) ->
                all.forEach(block -> block.mask().set(mask(block.queries(), window, segments))));
    }

    Tensor tokens() {
        return tokens;
    }

    DecoderLayer.Inputs of(LayerSpec layer, Map<Target, Tensor> dropout) {
        return new DecoderLayer.Inputs(positions, Objects.requireNonNull(blocks.get(layer.window())), dropout);
    }

    long bytes() {
        return buffer.bytes();
    }

    void set(SampleBatch batch) {
        tokens.set(batch.tokens());
        int[] segments = batch.segments() == null ? new int[batch.tokens().length] : batch.segments();
        positions.set(positions(segments));
        if (shape.packed()) {
            setMasks(segments);
        }
    }

    /** Counted from the start of each sample. */
    private int[] positions(int[] segments) {
        int[] at = new int[segments.length];
        for (int row = 0; row < at.length; row++) {
            boolean starts = row % shape.tokens() == 0 || segments[row] != segments[row - 1];
            at[row] = starts ? 0 : at[row - 1] + 1;
        }
        return at;
    }

    /** 0 where a query sees a key: not later, of the same sample, within the window; minus infinity elsewhere. */
    private float[] mask(QueryBlock queries, int window, int[] segments) {
        float[] mask = new float[segments.length / shape.tokens() * queries.count() * queries.keys()];
        int at = 0;
        for (int start = 0; start < segments.length; start += shape.tokens()) {
            for (int row = start + queries.from(); row < start + queries.from() + queries.count(); row++) {
                for (int i = 0; i < queries.keys(); i++) {
                    int key = start + queries.firstKey() + i;
                    boolean seen = key <= row && segments[key] == segments[row] && (window == 0 || row - key < window);
                    mask[at++] = seen ? 0 : Float.NEGATIVE_INFINITY;
                }
            }
        }
        return mask;
    }

    @Override
    public void close() {
        buffer.close();
        context.close();
    }
}
