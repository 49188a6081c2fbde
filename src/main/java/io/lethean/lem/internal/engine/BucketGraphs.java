package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.Graph;
import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.GraphGroup;
import io.lethean.lem.internal.ggml.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Owns the graphs for batches of one shape, built once: embedding, one graph per layer and direction, and the head.
 *
 * <p>The working memory of a group is that of its largest graph, so it does not grow with the number of layers.
 */
final class BucketGraphs implements AutoCloseable {

    private static final int FORWARD_CAPACITY = 256 + 32 * QueryBlock.MOST_BLOCKS;
    private static final int BACKWARD_CAPACITY = 768 + 96 * QueryBlock.MOST_BLOCKS;

    private final Decoder decoder;
    private final EngineOptions options;
    private final BatchShape shape;
    private final Backend backend;
    private final BatchInputs inputs;
    private final @Nullable DropoutMasks dropout;
    private final ActivationMemory stash;
    private final GraphGroup forwardGroup;
    private final GraphGroup backwardGroup;
    private final HeadChunks head;
    private final List<LayerGraph> forward = new ArrayList<>();
    /** From the lowest upwards. */
    private final List<LayerGraph> backward = new ArrayList<>();

    /** A graph, and the layer that it is of; the embedding is below the first. */
    private record LayerGraph(int layer, Graph graph) {
        private static final int EMBEDDING = -1;
    }

    BucketGraphs(Decoder decoder, BatchShape shape, EngineOptions options, Backend backend) {
        this.decoder = decoder;
        this.options = options;
        this.shape = shape;
        this.backend = backend;
        DecoderSpec spec = decoder.spec();
        inputs = new BatchInputs(spec, shape, options, backend);
        dropout = decoder.trainable()
                .dropout()
                .map(adapter -> new DropoutMasks(spec, adapter, shape.rows(), backend))
                .orElse(null);
        stash = new ActivationMemory(
                spec,
                decoder.trainable().firstLayer(),
                decoder.layerInputs().filter(LayerInputs::isTrained).isPresent(),
                shape.rows(),
                backend);
        forwardGroup = new GraphGroup(backend, options.derivatives());
        backwardGroup = new GraphGroup(backend, options.derivatives());
        forward.add(new LayerGraph(LayerGraph.EMBEDDING, embedding()));
        decoder.tokenEmbeddingGradient()
                .ifPresent(gradient -> backward.add(new LayerGraph(LayerGraph.EMBEDDING, embeddingBack(gradient))));
        for (int layer = 0; layer < spec.layerCount(); layer++) {
            addLayer(layer);
        }
        forwardGroup.allocate();
        backwardGroup.allocate();
        head = new HeadChunks(
                new Head(decoder, options.lossScale()),
                stash.x(spec.layerCount()),
                stash.dx(spec.layerCount()),
                backend,
                options);
    }

    private Graph embedding() {
        GraphBuilder g = forwardGroup.graph("embedding", FORWARD_CAPACITY);
        Tensor rows = g.rows(decoder.tokenEmbedding(), inputs.tokens());
        Tensor x = g.compute(g.scale(rows, decoder.spec().scales().embedding()));
        stash.place(x, stash.x(0));
        stash.layerInputs()
                .ifPresent(memory -> stash.place(
                        g.compute(decoder.layerInputs().orElseThrow().forward(g, x, inputs.tokens())), memory));
        return g.graph();
    }

    private Graph embeddingBack(Tensor gradient) {
        GraphBuilder g = backwardGroup.graph("backward of the embedding", FORWARD_CAPACITY);
        Tensor d = g.firstRows(stash.dx(0), shape.rows());
        Tensor dX = stash.layerInputGradients()
                .map(dInputs -> g.add(
                        d, decoder.layerInputs().orElseThrow().backward(g, input(g, 0), inputs.tokens(), dInputs)))
                .orElse(d);
        Tensor dRows = g.scale(dX, decoder.spec().scales().embedding());
        g.compute(g.addInPlace(gradient, g.derivatives().rows(dRows, inputs.tokens(), gradient)));
        return g.graph();
    }

    private void addLayer(int index) {
        LayerSpec particular = decoder.spec().layer(index);
        DecoderLayer layer = new DecoderLayer(
                particular,
                decoder.weights(index),
                new FeedForward(decoder.spec().block().activation(), options.tabledGelu()),
                new Attention(
                        particular.widths(),
                        decoder.spec().scales(),
                        shape.sequences(),
                        shape.tokens(),
                        decoder.weights(index).sinks()),
                inputs.of(particular, dropout == null ? Map.of() : dropout.of(particular)),
                stash.of(particular));
        int first = decoder.trainable().firstLayer();
        boolean keeps = index >= first && index >= options.recomputedLayers();
        Activations kept = addForward(layer, index, keeps);
        if (index >= first) {
            addBackward(
                    layer,
                    index,
                    kept,
                    index == first && decoder.tokenEmbeddingGradient().isEmpty());
        }
    }

    /** Returns what the layer keeps, or null if it keeps nothing. */
    private @Nullable Activations addForward(DecoderLayer layer, int index, boolean keeps) {
        GraphBuilder g = forwardGroup.graph("forward of layer " + index, FORWARD_CAPACITY);
        Activations produced = new Activations();
        Tensor y = layer.forward(g, input(g, index), produced);
        Activations kept = keeps ? stash.keep(produced, backend) : null;
        stash.place(g.compute(y), stash.x(index + 1));
        forward.add(new LayerGraph(index, g.graph()));
        return kept;
    }

    private void addBackward(DecoderLayer layer, int index, @Nullable Activations kept, boolean lowest) {
        GraphBuilder g = backwardGroup.graph("backward of layer " + index, BACKWARD_CAPACITY);
        Tensor x = input(g, index);
        Activations activations = kept;
        if (activations == null) {
            activations = new Activations();
            layer.forward(g, x, activations);
        }
        Tensor dy = g.firstRows(stash.dx(index + 1), shape.rows());
        Tensor dx = layer.backward(g, x, activations, dy, lowest);
        if (dx != null) {
            stash.place(g.compute(dx), stash.dx(index));
        }
        backward.add(new LayerGraph(index, g.graph()));
    }

    private Tensor input(GraphBuilder g, int layer) {
        return g.firstRows(stash.x(layer), shape.rows());
    }

    /** The summed loss of a batch, without dropout. */
    LossSum loss(SampleBatch batch) {
        forward(batch);
        return head.run(batch, false, backend);
    }

    /**
     * The summed loss of a batch. Its gradients, times the loss scale, are added to those of the trained weights.
     *
     * @param drawing of the masks of dropout
     */
    LossSum gradients(SampleBatch batch, long drawing) {
        inputs.set(batch);
        decoder.trainable().prepare();
        forward.forEach(each -> computeDropping(each, drawing));
        stash.dx(decoder.spec().layerCount()).clear();
        stash.clearSharedGradients();
        LossSum loss = head.run(batch, true, backend);
        backward.reversed().forEach(each -> computeDropping(each, drawing));
        return loss;
    }

    private void computeDropping(LayerGraph each, long drawing) {
        if (dropout != null && each.layer() >= decoder.trainable().firstLayer()) {
            dropout.draw(drawing, decoder.spec().layer(each.layer()));
        }
        backend.compute(each.graph());
    }

    private void forward(SampleBatch batch) {
        inputs.set(batch);
        decoder.trainable().prepare();
        if (dropout != null) {
            dropout.keepAll();
        }
        forward.forEach(each -> backend.compute(each.graph()));
    }

    /**
     * The logits of every row of a batch, one row after the other; for comparing, as it takes memory for all of them.
     */
    float[] logits(SampleBatch batch) {
        forward(batch);
        try (GraphGroup group = new GraphGroup(backend, options.derivatives())) {
            GraphBuilder g = group.graph("logits", FORWARD_CAPACITY);
            Tensor x = input(g, decoder.spec().layerCount());
            Tensor logits = g.compute(new Head(decoder, options.lossScale()).logits(g, x));
            group.allocate();
            backend.compute(g.graph());
            return logits.floats();
        }
    }

    long bytes() {
        return stashBytes() + workBytes();
    }

    /** Bytes of everything with a size that follows from the number of tokens and layers. */
    long stashBytes() {
        return stash.bytes() + inputs.bytes() + (dropout == null ? 0 : dropout.bytes());
    }

    /** Bytes of the working memories of forward, backward and head. */
    long workBytes() {
        return forwardGroup.bytes() + backwardGroup.bytes() + head.workBytes();
    }

    @Override
    public void close() {
        head.close();
        backwardGroup.close();
        forwardGroup.close();
        stash.close();
        if (dropout != null) {
            dropout.close();
        }
        inputs.close();
    }
}
