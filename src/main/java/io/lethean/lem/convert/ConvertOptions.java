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

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public ConvertOptions {
        if (threads < 1) {
            throw new IllegalArgumentException(
                    "Converting needs at least 1 thread, and " + threads + " were asked for.");
        }
        WantedType.parse(type);
    }

    /**
     * {@return the weights in the 16-bit type that they have, with one thread}
     *
     * @param model a folder with config.json, tokenizer and safetensors files
     * @param output the GGUF file to write
     */
    public static ConvertOptions of(Path model, Path output) {
        return new ConvertOptions(model, output, "auto", Optional.empty(), Optional.empty(), 1, ConvertProgress.NONE);
    }

    /**
     * {@return these options with another {@link #model()}}
     *
     * @param model a folder with config.json, tokenizer and safetensors files, of Hugging Face or mlx-lm
     */
    public ConvertOptions withModel(Path model) {
        return new ConvertOptions(model, output, type, name, preTokenizer, threads, progress);
    }

    /**
     * {@return these options with another {@link #type()}}
     *
     * @param type {@code auto} for the 16-bit type of the weights, {@code f32}, {@code f16}, {@code bf16} or
     *     {@code q8_0}; anything else is what {@link io.lethean.lem.quantize.Quantize} takes, such as {@code q4_K_M}
     */
    public ConvertOptions withType(String type) {
        return new ConvertOptions(model, output, type, name, preTokenizer, threads, progress);
    }

    /**
     * {@return these options with another {@link #name()}}
     *
     * @param name the model's name, such as {@code org/name}; empty to use the folder's
     */
    public ConvertOptions withName(String name) {
        return new ConvertOptions(model, output, type, Optional.of(name), preTokenizer, threads, progress);
    }

    /**
     * {@return these options with another {@link #preTokenizer()}}
     *
     * @param preTokenizer the name to write as {@code tokenizer.ggml.pre}; empty to find it by the tokens of a check
     *     text, which llama.cpp must then produce as well
     */
    public ConvertOptions withPreTokenizer(String preTokenizer) {
        return new ConvertOptions(model, output, type, name, Optional.of(preTokenizer), threads, progress);
    }

    /**
     * {@return these options with another {@link #threads()}}
     *
     * @param threads threads that compute, at least 1, in addition to the one that writes
     */
    public ConvertOptions withThreads(int threads) {
        return new ConvertOptions(model, output, type, name, preTokenizer, threads, progress);
    }

    /**
     * {@return these options with another {@link #progress()}}
     *
     * @param progress receives each written tensor
     */
    public ConvertOptions withProgress(ConvertProgress progress) {
        return new ConvertOptions(model, output, type, name, preTokenizer, threads, progress);
    }
}
