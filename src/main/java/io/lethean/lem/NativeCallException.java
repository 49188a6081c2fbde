package io.lethean.lem;

import org.jspecify.annotations.Nullable;

/** A call into llama.cpp that failed, with the function and the code it returned. */
public final class NativeCallException extends LemException {

    private static final long serialVersionUID = 1L;

    /** The C function that failed. */
    private final String function;
    /** The code that the function returned. */
    private final long code;

    /**
     * Says which native call failed.
     *
     * @param message what was tried, what was expected and found, and what to do next
     * @param function the C function that failed
     * @param code the code that it returned
     */
    public NativeCallException(String message, String function, long code) {
        this(message, function, code, null);
    }

    /**
     * Says which native call failed.
     *
     * @param message what was tried, what was expected and found, and what to do next
     * @param function the C function that failed
     * @param code the code that it returned
     * @param cause what led to it; null if nothing did
     */
    public NativeCallException(String message, String function, long code, @Nullable Throwable cause) {
        super(message, cause);
        this.function = function;
        this.code = code;
    }

    /** {@return the C function that failed} */
    public String function() {
        return function;
    }

    /** {@return the code that it returned; 0 where it returned no code but a null pointer} */
    public long code() {
        return code;
    }
}
