package io.lethean.lem.model;

/** Why a generation ended. */
public enum FinishReason {
    /** The model produced one of its end-of-generation tokens. */
    END_OF_TURN,
    /** The text has {@link GenerationOptions#maxTokens()} tokens. */
    LENGTH,
    /** Prompt and text fill the context, before the text has {@link GenerationOptions#maxTokens()} tokens. */
    CONTEXT_FULL,
    /** {@link GenerationOptions#timeLimit()} has passed. */
    TIME_LIMIT,
    /** One of the caller's stop sequences appeared; it is not part of the text. See {@link Generation#stopSequence()}. */
    STOP_SEQUENCE,
    /** The caller cancelled. */
    CANCELLED;

    /** {@return whether a limit ended the text, so that the model may not have finished it} */
    public boolean isLimit() {
        return this == LENGTH || this == CONTEXT_FULL || this == TIME_LIMIT;
    }
}
