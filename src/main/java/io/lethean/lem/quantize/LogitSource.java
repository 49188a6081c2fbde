package io.lethean.lem.quantize;

import java.util.function.Consumer;

/** A model as far as a comparison needs it. */
@FunctionalInterface
public interface LogitSource {

    /**
     * Evaluates a sequence from its beginning.
     *
     * @param tokens the sequence
     * @param rows is given, for each token in turn, the scores (logits) of every token as the one that comes next; the
     *     array may be used again for the next row
     */
    void evaluate(int[] tokens, Consumer<float[]> rows);
}
