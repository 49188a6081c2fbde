package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.FusedOperations;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.train.options.Target;
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
            return Float.BYTES * (inputs + Math.max(0, keeping) * (long) shape.rows() * keptPerToken() + dropout());
        }

        private long dropout() {
            return adapter.dropout() == 0
                    ? 0
                    : shape.rows()
                            * adapter.targets().stream()
                                    .mapToLong(spec::inputWidth)
                                    .sum();
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
            long again = recomputes ? keptPerToken() : 0;
            long forward = Math.max(
                    (recomputes ? 2L : 1L) * spec.widths().feedForward()
                            + (recomputes ? 3L : 2L) * spec.widths().hiddenSize(),
                    2L * queries() + 4L * keys());
            long backward = Math.max(
                    3L * spec.widths().feedForward() + 2L * spec.widths().hiddenSize() + again,
                    3L * queries()
                            + (4L + 2L * parts()) * keys()
                            + spec.widths().hiddenSize()
                            + again);
            long head = HeadChunks.largest(shape.rows(), spec.widths().vocabulary())
                    * 2L
                    * (spec.widths().vocabulary() + spec.widths().hiddenSize());
            return Float.BYTES * (shape.rows() * (forward + backward) + head);
        }

        /** Of the gradients of keys and values. */
        private int parts() {
            return FusedOperations.attentionParts(keys() / spec.widths().headSize());
        }

        private int queries() {
            return spec.outputWidth(Target.Q);
        }

        private int keys() {
            return spec.outputWidth(Target.K);
        }
    }
}
