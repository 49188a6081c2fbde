package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.internal.gguf.GgufWriter;
import io.lethean.lem.model.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Tokenizes with llama.cpp. */
public final class NativeProof implements PreTokenizerProof {

    @Override
    public int[] tokenize(TokenizerMetadata candidate, String text) throws IOException {
        return encode(candidate, text, false).stream()
                .mapToInt(Integer::intValue)
                .toArray();
    }

    public static List<Integer> encode(TokenizerMetadata candidate, String text, boolean special) throws IOException {
        Path folder = Files.createTempDirectory("lem-proof");
        Path file = folder.resolve("vocabulary.gguf");
        try {
            GgufWriter writer = new GgufWriter().forced(false).put("general.architecture", "llama");
            candidate.putInto(writer);
            writer.write(file);
            try (Tokenizer tokenizer = Tokenizer.load(file)) {
                return tokenizer.encode(text, special, special);
            }
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
    }
}
