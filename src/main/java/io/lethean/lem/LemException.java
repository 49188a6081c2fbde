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

    protected LemException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
