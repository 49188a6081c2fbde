package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.gguf.Architecture;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.train.options.Target;
import java.util.List;
import java.util.Locale;

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

    /** The estimate for batches of one shape. */
    public static MemoryEstimate of(GgufFile file, AdapterSpec adapter, BatchShape shape, EngineOptions options) {
        return new Estimator(file, DecoderSpecReader.read(file), adapter, shape, options).estimate();
    }

    private record Estimator(
            GgufFile file, DecoderSpec spec, AdapterSpec adapter, BatchShape shape, EngineOptions options) {

        private MemoryEstimate estimate() {
            return new MemoryEstimate(file.tensorBytes(), adapterBytes(), stash(), work());
        }

        private long adapterBytes() {
            long numbers = 0;
            for (Target target : adapter.targets()) {
                numbers += (long) adapter.rank() * (spec.inputWidth(target) + spec.outputWidth(target));
            }
            // A magnitude, and for its norms a number and a product with A per output.
            long magnitudes = adapter.dora() ? outputs() : 0;
            long all = 4 * (numbers + magnitudes) + magnitudes * (1L + adapter.rank());
            return Float.BYTES * all * (spec.layerCount() - adapter.firstLayer());
        }

        /** Outputs of all adapted matrices of a layer. */
        private long outputs() {
            return adapter.targets().stream().mapToLong(spec::outputWidth).sum();
        }

        private long stash() {
            long inputs = (spec.layerCount() + 3L) * spec.widths().hiddenSize() * (shape.rows() + 1L);
            int keeping = spec.layerCount() - Math.max(adapter.firstLayer(), options.recomputedLayers());
            return Float.BYTES
                    * (inputs + Math.max(0, keeping) * (long) shape.rows() * keptPerToken() + masks() + dropout());
        }

        private long dropout() {
            return adapter.dropout() == 0
                    ? 0
                    : shape.rows()
                            * adapter.targets().stream()
                                    .mapToLong(spec::inputWidth)
                                    .sum();
        }

        private long masks() {
            long numbers = spec.layers().stream()
                    .map(LayerSpec::window)
                    .distinct()
                    .flatMap(window -> blocks(window).stream())
                    .mapToLong(block -> (long) block.count() * block.keys())
                    .sum();
            return numbers * (shape.packed() ? shape.sequences() : 1L);
        }

        private List<QueryBlock> blocks(int window) {
            return QueryBlock.of(shape.tokens(), window, options.attentionRows());
        }

        /** The scores of the largest block of queries. */
        private long scores() {
            long largest = spec.layers().stream()
                    .map(LayerSpec::window)
                    .distinct()
                    .flatMap(window -> blocks(window).stream())
                    .mapToLong(block -> (long) block.count() * block.keys())
                    .max()
                    .orElseThrow();
            return largest * spec.widths().heads() * shape.sequences();
        }

        private long keptPerToken() {
            return 2L * queries()
                    + 2L * keys()
                    + 2L * spec.widths().feedForward()
                    + (spec.block().postNorms() ? 2L : 1L) * spec.widths().hiddenSize()
                    + (long) adapter.rank() * adapter.targets().size()
                    + (adapter.dora() ? outputs() : 0);
        }

        /**
         * The peaks were read off the allocator for several shapes: they are in the feed-forward part or, for long
         * sequences, in attention.
         */
        private long work() {
            boolean recomputes = options.recomputedLayers() > adapter.firstLayer();
            boolean gelu = spec.block().activation() == Architecture.Activation.GELU;
            boolean composed = gelu && !options.tabledGelu();
            long again = recomputes ? keptPerToken() : 0;
            long forward = Math.max(
                    shape.rows()
                            * ((recomputes || composed ? 3L : 2L)
                                            * spec.widths().feedForward()
                                    + (recomputes ? 3L : 2L) * spec.widths().hiddenSize()),
                    shape.rows() * (2L * queries() + 4L * keys()) + 2 * scores());
            long backward = Math.max(
                    shape.rows()
                            * ((gelu ? 6L : 3L) * spec.widths().feedForward()
                                    + spec.widths().hiddenSize()
                                    + again),
                    shape.rows() * (3L * queries() + 6L * keys() + spec.widths().hiddenSize() + again)
                            + (spec.scales().attentionCap() == 0 ? 2 : 4) * scores());
            long head = HeadChunks.largest(shape.rows(), spec.widths().vocabulary())
                    * 2L
                    * (spec.widths().vocabulary() + spec.widths().hiddenSize());
            return Float.BYTES * (forward + backward + head);
        }

        private int queries() {
            return spec.outputWidth(Target.Q);
        }

        private int keys() {
            return spec.outputWidth(Target.K);
        }
    }
}
