package io.lethean.lem.internal.gguf;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * The layers of a random model of an architecture with layers that vary: every second layer has no window, and has heads twice
 * as large and half as many KV heads; layers that use the keys and values of earlier ones are twice as wide inside.
 *
 * @param count layers
 * @param shared how many of the last layers use the keys and values of earlier ones; the number of other layers is even
 * @param input elements per token that each layer gets in addition; 0 for nothing
 * @param values false if keys are used as values in layers without a window
 */
record RandomLayers(int count, int shared, int input, boolean values) {

    /** Makes a frequency so small that its dimensions do not rotate. */
    private static final float NOT_ROTATED = 1e30f;

    boolean isWindowed(int layer) {
        return layer % 2 == 0;
    }

    boolean hasKeys(int layer) {
        return layer < count - shared;
    }

    boolean hasValues(int layer) {
        return hasKeys(layer) && (values || isWindowed(layer));
    }

    int headSize(int layer, int size) {
        return isWindowed(layer) ? size : 2 * size;
    }

    int kvHeads(int layer, int heads) {
        return isWindowed(layer) ? heads : Math.max(1, heads / 2);
    }

    int feedForward(int layer, int width) {
        return hasKeys(layer) ? width : 2 * width;
    }

    /** Factors of the frequencies in layers without a window, of which a quarter rotates; empty without such layers. */
    float[] ropeFactors(int headSize) {
        if (count < 2) {
            return new float[0];
        }
        float[] factors = new float[headSize];
        Arrays.fill(factors, NOT_ROTATED);
        Arrays.fill(factors, 0, Math.max(1, headSize / 4), 1);
        return factors;
    }

    void putMetadata(GgufWriter writer, String arch, int headSize, int kvHeads, int feedForward) {
        writer.put(arch + ".feed_forward_length", each(layer -> feedForward(layer, feedForward)))
                .put(arch + ".attention.head_count_kv", each(layer -> kvHeads(layer, kvHeads)))
                .put(arch + ".attention.sliding_window_pattern", each(layer -> isWindowed(layer) ? 1 : 0))
                .put(arch + ".attention.shared_kv_layers", GgufValue.uint32(shared))
                .put(arch + ".embedding_length_per_layer_input", GgufValue.uint32(input))
                .put(arch + ".attention.key_length", GgufValue.uint32(2L * headSize))
                .put(arch + ".attention.value_length", GgufValue.uint32(2L * headSize))
                .put(arch + ".attention.key_length_swa", GgufValue.uint32(headSize))
                .put(arch + ".attention.value_length_swa", GgufValue.uint32(headSize))
                .put(arch + ".rope.dimension_count", GgufValue.uint32(2L * headSize))
                .put(arch + ".rope.dimension_count_swa", GgufValue.uint32(headSize));
    }

    private GgufArray each(IntUnaryOperator value) {
        return GgufArray.ofIntegers(
                GgufType.UINT32,
                IntStream.range(0, count)
                        .map(value)
                        .mapToLong(Integer::toUnsignedLong)
                        .toArray());
    }
}
