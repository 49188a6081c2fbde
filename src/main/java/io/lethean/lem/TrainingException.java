package io.lethean.lem;

import org.jspecify.annotations.Nullable;

/**
 * A training that cannot start or continue: its folder belongs to another run or is in use, it diverged, or a
 * checkpoint could not be written.
 *
 * <p>Every checkpoint that was written before stays on disk.
 */
public final class TrainingException extends LemException {

    private static final long serialVersionUID = 1L;

    /**
     * Says why a training cannot start or continue.
     *
     * @param message what was tried, what was expected and found, and what to do next
     */
    public TrainingException(String message) {
        this(message, null);
    }

    /**
     * Says why a training cannot start or continue.
     *
     * @param message what was tried, what was expected and found, and what to do next
     * @param cause what led to it; null if nothing did
     */
    public TrainingException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
