package io.lethean.lem.quantize;

import java.nio.file.Path;

/**
 * What is quantized, and how.
 *
 * @param model a GGUF file or the first part of a split one
 * @param output the quantized model, a single file; never the input
 * @param types the types to write in; a tensor without one stays as it is
 * @param threads threads that compute, at least 1, in addition to the one that writes
 * @param progress receives each written tensor
 */
public record QuantizeOptions(Path model, Path output, OutputTypes types, int threads, ConvertProgress progress) {

    public QuantizeOptions {
        if (threads < 1) {
            throw new IllegalArgumentException(
                    "Quantizing needs at least 1 thread, and " + threads + " were asked for.");
        }
    }

    /** One type for all tensors that can be quantized, such as {@code q4_K}, and one thread. */
    public static QuantizeOptions of(Path model, Path output, String type) {
        return new QuantizeOptions(model, output, OutputTypes.parse(type), 1, ConvertProgress.NONE);
    }

    public QuantizeOptions withThreads(int threads) {
        return new QuantizeOptions(model, output, types, threads, progress);
    }

    public QuantizeOptions withProgress(ConvertProgress progress) {
        return new QuantizeOptions(model, output, types, threads, progress);
    }
}
