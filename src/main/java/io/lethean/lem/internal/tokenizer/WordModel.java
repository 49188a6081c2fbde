package io.lethean.lem.internal.tokenizer;

import java.util.List;

/** Turns one word into tokens. */
@FunctionalInterface
interface WordModel {

    void encode(String word, List<Integer> target);
}
