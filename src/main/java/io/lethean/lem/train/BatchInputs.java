package io.lethean.lem.train;

import io.lethean.lem.ggml.Backend;
import io.lethean.lem.ggml.Buffer;
import io.lethean.lem.ggml.Shape;
import io.lethean.lem.ggml.Tensor;
import io.lethean.lem.ggml.TensorContext;
import io.lethean.lem.gguf.GgmlType;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Owns what a batch brings: tokens, positions, and one mask per window that the model's layers have. */
final class BatchInputs implements AutoCloseable {

    private final BatchShape shape;
    private final TensorContext context;
    private final Tensor tokens;
    private final Tensor positions;
    private final Map<Integer, Tensor> masks = new TreeMap<>();
    private final Buffer buffer;

    BatchInputs(DecoderSpec spec, BatchShape shape, Backend backend) {
        this.shape = shape;
        context = new TensorContext(2 + spec.layerCount());
        tokens = context.tensor("tokens", GgmlType.I32, Shape.of(shape.rows()));
        positions = context.tensor("positions", GgmlType.I32, Shape.of(shape.rows()));
        Shape mask = new Shape(shape.tokens(), shape.tokens(), 1, shape.packed() ? shape.sequences() : 1);
        for (LayerSpec layer : spec.layers()) {
            masks.computeIfAbsent(
                    layer.window(), window -> context.tensor("mask of window " + window, GgmlType.F32, mask));
        }
        buffer = backend.allocate(context, "the inputs of a batch");
        if (!shape.packed()) {
            masks.forEach((window, tensor) -> tensor.set(mask(window, new int[shape.tokens()])));
        }
    }

    Tensor tokens() {
        return tokens;
    }

    DecoderLayer.Inputs of(LayerSpec layer) {
        return new DecoderLayer.Inputs(positions, Objects.requireNonNull(masks.get(layer.window())));
    }

    long bytes() {
        return buffer.bytes();
    }

    void set(TokenBatch batch) {
        tokens.set(batch.tokens());
        int[] segments = batch.segments() == null ? new int[batch.tokens().length] : batch.segments();
        positions.set(positions(segments));
        if (shape.packed()) {
            masks.forEach((window, tensor) -> tensor.set(mask(window, segments)));
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
    private float[] mask(int window, int[] segments) {
        int length = shape.tokens();
        float[] mask = new float[segments.length * length];
        for (int row = 0; row < segments.length; row++) {
            int start = row - row % length;
            for (int key = start; key < start + length; key++) {
                boolean seen = key <= row && segments[key] == segments[row] && (window == 0 || row - key < window);
                mask[row * length + key - start] = seen ? 0 : Float.NEGATIVE_INFINITY;
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
