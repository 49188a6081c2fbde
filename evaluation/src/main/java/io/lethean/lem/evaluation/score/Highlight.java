package io.lethean.lem.evaluation.score;

/**
 * A phrase of an answer that scores.
 *
 * @param signal what it counts for, such as {@code nuance}
 * @param begin its first {@code char} in the answer
 * @param end the {@code char} after its last
 */
public record Highlight(String signal, int begin, int end) {}
