package io.lethean.lem;

import org.jspecify.annotations.Nullable;

/** A grammar or JSON Schema that is malformed, exceeds a limit, or leaves no token to choose. */
public final class GrammarException extends LemException {

    private static final long serialVersionUID = 1L;

    public GrammarException(String message) {
        this(message, null);
    }

    public GrammarException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
