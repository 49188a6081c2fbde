package io.lethean.lem.evaluation;

import io.lethean.lem.LemException;
import org.jspecify.annotations.Nullable;

/**
 * A benchmark that cannot start or continue: its output belongs to another run or is in use, or an answer failed.
 *
 * <p>Everything recorded before stays on disk.
 */
public final class BenchmarkException extends LemException {

    private static final long serialVersionUID = 1L;

    /**
     * Says why a run cannot start or continue.
     *
     * @param message what was tried, what was expected and found, and what to do next
     */
    public BenchmarkException(String message) {
        this(message, null);
    }

    /**
     * Says why a run cannot start or continue.
     *
     * @param message what was tried, what was expected and found, and what to do next
     * @param cause what led to it; null if nothing did
     */
    public BenchmarkException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
