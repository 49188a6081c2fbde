package io.lethean.lem;

import org.jspecify.annotations.Nullable;

/**
 * The root of what can go wrong in this library beyond a caller's mistake or a file that cannot be read.
 *
 * <p>A message is one sentence or a few: what was tried, on which file or tensor, what was expected and found, what to
 * do next.
 */
public abstract class LemException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Says what failed.
     *
     * @param message what was tried, what was expected and found, and what to do next
     * @param cause what led to it; null if nothing did
     */
    protected LemException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
