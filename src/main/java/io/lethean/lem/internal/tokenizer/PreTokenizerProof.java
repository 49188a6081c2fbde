package io.lethean.lem.internal.tokenizer;

import java.io.IOException;

/** Tokenizes a text with llama.cpp, given a tokenizer's metadata. */
@FunctionalInterface
public interface PreTokenizerProof {

    /**
     * The tokens of a text, without tokens that the tokenizer adds around it.
     *
     * @param candidate all values of the tokenizer, the name of a pre-tokenizer among them
     * @throws io.lethean.lem.InvalidModelException if llama.cpp refuses the tokenizer
     */
    int[] tokenize(TokenizerMetadata candidate, String text) throws IOException;
}
