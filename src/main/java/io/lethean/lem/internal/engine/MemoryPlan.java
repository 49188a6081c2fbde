package io.lethean.lem.internal.engine;

import io.lethean.lem.InsufficientMemoryException;
import io.lethean.lem.internal.gguf.GgufFile;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a training keeps within the memory there is, and why so.
 *
 * @param options the way that costs least time among those that fit
 * @param estimate for its largest batch
 * @param passedOver the estimate of the way that would be faster and does not fit; null if the fastest fits
 * @param available bytes that may be used in addition to the model; {@link Long#MAX_VALUE} where nobody knows
 */
public record MemoryPlan(
        EngineOptions options,
        MemoryEstimate estimate,
        @Nullable MemoryEstimate passedOver,
        long available) {

    /** Estimates are within 15 % of what is allocated, mostly within 5 %. */
    private static final double MARGIN = 0.9;

    /**
     * Chooses between keeping activations and computing them again.
     *
     * @param available bytes that are free
     * @param fused as for {@link MemoryEstimate#of(GgufFile, AdapterSpec, BatchShape, EngineOptions, boolean)}
     * @throws InsufficientMemoryException if nothing fits
     */
    public static MemoryPlan of(
            GgufFile file,
            AdapterSpec adapter,
            BatchShape shape,
            EngineOptions options,
            long available,
            boolean fused) {
        int all = DecoderSpecReader.read(file).layerCount();
        List<EngineOptions> ways = List.of(options.withRecomputedLayers(0), options.withRecomputedLayers(all));
        return of(file, adapter, shape, available, fused, ways);
    }

    /** Takes the given way, or refuses. */
    public static MemoryPlan ofGiven(
            GgufFile file,
            AdapterSpec adapter,
            BatchShape shape,
            EngineOptions options,
            long available,
            boolean fused) {
        return of(file, adapter, shape, available, fused, List.of(options));
    }

    private static MemoryPlan of(
            GgufFile file,
            AdapterSpec adapter,
            BatchShape shape,
            long available,
            boolean fused,
            List<EngineOptions> ways) {
        long usable = (long) (MARGIN * available);
        MemoryEstimate passedOver = null;
        for (EngineOptions way : ways) {
            MemoryEstimate estimate = MemoryEstimate.of(file, adapter, shape, way, fused);
            if (estimate.total() <= usable) {
                return new MemoryPlan(way, estimate, passedOver, usable);
            }
            passedOver = passedOver == null ? estimate : passedOver;
        }
        throw tooLittle(file, shape, MemoryEstimate.of(file, adapter, shape, ways.getLast(), fused), usable);
    }

    private static InsufficientMemoryException tooLittle(
            GgufFile file, BatchShape shape, MemoryEstimate least, long available) {
        return new InsufficientMemoryException(
                String.format(
                        Locale.ROOT,
                        "Training %s on %d sequences of %d tokens needs at least %s, and %.0f MB may"
                                + " be used; train on fewer or shorter sequences, or fewer layers.",
                        file.path(),
                        shape.sequences(),
                        shape.tokens(),
                        least,
                        available / 1e6),
                least.total(),
                available);
    }

    /** For people: what is needed, and why not in a faster way. */
    @Override
    public String toString() {
        String way = options.recomputedLayers() > 0 ? "activations are computed again" : "activations are kept";
        String reason = passedOver == null
                ? ""
                : String.format(Locale.ROOT, ", because the fastest way needs %.0f MB", passedOver.total() / 1e6);
        String usable = available == Long.MAX_VALUE
                ? "what the device has, which does not say how much,"
                : String.format(Locale.ROOT, "%.0f MB", available / 1e6);
        return String.format(Locale.ROOT, "Memory: %s; %s may be used: %s%s", estimate, usable, way, reason);
    }
}
