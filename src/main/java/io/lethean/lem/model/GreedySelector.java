package io.lethean.lem.model;

import java.lang.foreign.MemorySegment;

/** Takes the most likely token, reading the scores where llama.cpp left them. */
final class GreedySelector implements TokenSelector {

    private final int vocabularySize;

    GreedySelector(int vocabularySize) {
        this.vocabularySize = vocabularySize;
    }

    @Override
    public int select(MemorySegment logits, TokenHistory history) {
        return Logits.argmax(logits, vocabularySize);
    }
}
