package io.lethean.lem.model;

/** What a {@link Conversation} does when it no longer fits the context. */
public enum WhenFull {
    /** The next turn is refused with a {@link io.lethean.lem.ContextOverflowException}. */
    REFUSE,
    /**
     * The oldest questions are dropped with all that came of them (answers, calls of tools and their results), until the
     * prompt leaves room for an answer: the most tokens that were asked for, or a quarter of the context if that is less.
     * The messages that the conversation began with stay, and so does the last question.
     */
    DROP_OLDEST
}
