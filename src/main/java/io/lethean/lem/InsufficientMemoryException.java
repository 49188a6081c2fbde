package io.lethean.lem;

import org.jspecify.annotations.Nullable;

/** An allocation that would not fit the memory that is free, refused before it was tried. */
public final class InsufficientMemoryException extends LemException {

    private static final long serialVersionUID = 1L;

    /** Estimate of what is needed, in bytes. */
    private final long requiredBytes;
    /** What is free, in bytes. */
    private final long availableBytes;

    /**
     * Says how much memory is needed and how much is free.
     *
     * @param message what was tried, what was expected and found, and what to do next
     * @param requiredBytes estimate of what is needed
     * @param availableBytes what is free
     */
    public InsufficientMemoryException(String message, long requiredBytes, long availableBytes) {
        this(message, requiredBytes, availableBytes, null);
    }

    /**
     * Says how much memory is needed and how much is free.
     *
     * @param message what was tried, what was expected and found, and what to do next
     * @param requiredBytes estimate of what is needed
     * @param availableBytes what is free
     * @param cause what led to it; null if nothing did
     */
    public InsufficientMemoryException(
            String message, long requiredBytes, long availableBytes, @Nullable Throwable cause) {
        super(message, cause);
        this.requiredBytes = requiredBytes;
        this.availableBytes = availableBytes;
    }

    /** {@return estimate of what is needed, in bytes} */
    public long requiredBytes() {
        return requiredBytes;
    }

    /** {@return what is free, in bytes} */
    public long availableBytes() {
        return availableBytes;
    }
}
