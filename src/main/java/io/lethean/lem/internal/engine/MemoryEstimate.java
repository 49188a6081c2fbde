package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.FusedOperations;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.train.options.Target;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What training will take of the device's memory, before any of it is asked for, in bytes.
 *
 * @param base the frozen weights; on the CPU these are pages of the file that the system may drop and read again
 * @param adapter matrices, gradients and moments
 * @param stash what layers keep for the backward pass
 * @param work the graphs' working memories; the one part that is an approximation
 */
public record MemoryEstimate(long base, long adapter, long stash, long work) {

    /** Everything but the base. */
    public long total() {
        return adapter + stash + work;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.0f MB in addition to the model's %.0f MB: adapter and optimizer %.0f, activations %.0f, working memory %.0f",
                total() / 1e6,
                base / 1e6,
                adapter / 1e6,
                stash / 1e6,
                work / 1e6);
    }

    /** The estimate for batches of one shape on the CPU. */
    public static MemoryEstimate of(GgufFile file, AdapterSpec adapter, BatchShape shape, EngineOptions options) {
        return of(file, adapter, shape, options, true);
    }

    /**
     * The estimate for batches of one shape.
     *
     * @param fused true if the device has products and attention of our own, as the CPU has
     */
    public static MemoryEstimate of(
            GgufFile file, AdapterSpec adapter, BatchShape shape, EngineOptions options, boolean fused) {
        DecoderSpec spec = DecoderSpecReader.read(file);
        DeviceWork device = fused ? null : new DeviceWork(file, spec, adapter, shape, options);
        return new Estimator(file, spec, adapter, shape, options, device).estimate();
    }

    /** @param device null where the device has operations of our own */
    private record Estimator(
            GgufFile file,
            DecoderSpec spec,
            AdapterSpec adapter,
            BatchShape shape,
            EngineOptions options,
            @Nullable DeviceWork device) {

        private MemoryEstimate estimate() {
            long masks = device == null ? 0 : Float.BYTES * device.masks();
            long work = device == null ? work() : work(device);
            return new MemoryEstimate(file.tensorBytes(), adapterBytes(), stash() + masks, work);
        }

        private long work(DeviceWork own) {
            long forward = spec.layers().stream().mapToLong(own::forward).max().orElse(0);
            long backward = adapted().stream()
                    .mapToLong(layer -> own.backward(layer, kept(layer)))
                    .max()
                    .orElse(0);
            return Float.BYTES * (Math.max(forward, shape.rows() * layerInputs()) + backward + head() + own.head());
        }

        private long adapterBytes() {
            long all = 0;
            for (LayerSpec layer : adapted()) {
                long numbers = 0;
                for (Target target : targets(layer)) {
                    long each = spec.isOfExperts(target) ? spec.experts().count() : 1;
                    numbers += each
                            * adapter.rank()
                            * (layer.widths().input(target) + layer.widths().output(target));
                }
                // A magnitude, and for its norms a number and a product with A per output.
                long magnitudes = adapter.dora() ? outputs(layer) : 0;
                all += 4 * (numbers + magnitudes) + magnitudes * (1L + adapter.rank());
            }
            return Float.BYTES * all;
        }

        private List<LayerSpec> adapted() {
            return spec.layers().subList(adapter.firstLayer(), spec.layerCount());
        }

        private List<Target> targets(LayerSpec layer) {
            return adapter.targets().stream().filter(layer::has).toList();
        }

        /** Outputs of all adapted matrices of a layer. */
        private long outputs(LayerSpec layer) {
            return targets(layer).stream().mapToLong(layer.widths()::output).sum();
        }

        private long stash() {
            long inputs = (spec.layerCount() + 3L) * spec.widths().hiddenSize() * (shape.rows() + 1L);
            long perToken = (long) spec.widths().layerInput() * spec.layerCount() + shared() + dropout();
            for (LayerSpec layer : adapted()) {
                perToken += layer.index() < options.recomputedLayers() ? 0 : kept(layer);
            }
            return Float.BYTES * (inputs + shape.rows() * perToken);
        }

        /** Keys and values that later layers use, with their gradients, per token. */
        private long shared() {
            return spec.layers().stream()
                    .filter(layer -> !layer.hasKeys())
                    .mapToInt(LayerSpec::keysOf)
                    .distinct()
                    .mapToLong(of -> (of < adapter.firstLayer() ? 2L : 4L) * keys(spec.layer(of)))
                    .sum();
        }

        /** Masks of projections with one number of inputs are shared. */
        private long dropout() {
            if (adapter.dropout() == 0) {
                return 0;
            }
            return adapter.targets().stream()
                    .mapToLong(target -> adapted().stream()
                            .filter(layer -> layer.has(target))
                            .mapToLong(layer -> layer.widths().input(target))
                            .distinct()
                            .sum())
                    .sum();
        }

        /** What a layer keeps, per token. */
        private long kept(LayerSpec layer) {
            long own = spec.widths().layerInput();
            return 2L * queries(layer)
                    + (layer.has(Target.K) ? keys(layer) : 0L)
                    + (layer.has(Target.V) ? keys(layer) : 0L)
                    + 2L * spec.insideFeedForward(layer)
                    + spec.experts().count()
                    + (spec.block().postNorms() ? 2L : 1L) * spec.widths().hiddenSize()
                    + (own == 0 ? 0 : own + spec.widths().hiddenSize())
                    + dense(layer)
                    + lowRank(layer)
                    + (adapter.dora() ? outputs(layer) : 0);
        }

        /** What a dense part next to a mixture keeps, and the mixture's result. */
        private long dense(LayerSpec layer) {
            long dense = layer.widths().dense();
            return dense == 0 ? 0 : 2 * (dense + spec.widths().hiddenSize());
        }

        /** Results of the matrices A per token. */
        private long lowRank(LayerSpec layer) {
            return targets(layer).stream()
                    .mapToLong(target -> (long) adapter.rank()
                            * (spec.isOfExperts(target) ? spec.experts().used() : 1))
                    .sum();
        }

        /**
         * The peaks were read off the allocator for several shapes: they are in the feed-forward part or, for long
         * sequences, in attention.
         */
        private long work() {
            long forward = Math.max(
                    spec.layers().stream().mapToLong(this::forward).max().orElse(0), layerInputs());
            long backward = adapted().stream().mapToLong(this::backward).max().orElse(0);
            return Float.BYTES * (shape.rows() * (forward + backward) + head());
        }

        /** What the inputs of single layers need per token when they are computed. */
        private long layerInputs() {
            return 2L * spec.widths().layerInput() * spec.layerCount();
        }

        private long head() {
            return HeadChunks.largest(shape.rows(), spec.widths().vocabulary())
                    * 2L
                    * (spec.widths().vocabulary() + spec.widths().hiddenSize());
        }

        /** A layer that keeps nothing has gate, up and their product in the working memory. */
        private long forwardOfExperts(LayerSpec layer) {
            boolean keepsAll = options.recomputedLayers() == 0 && adapter.firstLayer() == 0;
            long copies = layer.widths().gateHasUp() ? 2L * spec.insideFeedForward(layer) : 0;
            return copies
                    + (keepsAll
                            ? (spec.block().biases() ? 2L : 1L) * spec.insideFeedForward(layer)
                                    + spec.widths().hiddenSize()
                                    + 2L * spec.experts().count()
                            : 3L * spec.insideFeedForward(layer)
                                    + 2L * spec.widths().hiddenSize()
                                    + 3L * spec.experts().count());
        }

        /** Below the adapter, layers keep nothing either. */
        private long forwardOfFeedForward(LayerSpec layer) {
            long hidden = layer.widths().feedForward();
            long width = spec.widths().hiddenSize();
            if (recomputes()) {
                return 2 * hidden + 3 * width;
            }
            return (adapter.firstLayer() > 0 ? 3 : 1) * hidden + 2 * width;
        }

        private long backwardOfExperts(LayerSpec layer) {
            boolean adapted = adapter.targets().stream().anyMatch(spec::isOfExperts);
            long low = adapted ? 2L * spec.experts().used() * adapter.rank() : 0;
            long more = recomputes()
                    ? (spec.block().biases() ? spec.insideFeedForward(layer) : 0)
                            + spec.widths().hiddenSize()
                    : 0;
            long copies = layer.widths().gateHasUp() ? 3L * spec.insideFeedForward(layer) : 0;
            return copies
                    + (adapted ? 5L : 4L) * spec.insideFeedForward(layer)
                    + 2L * spec.experts().count()
                    + low
                    + more;
        }

        private boolean recomputes() {
            return options.recomputedLayers() > adapter.firstLayer();
        }

        private long forward(LayerSpec layer) {
            return Math.max(
                    spec.experts().exist() ? forwardOfExperts(layer) : forwardOfFeedForward(layer),
                    2L * queries(layer) + 4L * keys(layer));
        }

        private long backward(LayerSpec layer) {
            long again = recomputes() ? kept(layer) : 0;
            return Math.max(
                    spec.experts().exist()
                            ? backwardOfExperts(layer) + again
                            : 3L * layer.widths().feedForward()
                                    + 2L * spec.widths().hiddenSize()
                                    + again,
                    3L * queries(layer)
                            + (4L
                                            + 2L
                                                    * FusedOperations.attentionParts(
                                                            layer.widths().kvHeads()))
                                    * keys(layer)
                            + spec.widths().hiddenSize()
                            + again);
        }

        private static long queries(LayerSpec layer) {
            return layer.widths().output(Target.Q);
        }

        private static long keys(LayerSpec layer) {
            return layer.widths().output(Target.K);
        }
    }
}
