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
import java.util.TreeMap;

/** Owns what a batch brings: tokens, positions, and for each window that layers have, masks. */
final class BatchInputs implements AutoCloseable {

    private final BatchShape shape;
    private final TensorContext context;
    private final Tensor tokens;
    private final Tensor positions;
    /** By window; empty where attention is one operation. */
    private final Map<Integer, List<Attention.Block>> blocks = new TreeMap<>();
    /** The first row that each row sees, by window; empty where attention is made of several operations. */
    private final Map<Integer, Tensor> firsts = new TreeMap<>();

    private final Buffer buffer;

    BatchInputs(DecoderSpec spec, BatchShape shape, EngineOptions options, Backend backend) {
        this.shape = shape;
        List<Integer> windows =
                spec.layers().stream().map(LayerSpec::window).distinct().toList();
        context = new TensorContext(2 + windows.size() * QueryBlock.MOST_BLOCKS);
        tokens = context.tensor("tokens", GgmlType.I32, Shape.of(shape.rows()));
        positions = context.tensor("positions", GgmlType.I32, Shape.of(shape.rows()));
        for (int window : windows) {
            if (backend.hasFused(options.derivatives())) {
                firsts.put(window, context.tensor("first rows seen", GgmlType.I32, Shape.of(shape.rows())));
                continue;
            }
            blocks.put(
                    window,
                    QueryBlock.of(shape.tokens(), window, options.attentionRows()).stream()
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
        Attention.Seen seen =
                new Attention.Seen(firsts.get(layer.window()), blocks.getOrDefault(layer.window(), List.of()));
        return new DecoderLayer.Inputs(positions, seen, dropout);
    }

    long bytes() {
        return buffer.bytes();
    }

    void set(SampleBatch batch) {
        tokens.set(batch.tokens());
        int[] segments = batch.segments() == null ? new int[batch.tokens().length] : batch.segments();
        int[] at = positions(segments);
        positions.set(at);
        firsts.forEach((window, first) -> first.set(firstSeen(at, window)));
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

    /** The start of a row's sample, or of the window that ends with it. */
    private static int[] firstSeen(int[] positions, int window) {
        int[] first = new int[positions.length];
        for (int row = 0; row < first.length; row++) {
            first[row] = row - (window == 0 ? positions[row] : Math.min(positions[row], window - 1));
        }
        return first;
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
