package io.lethean.lem.judge;

/** One attempt that failed and may be repeated; the message is a clause such as {@code it answered with status 500}. */
final class UnusableReplyException extends Exception {

    private static final long serialVersionUID = 1L;

    private final long waitSeconds;

    UnusableReplyException(String message) {
        this(message, 0);
    }

    /** @param waitSeconds how long the service asks to be left alone */
    UnusableReplyException(String message, long waitSeconds) {
        super(message);
        this.waitSeconds = waitSeconds;
    }

    long waitSeconds() {
        return waitSeconds;
    }
}
