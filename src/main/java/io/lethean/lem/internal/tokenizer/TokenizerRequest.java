package io.lethean.lem.internal.tokenizer;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A tokenizer to read.
 *
 * @param folder the folder with tokenizer.json, tokenizer.model and their like
 * @param family which files count for the model
 * @param vocabularySize the configuration's {@code vocab_size}; ids without a token below it become unused tokens
 * @param tokenTypes the configuration's {@code type_vocab_size}, for BERT
 * @param preTokenizer the name to write as {@code tokenizer.ggml.pre} without a proof, where the user names one
 */
public record TokenizerRequest(
        Path folder,
        TokenizerFamily family,
        OptionalInt vocabularySize,
        OptionalInt tokenTypes,
        Optional<String> preTokenizer) {

    /** A request for a model with this vocabulary size. */
    public static TokenizerRequest of(Path folder, TokenizerFamily family, int vocabularySize) {
        return new TokenizerRequest(
                folder, family, OptionalInt.of(vocabularySize), OptionalInt.empty(), Optional.empty());
    }

    /** This request with a named pre-tokenizer. */
    public TokenizerRequest withPreTokenizer(String name) {
        return new TokenizerRequest(folder, family, vocabularySize, tokenTypes, Optional.of(name));
    }

    /** This request with the number of token types. */
    public TokenizerRequest withTokenTypes(int count) {
        return new TokenizerRequest(folder, family, vocabularySize, OptionalInt.of(count), preTokenizer);
    }
}
