package io.lethean.lem.model;

import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufType;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.internal.gguf.RandomVocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Tiny models with each of llama.cpp's tokenizers. */
final class TokenizerModels {

    static final ModelOptions OPTIONS =
            ModelOptions.builder().threads(1).contextTokens(128).device("cpu").build();

    private static final int VOCABULARY = 400;
    private static final String TEMPLATE = "{% for message in messages %}{{ message.content }}{% endfor %}";

    private TokenizerModels() {}

    /** Writes a model with this {@code tokenizer.ggml.model} and this {@code tokenizer.ggml.pre}. */
    static Path write(Path folder, String model, String pre) throws IOException {
        boolean pairs = List.of("gpt2", "gemma4", "hybriddna", "whitespace").contains(model);
        GgufWriter writer = RandomModel.llama(1, 32, 2, 1, 64, VOCABULARY)
                .tokenizer(pairs ? RandomVocabulary.Kind.BYTE_PAIR : RandomVocabulary.Kind.SENTENCE_PIECE)
                .chatTemplate(TEMPLATE)
                .writer(1)
                .forced(false)
                .put("tokenizer.ggml.model", model)
                .put("tokenizer.ggml.pre", pre);
        switch (model) {
            case "bert" -> writer.put("tokenizer.ggml.token_type", ordinary());
            case "rwkv" ->
                writer.put("tokenizer.ggml.tokens", bytesAndRuns()).put("tokenizer.ggml.token_type", ordinary());
            default -> {}
        }
        Path file = folder.resolve(model + "-" + pre + ".gguf");
        writer.write(file);
        return file;
    }

    private static GgufValue ordinary() {
        return GgufArray.ofIntegers(
                GgufType.INT32, LongStream.generate(() -> 1).limit(VOCABULARY).toArray());
    }

    /** RWKV's way to write bytes. */
    private static GgufValue bytesAndRuns() {
        Stream<String> bytes = IntStream.range(0, 256).mapToObj("\\x%02x"::formatted);
        Stream<String> runs = IntStream.range(2, VOCABULARY - 256 + 2).mapToObj("a"::repeat);
        return GgufArray.ofStrings(Stream.concat(bytes, runs).toList());
    }
}
