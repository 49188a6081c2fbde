package io.lethean.lem.quantize;

import io.lethean.lem.adapter.AdapterUse;
import java.nio.file.Path;
import java.util.List;

/**
 * What is merged into what, and how.
 *
 * @param model the base model, a GGUF file or the first part of a split one
 * @param adapters at least one, added up
 * @param output the merged model, a single file; never one of the inputs
 * @param types what the tensors that an adapter changes are written in; all others are copied
 * @param threads threads that compute, at least 1, in addition to the one that writes
 * @param progress receives each written tensor
 */
public record FuseOptions(
        Path model, List<AdapterUse> adapters, Path output, OutputTypes types, int threads, ConvertProgress progress) {

    /**
     * Checks the values and copies the list.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public FuseOptions {
        adapters = List.copyOf(adapters);
        if (adapters.isEmpty()) {
            throw new IllegalArgumentException("Merging needs at least one adapter; name one.");
        }
        if (threads < 1) {
            throw new IllegalArgumentException("Merging needs at least 1 thread, and " + threads + " were asked for.");
        }
    }

    /**
     * {@return one adapter as it was trained, every tensor in the type that it has, one thread}
     *
     * @param model the GGUF file of the base
     * @param adapter the adapter
     * @param output the GGUF file to write
     */
    public static FuseOptions of(Path model, Path adapter, Path output) {
        return new FuseOptions(
                model, List.of(AdapterUse.of(adapter)), output, OutputTypes.KEEP, 1, ConvertProgress.NONE);
    }

    /**
     * {@return these options with another {@link #types()}}
     *
     * @param types what the tensors that an adapter changes are written in; all others are copied
     */
    public FuseOptions withTypes(OutputTypes types) {
        return new FuseOptions(model, adapters, output, types, threads, progress);
    }

    FuseOptions withOutput(Path output) {
        return new FuseOptions(model, adapters, output, types, threads, progress);
    }

    /**
     * {@return these options with another {@link #threads()}}
     *
     * @param threads threads that compute, at least 1, in addition to the one that writes
     */
    public FuseOptions withThreads(int threads) {
        return new FuseOptions(model, adapters, output, types, threads, progress);
    }

    /**
     * {@return these options with another {@link #progress()}}
     *
     * @param progress receives each written tensor
     */
    public FuseOptions withProgress(ConvertProgress progress) {
        return new FuseOptions(model, adapters, output, types, threads, progress);
    }
}
