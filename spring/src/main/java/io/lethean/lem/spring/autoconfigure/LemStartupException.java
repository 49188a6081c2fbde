package io.lethean.lem.spring.autoconfigure;

import org.jspecify.annotations.Nullable;

/** A property keeps a model from being made. The message and the action are sentences; Spring Boot prints both. */
public final class LemStartupException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What the user can do. */
    private final String action;

    LemStartupException(String message, String action, @Nullable Throwable cause) {
        super(message, cause);
        this.action = action;
    }

    /**
     * What to do.
     *
     * @return sentences
     */
    public String action() {
        return action;
    }
}
