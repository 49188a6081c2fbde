package io.lethean.lem;

import org.jspecify.annotations.Nullable;

/** The native libraries could not be found, unpacked, loaded or verified. */
public final class NativeLibraryException extends LemException {

    private static final long serialVersionUID = 1L;

    /**
     * Says why the native libraries cannot be used.
     *
     * @param message what was tried, what was expected and found, and what to do next
     */
    public NativeLibraryException(String message) {
        this(message, null);
    }

    /**
     * Says why the native libraries cannot be used.
     *
     * @param message what was tried, what was expected and found, and what to do next
     * @param cause what led to it; null if nothing did
     */
    public NativeLibraryException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
