package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.Buffer;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.internal.ggml.TensorContext;
import io.lethean.lem.internal.gguf.GgmlType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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
    /** By the layer that makes them. */
    private final Map<Integer, SharedKeys> keys = new TreeMap<>();

    private final @Nullable Tensor layerInputs;
    private final @Nullable Tensor layerInputGradients;

    /**
     * Allocates everything that does not depend on what layers keep.
     *
     * @param firstLayer the lowest with a backward pass
     * @param inputsAreTrained true if the inputs of single layers, where the model has these, need gradients
     */
    ActivationMemory(DecoderSpec spec, int firstLayer, boolean inputsAreTrained, int rows, Backend backend) {
        context = new TensorContext(spec.layerCount() + 5);
        Shape shape = Shape.of(spec.widths().hiddenSize(), rows + 1L);
        for (int layer = 0; layer <= spec.layerCount(); layer++) {
            x.add(context.tensor("input of layer " + layer, GgmlType.F32, shape));
        }
        dx.add(context.tensor("gradient of even layers' input", GgmlType.F32, shape));
        dx.add(context.tensor("gradient of odd layers' input", GgmlType.F32, shape));
        boolean own = spec.widths().layerInput() > 0;
        Shape inputs = Shape.of(Math.max(1, spec.widths().layerInput()), rows, spec.layerCount());
        layerInputs = own ? context.tensor("inputs of single layers", GgmlType.F32, inputs) : null;
        layerInputGradients = own && inputsAreTrained
                ? context.tensor("gradients of the inputs of single layers", GgmlType.F32, inputs)
                : null;
        buffer = backend.allocate(context, "the layers' inputs");
        for (LayerSpec layer : spec.layers()) {
            if (!layer.hasKeys() && !keys.containsKey(layer.keysOf())) {
                keys.put(layer.keysOf(), share(spec.layer(layer.keysOf()), firstLayer, rows, backend));
            }
        }
    }

    private SharedKeys share(LayerSpec layer, int firstLayer, int rows, Backend backend) {
        Shape shape = Shape.of(layer.widths().headSize(), layer.widths().kvHeads(), rows);
        TensorContext shared = new TensorContext(4);
        keptContexts.add(shared);
        Tensor k = shared.tensor("keys for later layers", GgmlType.F32, shape);
        Tensor v = shared.tensor("values for later layers", GgmlType.F32, shape);
        SharedKeys.Gradients gradients = layer.index() < firstLayer
                ? null
                : new SharedKeys.Gradients(
                        shared.tensor("gradient of keys", GgmlType.F32, shape),
                        shared.tensor("gradient of values", GgmlType.F32, shape));
        Buffer own = backend.allocate(shared, "keys and values for later layers");
        keptBuffers.add(own);
        return new SharedKeys(k, v, gradients, own);
    }

    /** What a layer has in common with others. */
    LayerMemory of(LayerSpec layer) {
        return new LayerMemory(keys.get(layer.keysOf()), layerInputs, layerInputGradients);
    }

    /** The inputs of single layers, where they have inputs of their own. */
    Optional<Tensor> layerInputs() {
        return Optional.ofNullable(layerInputs);
    }

    /** The gradients of {@link #layerInputs}, where these are trained. */
    Optional<Tensor> layerInputGradients() {
        return Optional.ofNullable(layerInputGradients);
    }

    /** Clears what layers added to the gradients of keys and values of other layers, and of the inputs of single layers. */
    void clearSharedGradients() {
        layerInputGradients().ifPresent(Tensor::clear);
        for (SharedKeys shared : keys.values()) {
            SharedKeys.Gradients gradients = shared.gradients();
            if (gradients != null) {
                gradients.dk().clear();
                gradients.dv().clear();
            }
        }
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
