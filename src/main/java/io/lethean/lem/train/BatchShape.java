package io.lethean.lem.train;

/**
 * The shape that graphs are built for.
 *
 * @param sequences S
 * @param tokens T, per sequence
 * @param packed true if sequences hold several samples, so that each sequence needs its own mask
 */
record BatchShape(int sequences, int tokens, boolean packed) {

    static BatchShape of(TokenBatch batch) {
        return new BatchShape(batch.sequences(), batch.tokensPerSequence(), batch.segments() != null);
    }

    /** N. */
    int rows() {
        return sequences * tokens;
    }
}
