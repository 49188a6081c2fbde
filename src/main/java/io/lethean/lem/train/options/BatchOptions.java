package io.lethean.lem.train.options;

/**
 * How many batches are trained, and how large they are.
 *
 * @param iterations batches to train on, default 1000; 0 if {@code epochs} is given
 * @param epochs passes over the data; 0, the default, if {@code iterations} is given
 * @param batchSize samples in a batch, at least 1, default 4
 * @param gradientAccumulation batches per update, at least 1, default 1; the loss is the mean over all their trained
 *     tokens
 */
public record BatchOptions(int iterations, int epochs, int batchSize, int gradientAccumulation) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public BatchOptions {
        OptionCheck.require(
                iterations >= 0 && epochs >= 0 && (iterations == 0) != (epochs == 0),
                "number of iterations",
                iterations,
                "at least 1, unless the number of epochs (" + epochs + ") sets the length");
        OptionCheck.requireAtLeast("batch size", batchSize, 1);
        OptionCheck.requireAtLeast("gradient accumulation", gradientAccumulation, 1);
    }

    /** {@return the defaults of mlx-lm} */
    public static BatchOptions defaults() {
        return new BatchOptions(1000, 0, 4, 1);
    }
}
