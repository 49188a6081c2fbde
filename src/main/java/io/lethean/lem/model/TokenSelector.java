package io.lethean.lem.model;

import java.lang.foreign.MemorySegment;

/** Chooses the next token. One serves one generation, on the model's thread. */
interface TokenSelector extends AutoCloseable {

    /**
     * The next token.
     *
     * @param logits the scores of all tokens, in native memory
     * @param history the tokens so far, prompt included
     */
    int select(MemorySegment logits, TokenHistory history);

    @Override
    default void close() {}
}
