package io.lethean.lem;

import org.jspecify.annotations.Nullable;

/**
 * A grammar or JSON Schema that is malformed, exceeds a limit, demands what cannot be enforced, or leaves no token to
 * choose; or a finished text that does not follow its JSON Schema.
 */
public final class GrammarException extends LemException {

    private static final long serialVersionUID = 1L;

    public GrammarException(String message) {
        this(message, null);
    }

    public GrammarException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
