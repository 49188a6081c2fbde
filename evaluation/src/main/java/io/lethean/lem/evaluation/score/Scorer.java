package io.lethean.lem.evaluation.score;

import java.util.List;

/**
 * Gives an answer a score. A scorer has no state: equal answers to equal questions have equal scores.
 *
 * <p>Implementations are safe for use by several threads.
 */
public interface Scorer {

    /** {@return the name that selects the scorer and is recorded with its scores, such as {@code v2}} */
    String name();

    /** {@return the version of the rules, which is recorded with every score} Raise it if a score can change. */
    String version();

    /**
     * Scores one answer.
     *
     * @param sample the question, with reference answers if the benchmark has them
     * @param response the answer, exactly as generated
     * @return the score, with details
     */
    Score score(Sample sample, String response);

    /** {@return answers with their scores} Tests check them for every scorer in {@link Scorers}. */
    default List<Example> examples() {
        return List.of();
    }

    /**
     * An answer with its score.
     *
     * @param sample the question
     * @param answer the answer
     * @param score the score of the answer
     */
    record Example(Sample sample, String answer, double score) {

        /** An example for scorers that use only the answer. */
        static Example of(String answer, double score) {
            return new Example(Sample.ofId(""), answer, score);
        }
    }
}
