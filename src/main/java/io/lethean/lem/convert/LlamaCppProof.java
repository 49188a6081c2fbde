package io.lethean.lem.convert;

import io.lethean.lem.internal.gguf.GgufWriter;
import io.lethean.lem.internal.io.TemporaryFolder;
import io.lethean.lem.internal.tokenizer.PreTokenizerProof;
import io.lethean.lem.internal.tokenizer.TokenizerMetadata;
import io.lethean.lem.model.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;

/** Lets our own llama.cpp tokenize with a tokenizer that is not in a model yet. */
final class LlamaCppProof implements PreTokenizerProof {

    @Override
    public int[] tokenize(TokenizerMetadata candidate, String text) throws IOException {
        try (TemporaryFolder folder = TemporaryFolder.create("lem-convert-")) {
            Path file = folder.path().resolve("vocabulary.gguf");
            GgufWriter writer = new GgufWriter().forced(false).put("general.architecture", "llama");
            candidate.putInto(writer);
            folder.write(path -> writer.write(file));
            try (Tokenizer tokenizer = Tokenizer.load(file)) {
                return tokenizer.encode(text, false, false).stream()
                        .mapToInt(Integer::intValue)
                        .toArray();
            }
        }
    }
}
