package io.lethean.lem.evaluation;

import io.lethean.lem.LemException;
import org.jspecify.annotations.Nullable;

/** A judge that cannot be asked: a refused key, an address where nobody answers, or one failure after another. */
public final class JudgeException extends LemException {

    private static final long serialVersionUID = 1L;

    /**
     * Says why a judge cannot be asked.
     *
     * @param message what was tried, what was expected and found, and what to do next
     */
    public JudgeException(String message) {
        this(message, null);
    }

    /**
     * Says why a judge cannot be asked.
     *
     * @param message what was tried, what was expected and found, and what to do next
     * @param cause what led to it; null if nothing did
     */
    public JudgeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
