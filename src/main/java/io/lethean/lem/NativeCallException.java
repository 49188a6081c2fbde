package io.lethean.lem;

import org.jspecify.annotations.Nullable;

/** A call into llama.cpp that failed, with the function and the code it returned. */
public final class NativeCallException extends LemException {

    private static final long serialVersionUID = 1L;

    private final String function;
    private final long code;

    public NativeCallException(String message, String function, long code) {
        this(message, function, code, null);
    }

    public NativeCallException(String message, String function, long code, @Nullable Throwable cause) {
        super(message, cause);
        this.function = function;
        this.code = code;
    }

    /** The C function that failed. */
    public String function() {
        return function;
    }

    /** The code that it returned; 0 where it returned no code but a null pointer. */
    public long code() {
        return code;
    }
}
