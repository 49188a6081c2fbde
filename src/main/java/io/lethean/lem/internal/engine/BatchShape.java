package io.lethean.lem.internal.engine;

/**
 * The shape that graphs are built for.
 *
 * @param sequences S
 * @param tokens T, per sequence
 * @param packed true if sequences hold several samples, so that each sequence needs its own mask
 */
public record BatchShape(int sequences, int tokens, boolean packed) {

    public static BatchShape of(SampleBatch batch) {
        return new BatchShape(batch.sequences(), batch.tokensPerSequence(), batch.segments() != null);
    }

    /** A shape that is at least as large as both. */
    public BatchShape max(BatchShape other) {
        return new BatchShape(
                Math.max(sequences, other.sequences), Math.max(tokens, other.tokens), packed || other.packed);
    }

    /** N. */
    public int rows() {
        return sequences * tokens;
    }
}
