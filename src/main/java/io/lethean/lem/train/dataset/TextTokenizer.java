package io.lethean.lem.train.dataset;

/** Turns text into a model's tokens. */
@FunctionalInterface
public interface TextTokenizer {

    /**
     * {@return the tokens of a whole text, with the token that begins every text if the model has one}
     *
     * @param text any text
     */
    int[] tokenize(String text);
}
