package io.lethean.lem.convert;

import io.lethean.lem.quantize.ConvertProgress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What is converted, and how.
 *
 * @param model a folder with config.json, tokenizer and safetensors files, of Hugging Face or mlx-lm
 * @param output the GGUF file to write
 * @param type {@code auto} for the 16-bit type of the weights, {@code f32}, {@code f16}, {@code bf16} or {@code q8_0};
 *     anything else is what {@link io.lethean.lem.quantize.Quantize} takes, such as {@code q4_K_M}
 * @param name the model's name, such as {@code org/name}; empty to use the folder's
 * @param preTokenizer the name to write as {@code tokenizer.ggml.pre}; empty to find it by the tokens of a check text, which
 *     llama.cpp must then produce as well
 * @param threads threads that compute, at least 1, in addition to the one that writes
 * @param progress receives each written tensor
 */
public record ConvertOptions(
        Path model,
        Path output,
        String type,
        Optional<String> name,
        Optional<String> preTokenizer,
        int threads,
        ConvertProgress progress) {

    public ConvertOptions {
        if (threads < 1) {
            throw new IllegalArgumentException(
                    "Converting needs at least 1 thread, and " + threads + " were asked for.");
        }
        WantedType.parse(type);
    }

    /** The weights in the 16-bit type that they have, with one thread. */
    public static ConvertOptions of(Path model, Path output) {
        return new ConvertOptions(model, output, "auto", Optional.empty(), Optional.empty(), 1, ConvertProgress.NONE);
    }

    public ConvertOptions withModel(Path model) {
        return new ConvertOptions(model, output, type, name, preTokenizer, threads, progress);
    }

    public ConvertOptions withType(String type) {
        return new ConvertOptions(model, output, type, name, preTokenizer, threads, progress);
    }

    public ConvertOptions withName(String name) {
        return new ConvertOptions(model, output, type, Optional.of(name), preTokenizer, threads, progress);
    }

    public ConvertOptions withPreTokenizer(String preTokenizer) {
        return new ConvertOptions(model, output, type, name, Optional.of(preTokenizer), threads, progress);
    }

    public ConvertOptions withThreads(int threads) {
        return new ConvertOptions(model, output, type, name, preTokenizer, threads, progress);
    }

    public ConvertOptions withProgress(ConvertProgress progress) {
        return new ConvertOptions(model, output, type, name, preTokenizer, threads, progress);
    }
}
