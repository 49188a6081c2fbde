package io.lethean.lem.train.dataset;

/** Turns text into a model's tokens. */
@FunctionalInterface
public interface TextTokenizer {

    /** The tokens of a whole text, with the token that begins every text if the model has one. */
    int[] tokenize(String text);
}
