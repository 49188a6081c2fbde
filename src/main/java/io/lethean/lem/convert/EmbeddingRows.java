package io.lethean.lem.convert;

import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.io.DataFile;
import io.lethean.lem.internal.io.Json;
import io.lethean.lem.internal.io.Utf8;
import io.lethean.lem.internal.tokenizer.TokenizerMetadata;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** To how many rows llama.cpp's converter cuts the embedding of Gemma 3. */
final class EmbeddingRows {

    private EmbeddingRows() {}

    /** All tokens of a SentencePiece vocabulary; otherwise the tokens of tokenizer.json and, once more, the added ones. */
    static long of(ModelFolder folder, TokenizerMetadata tokenizer) throws IOException {
        if (folder.has("tokenizer.model") || !folder.has("tokenizer.json")) {
            return tokenizer.size();
        }
        Object root = Json.parse(Utf8.decode(DataFile.readAll(folder.file("tokenizer.json"))));
        if (root instanceof Map<?, ?> json
                && json.get("model") instanceof Map<?, ?> model
                && model.get("vocab") instanceof Map<?, ?> vocabulary
                && json.get("added_tokens") instanceof List<?> added) {
            return Math.addExact(vocabulary.size(), added.size());
        }
        return tokenizer.size();
    }
}
