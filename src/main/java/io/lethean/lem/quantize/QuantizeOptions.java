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

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public QuantizeOptions {
        if (threads < 1) {
            throw new IllegalArgumentException(
                    "Quantizing needs at least 1 thread, and " + threads + " were asked for.");
        }
    }

    /**
     * {@return one type for all tensors that can be quantized, such as {@code q4_K}, and one thread}
     *
     * @param model the GGUF file to read
     * @param output the GGUF file to write
     * @param type such as {@code q4_K}
     */
    public static QuantizeOptions of(Path model, Path output, String type) {
        return new QuantizeOptions(model, output, OutputTypes.parse(type), 1, ConvertProgress.NONE);
    }

    /**
     * {@return these options with another {@link #threads()}}
     *
     * @param threads threads that compute, at least 1, in addition to the one that writes
     */
    public QuantizeOptions withThreads(int threads) {
        return new QuantizeOptions(model, output, types, threads, progress);
    }

    /**
     * {@return these options with another {@link #progress()}}
     *
     * @param progress receives each written tensor
     */
    public QuantizeOptions withProgress(ConvertProgress progress) {
        return new QuantizeOptions(model, output, types, threads, progress);
    }
}
