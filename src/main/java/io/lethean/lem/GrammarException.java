package io.lethean.lem;

import org.jspecify.annotations.Nullable;

/**
 * A grammar or JSON Schema that is malformed, exceeds a limit, demands what cannot be enforced, or leaves no token to
 * choose; or a finished text that does not follow its JSON Schema.
 */
public final class GrammarException extends LemException {

    private static final long serialVersionUID = 1L;

    /**
     * Says why a grammar or JSON Schema cannot be used.
     *
     * @param message what was tried, what was expected and found, and what to do next
     */
    public GrammarException(String message) {
        this(message, null);
    }

    /**
     * Says why a grammar or JSON Schema cannot be used.
     *
     * @param message what was tried, what was expected and found, and what to do next
     * @param cause what led to it; null if nothing did
     */
    public GrammarException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
