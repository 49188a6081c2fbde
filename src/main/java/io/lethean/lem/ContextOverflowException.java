package io.lethean.lem;

import org.jspecify.annotations.Nullable;

/** A prompt that does not fit the context. */
public final class ContextOverflowException extends LemException {

    private static final long serialVersionUID = 1L;

    /** Tokens of the prompt. */
    private final int promptTokens;
    /** Tokens that the context can hold. */
    private final int contextTokens;

    /**
     * Says what does not fit a context.
     *
     * @param message what was tried, what was expected and found, and what to do next
     * @param promptTokens tokens of the prompt
     * @param contextTokens tokens that the context can hold
     */
    public ContextOverflowException(String message, int promptTokens, int contextTokens) {
        this(message, promptTokens, contextTokens, null);
    }

    /**
     * Says what does not fit a context.
     *
     * @param message what was tried, what was expected and found, and what to do next
     * @param promptTokens tokens of the prompt
     * @param contextTokens tokens that the context can hold
     * @param cause what led to it; null if nothing did
     */
    public ContextOverflowException(String message, int promptTokens, int contextTokens, @Nullable Throwable cause) {
        super(message, cause);
        this.promptTokens = promptTokens;
        this.contextTokens = contextTokens;
    }

    /** {@return tokens of the prompt} */
    public int promptTokens() {
        return promptTokens;
    }

    /** {@return tokens that the context can hold} */
    public int contextTokens() {
        return contextTokens;
    }
}
