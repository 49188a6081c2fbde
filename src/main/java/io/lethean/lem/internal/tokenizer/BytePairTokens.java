package io.lethean.lem.internal.tokenizer;

import java.io.IOException;
import java.util.OptionalInt;

/** A byte-level byte-pair vocabulary, as GPT-2 had it first. */
final class BytePairTokens {

    private BytePairTokens() {}

    static void put(
            TokenizerFolder folder,
            TokenizerJson json,
            TokenizerRequest request,
            PreTokenizerProof proof,
            TokenizerValues values)
            throws IOException {
        if (!json.modelType().equals("BPE")) {
            throw folder.refuse(
                    "tokenizer-kind",
                    TokenizerJson.FILE,
                    "is of the kind " + Quoted.of(json.modelType()) + ", and this model needs byte pairs (\"BPE\")");
        }
        TokenizerSource source = TokenizerSource.load(folder, json, request.vocabularySize());
        TokenList tokens = VocabularyTokens.of(source, request.vocabularySize());
        PreTokenizer preTokenizer = PreTokenizer.of(source, request.preTokenizer());
        values.text("tokenizer.ggml.model", "gpt2");
        values.text("tokenizer.ggml.pre", preTokenizer.name());
        tokens.putWithoutScores(values);
        values.texts("tokenizer.ggml.merges", json.mergeTexts());
        SpecialTokens.put(folder, json, OptionalInt.empty(), values);
        preTokenizer.prove(values.metadata(), proof);
    }
}
