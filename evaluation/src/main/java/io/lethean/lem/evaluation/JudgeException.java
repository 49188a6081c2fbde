package io.lethean.lem.evaluation;

import io.lethean.lem.LemException;
import org.jspecify.annotations.Nullable;

/** A judge that cannot be asked: a refused key, an address where nobody answers, or one failure after another. */
public final class JudgeException extends LemException {

    private static final long serialVersionUID = 1L;

    public JudgeException(String message) {
        this(message, null);
    }

    public JudgeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
