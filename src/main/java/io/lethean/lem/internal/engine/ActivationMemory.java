package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.Buffer;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.internal.ggml.TensorContext;
import io.lethean.lem.internal.gguf.GgmlType;
import java.util.ArrayList;
import java.util.List;

/**
 * Owns what lives longer than one graph: every layer's input, the gradient that travels down, and the activations that
 * layers keep for their backward pass.
 *
 * <p>The layers' results have one row more than there are tokens: a dummy that unused places of a chunk of the head
 * name.
 */
final class ActivationMemory implements AutoCloseable {

    private final TensorContext context;
    private final Buffer buffer;
    private final List<Tensor> x = new ArrayList<>();
    private final List<Tensor> dx = new ArrayList<>();
    private final List<TensorContext> keptContexts = new ArrayList<>();
    private final List<Buffer> keptBuffers = new ArrayList<>();

    ActivationMemory(DecoderSpec spec, int rows, Backend backend) {
        context = new TensorContext(spec.layerCount() + 3);
        Shape shape = Shape.of(spec.widths().hiddenSize(), rows + 1L);
        for (int layer = 0; layer <= spec.layerCount(); layer++) {
            x.add(context.tensor("input of layer " + layer, GgmlType.F32, shape));
        }
        dx.add(context.tensor("gradient of even layers' input", GgmlType.F32, shape));
        dx.add(context.tensor("gradient of odd layers' input", GgmlType.F32, shape));
        buffer = backend.allocate(context, "the layers' inputs");
    }

    /** The input of a layer; for the index after the last layer, the last result. */
    Tensor x(int layer) {
        return x.get(layer);
    }

    /** The gradient of {@link #x(int)}; every second layer shares one. */
    Tensor dx(int layer) {
        return dx.get(layer % 2);
    }

    /** Makes the result of an operation land in a tensor of {@link #x} or {@link #dx}. */
    void place(Tensor node, Tensor over) {
        buffer.placeOver(node, over);
    }

    /**
     * Gives memory of their own to the activations that a layer's graph produces; returns them as its backward graph
     * reads them.
     */
    Activations keep(Activations produced, Backend backend) {
        TensorContext keptContext = new TensorContext(produced.all().size());
        keptContexts.add(keptContext);
        Activations kept = new Activations();
        produced.all()
                .forEach((slot, node) ->
                        kept.keep(slot, keptContext.tensor("kept " + slot, GgmlType.F32, node.shape())));
        Buffer keptBuffer = backend.allocate(keptContext, "a layer's activations");
        keptBuffers.add(keptBuffer);
        produced.all().forEach((slot, node) -> keptBuffer.placeOver(node, kept.get(slot)));
        return kept;
    }

    long bytes() {
        return buffer.bytes() + keptBuffers.stream().mapToLong(Buffer::bytes).sum();
    }

    @Override
    public void close() {
        keptBuffers.forEach(Buffer::close);
        buffer.close();
        keptContexts.forEach(TensorContext::close);
        context.close();
    }
}
