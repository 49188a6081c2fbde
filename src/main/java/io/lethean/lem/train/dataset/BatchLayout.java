package io.lethean.lem.train.dataset;

/**
 * How samples are put together for one step of training.
 *
 * @param batchSize rows in a batch, at least 1
 * @param rowMultiple rows are padded to a multiple of this many tokens, at least 1; 32 as in mlx-lm unless there is a
 *     reason, since every other length costs a computation of its own
 * @param packedLength samples are packed one after the other into rows of at most this many tokens; 0 for one sample a
 *     row
 * @param seed what the order of each epoch follows from
 */
public record BatchLayout(int batchSize, int rowMultiple, int packedLength, long seed) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public BatchLayout {
        if (batchSize < 1 || rowMultiple < 1 || packedLength < 0) {
            throw new IllegalArgumentException("A batch has at least one row, padded to a multiple of at least one"
                    + " token and packed to at least 0, and " + batchSize + ", " + rowMultiple + " and " + packedLength
                    + " were given.");
        }
    }

    /**
     * {@return one sample a row, padded as mlx-lm does}
     *
     * @param batchSize samples in a batch
     * @param seed of the order
     */
    public static BatchLayout of(int batchSize, long seed) {
        return new BatchLayout(batchSize, 32, 0, seed);
    }
}
