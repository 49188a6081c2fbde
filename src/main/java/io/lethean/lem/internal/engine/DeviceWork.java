package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.gguf.Architecture;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.train.options.Target;
import java.util.List;
import java.util.Optional;

/**
 * What a training takes on a device that has no products and attention of our own, in elements, beyond what it takes
 * anywhere.
 *
 * <p>There the scores of a block of queries are in memory, gates are made of several operations, and frozen matrices are
 * expanded to f32 and transposed for the backward pass, those of all experts of a layer at once. The peaks were read off the
 * allocator for several models and shapes.
 *
 * @param file for the types of the matrices
 */
record DeviceWork(GgufFile file, DecoderSpec spec, AdapterSpec adapter, BatchShape shape, EngineOptions options) {

    /** Which keys each query sees, for each window that layers have. */
    long masks() {
        long stacks = shape.packed() ? shape.sequences() : 1;
        return stacks
                * spec.layers().stream()
                        .mapToInt(LayerSpec::window)
                        .distinct()
                        .mapToLong(window -> blocks(window).stream()
                                .mapToLong(block -> (long) block.count() * block.keys())
                                .sum())
                        .sum();
    }

    private List<QueryBlock> blocks(int window) {
        return QueryBlock.of(shape.tokens(), window, options.attentionRows());
    }

    /** The scores of the block with most of them. */
    private long scores(LayerSpec layer) {
        long largest = blocks(layer.window()).stream()
                .mapToLong(block -> (long) block.count() * block.keys())
                .max()
                .orElse(0);
        return largest * layer.widths().heads() * shape.sequences();
    }

    private boolean recomputes() {
        return options.recomputedLayers() > adapter.firstLayer();
    }

    /** Whether no layer has activations in the working memory of the forward pass. */
    private boolean keepsAll() {
        return options.recomputedLayers() == 0 && adapter.firstLayer() == 0;
    }

    private boolean adaptsExperts() {
        return adapter.targets().stream().anyMatch(spec::isOfExperts);
    }

    /** The peak of a layer's forward pass. */
    long forward(LayerSpec layer) {
        long queries = layer.widths().output(Target.Q);
        long keys = layer.widths().output(Target.K);
        long block = Math.min(shape.tokens(), options.attentionRows());
        long attention = 2 * scores(layer)
                + 3 * block * shape.sequences() * queries
                + (keepsAll() ? 0 : shape.rows() * (3 * queries + keys));
        return Math.max(attention, spec.experts().exist() ? forwardOfExperts(layer) : forwardOfFeedForward(layer));
    }

    private long forwardOfFeedForward(LayerSpec layer) {
        long hidden = layer.widths().feedForward();
        long width = spec.widths().hiddenSize();
        if (spec.block().activation() == Architecture.Activation.GELU) {
            long more = keepsAll() ? 0 : layer.widths().output(Target.Q) + adapter.rank();
            return shape.rows() * (3 * hidden + 2 * width + more);
        }
        return shape.rows() * (keepsAll() ? 2 * hidden + width : 3 * hidden + 3 * width + adapter.rank());
    }

    private long forwardOfExperts(LayerSpec layer) {
        long hidden = spec.insideFeedForward(layer);
        long width = spec.widths().hiddenSize();
        long scores = 3L * spec.experts().count();
        // Halves of the results of the one matrix for gate and up.
        int copies = layer.widths().gateHasUp() ? 2 : 0;
        long perRow = keepsAll()
                ? Math.max(hidden + results() + 2 * width + scores, 2 * hidden + width)
                : (3 + copies) * hidden + 3 * width + scores + (adaptsExperts() ? 2 * low() : 0);
        return shape.rows() * perRow + (adaptsExperts() ? transposedB(layer) : 0);
    }

    /** Results of a down projection per token, before they are added up. */
    private long results() {
        return (long) spec.widths().hiddenSize() * spec.experts().used();
    }

    /** Results of a matrix A per token. */
    private long low() {
        return (long) adapter.rank() * spec.experts().used();
    }

    private long transposedB(LayerSpec layer) {
        return (long) spec.experts().count() * adapter.rank() * layer.widths().output(Target.GATE);
    }

    /**
     * The peak of a layer's backward pass.
     *
     * @param kept what the layer keeps per token, which is in the working memory if it is computed again
     */
    long backward(LayerSpec layer, long kept) {
        long again = recomputes() ? kept : 0;
        long queries = layer.widths().output(Target.Q);
        long keys = layer.widths().output(Target.K);
        boolean oneBlock = blocks(layer.window()).size() == 1;
        // With several blocks of growing size and nothing computed again, the allocator reuses less.
        long scores = oneBlock || recomputes() ? 2 * scores(layer) : 5 * scores(layer) / 2;
        long attention = scores + shape.rows() * (3 * queries + 2 * keys + again);
        return Math.max(
                attention,
                spec.experts().exist() ? backwardOfExperts(layer, again) : backwardOfFeedForward(layer, again));
    }

    private long backwardOfFeedForward(LayerSpec layer, long again) {
        int spare = recomputes() ? 1 : 0;
        boolean gelu = spec.block().activation() == Architecture.Activation.GELU;
        long perRow = (gelu ? 4L : 3L - spare) * layer.widths().feedForward()
                + (2L - spare) * spec.widths().hiddenSize()
                + again;
        return shape.rows() * perRow + expanded(layer);
    }

    /** The elements of the largest matrix of a layer that is expanded. */
    private long expanded(LayerSpec layer) {
        return Target.usual().stream()
                .filter(layer::has)
                .map(target -> file.tensor(spec.weightName(target, layer.index())))
                .flatMap(Optional::stream)
                .filter(tensor -> tensor.type() != GgmlType.F32)
                .mapToLong(GgufTensor::elements)
                .max()
                .orElse(0);
    }

    /** The experts of one projection as f32, next to their transposes, or only these where they are f32 in the file. */
    private long backwardOfExperts(LayerSpec layer, long again) {
        long hidden = spec.insideFeedForward(layer);
        boolean clamped = spec.block().activation() == Architecture.Activation.CLAMPED_SILU;
        long perRow = (adaptsExperts() ? 4 * low() : 0)
                + results()
                + 2L * spec.experts().count()
                + again;
        long matrices = (long) layer.widths().output(Target.GATE)
                * spec.widths().hiddenSize()
                * spec.experts().count();
        boolean expands = expanded(layer) >= matrices;
        long inGate = (adaptsExperts() ? 5 : 4) * hidden + perRow;
        long inProducts = ((adaptsExperts() ? 4L : 3L) + (clamped ? 2 : 0)) * hidden + perRow;
        return Math.max(shape.rows() * inGate + matrices, shape.rows() * inProducts + (expands ? 2 : 1) * matrices);
    }

    /** The output matrix as f32, for the gradient of what the head reads. */
    long head() {
        return file.tensor("output.weight")
                .or(() -> file.tensor("token_embd.weight"))
                .filter(tensor -> tensor.type() != GgmlType.F32)
                .map(GgufTensor::elements)
                .orElse(0L);
    }
}
