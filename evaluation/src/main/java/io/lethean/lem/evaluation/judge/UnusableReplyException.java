package io.lethean.lem.evaluation.judge;

import java.time.Duration;

/** One attempt that failed; the message is a clause such as {@code it answered with status 500}. */
final class UnusableReplyException extends Exception {

    private static final long serialVersionUID = 1L;

    /** What a failure means for the next attempt. */
    enum Kind {
        /** Another attempt may succeed. */
        PASSING,
        /** The host does not exist, or does not accept connections. */
        NOBODY_THERE,
        /** The limit on tokens ended the reply before its text began; a higher limit helps. */
        CUT_SHORT,
        /** The service refuses this question; another attempt is useless. */
        REFUSED
    }

    private final Kind kind;
    private final transient Duration wait;

    UnusableReplyException(String message) {
        this(message, Duration.ZERO);
    }

    /** @param wait how long the service asks to be left alone */
    UnusableReplyException(String message, Duration wait) {
        this(message, wait, Kind.PASSING);
    }

    private UnusableReplyException(String message, Duration wait, Kind kind) {
        super(message);
        this.wait = wait;
        this.kind = kind;
    }

    static UnusableReplyException nobody(String message) {
        return new UnusableReplyException(message, Duration.ZERO, Kind.NOBODY_THERE);
    }

    static UnusableReplyException cutShort(String message) {
        return new UnusableReplyException(message, Duration.ZERO, Kind.CUT_SHORT);
    }

    static UnusableReplyException refused(String message) {
        return new UnusableReplyException(message, Duration.ZERO, Kind.REFUSED);
    }

    Duration waiting() {
        return wait;
    }

    Kind kind() {
        return kind;
    }
}
