package io.lethean.lem.model;

/** Why a generation ended. */
public enum FinishReason {
    /** The model produced one of its end-of-generation tokens. */
    END_OF_TURN,
    /** The limit on new tokens, or the end of the context, was reached. */
    LENGTH,
    /** One of the caller's stop sequences appeared; it is not part of the text. */
    STOP_SEQUENCE,
    /** The caller cancelled. */
    CANCELLED
}
