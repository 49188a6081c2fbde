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

    public TrainingException(String message) {
        this(message, null);
    }

    public TrainingException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
