package io.lethean.lem.evaluation.score;

/**
 * A pure function from an answer to a score: no model inside, no state, the same answer always scores the same.
 *
 * <p>Implementations are safe for use by several threads.
 */
public interface Scorer {

    /** The name by which the scorer is chosen and recorded, such as {@code v2}. */
    String name();

    /** The version of the rules, raised whenever a score could change; it travels with every score. */
    String version();

    /**
     * Scores one answer.
     *
     * @param sample what was asked, and the reference answers where the benchmark has them
     * @param response the answer, exactly as generated
     */
    Score score(Sample sample, String response);
}
