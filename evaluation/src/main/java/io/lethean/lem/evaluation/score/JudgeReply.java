package io.lethean.lem.evaluation.score;

/** The result of a request to a judge. */
public sealed interface JudgeReply {

    /**
     * The judge said something.
     *
     * @param text what it said, in full
     */
    record Text(String text) implements JudgeReply {}

    /**
     * The judge said nothing that could be used, after all attempts.
     *
     * @param reason one clause, such as {@code it answered with status 500 four times}
     */
    record Failure(String reason) implements JudgeReply {}
}
