package io.lethean.lem;

import org.jspecify.annotations.Nullable;

/** A device was asked for that this machine or this native build does not have. */
public final class DeviceUnavailableException extends LemException {

    private static final long serialVersionUID = 1L;

    /**
     * Says which device is absent or lacks what is needed.
     *
     * @param message what was tried, what was expected and found, and what to do next
     */
    public DeviceUnavailableException(String message) {
        this(message, null);
    }

    /**
     * Says which device is absent or lacks what is needed.
     *
     * @param message what was tried, what was expected and found, and what to do next
     * @param cause what led to it; null if nothing did
     */
    public DeviceUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
