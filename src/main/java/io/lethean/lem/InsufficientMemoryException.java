package io.lethean.lem;

import org.jspecify.annotations.Nullable;

/** An allocation that would not fit the memory that is free, refused before it was tried. */
public final class InsufficientMemoryException extends LemException {

    private static final long serialVersionUID = 1L;

    private final long requiredBytes;
    private final long availableBytes;

    /**
     * @param requiredBytes estimate of what is needed
     * @param availableBytes what is free
     */
    public InsufficientMemoryException(String message, long requiredBytes, long availableBytes) {
        this(message, requiredBytes, availableBytes, null);
    }

    public InsufficientMemoryException(
            String message, long requiredBytes, long availableBytes, @Nullable Throwable cause) {
        super(message, cause);
        this.requiredBytes = requiredBytes;
        this.availableBytes = availableBytes;
    }

    /** Estimate of what is needed, in bytes. */
    public long requiredBytes() {
        return requiredBytes;
    }

    /** What is free, in bytes. */
    public long availableBytes() {
        return availableBytes;
    }
}
