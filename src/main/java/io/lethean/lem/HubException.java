package io.lethean.lem;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A model hub that cannot be reached, refuses a request, has not what was named, or sends something else. */
public final class HubException extends LemException {

    private static final long serialVersionUID = 1L;

    /** Why the file cannot be had. */
    private final Reason reason;

    /** Why a file cannot be had. */
    public enum Reason {
        /** The name does not have the form of a hub name. */
        INVALID_NAME,
        /** The repository, revision or file does not exist, or is not visible to this caller. */
        NOT_FOUND,
        /** The repository is private or gated, or the token is not valid. */
        ACCESS_DENIED,
        /** The hub asks to wait. */
        RATE_LIMITED,
        /** The hub has a failure of its own, which probably passes. */
        UNAVAILABLE,
        /** No connection, or no answer in time. */
        UNREACHABLE,
        /** The network is switched off by the options, and the cache does not have the file. */
        OFFLINE,
        /** Several files fit the name, and one has to be chosen. */
        AMBIGUOUS,
        /** The repository has no file in a form that is asked for. */
        UNSUITABLE,
        /** What arrived is not what the hub announced. */
        DAMAGED,
        /** An answer that a hub does not give. */
        UNEXPECTED
    }

    /**
     * Says why a file cannot be had from the hub.
     *
     * @param reason why the file cannot be had, for programs that react to it
     * @param message what was tried, what was expected and found, and what to do next
     */
    public HubException(Reason reason, String message) {
        this(reason, message, null);
    }

    /**
     * Says why a file cannot be had from the hub.
     *
     * @param reason why the file cannot be had, for programs that react to it
     * @param message what was tried, what was expected and found, and what to do next
     * @param cause what led to it; null if nothing did
     */
    public HubException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    /** {@return why the file cannot be had, for programs that react to it} */
    public Reason reason() {
        return reason;
    }
}
