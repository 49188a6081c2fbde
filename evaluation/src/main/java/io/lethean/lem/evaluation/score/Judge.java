package io.lethean.lem.evaluation.score;

/**
 * A model that rates answers: over HTTP, or in this process.
 *
 * <p>Implementations are safe for use by several threads.
 */
public interface Judge {

    /**
     * {@return who judges, such as {@code gemini-2.0-flash}; recorded with every score and part of every cache key}
     */
    String name();

    /**
     * Puts a prompt and returns what came back; what goes wrong on the way is a {@link JudgeReply.Failure}.
     *
     * @param prompt what to rate, and in which form to reply
     * @return the reply, or the failure
     * @throws io.lethean.lem.evaluation.JudgeException if there is no point in asking on, such as a refused key
     */
    JudgeReply ask(JudgePrompt prompt);
}
