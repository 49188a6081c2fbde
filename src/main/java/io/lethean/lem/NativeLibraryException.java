package io.lethean.lem;

import org.jspecify.annotations.Nullable;

/** The native libraries could not be found, unpacked, loaded or verified. */
public final class NativeLibraryException extends LemException {

    private static final long serialVersionUID = 1L;

    public NativeLibraryException(String message) {
        this(message, null);
    }

    public NativeLibraryException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
