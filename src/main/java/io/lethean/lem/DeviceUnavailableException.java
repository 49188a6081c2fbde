package io.lethean.lem;

import org.jspecify.annotations.Nullable;

/** A device was asked for that this machine or this native build does not have. */
public final class DeviceUnavailableException extends LemException {

    private static final long serialVersionUID = 1L;

    public DeviceUnavailableException(String message) {
        this(message, null);
    }

    public DeviceUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
