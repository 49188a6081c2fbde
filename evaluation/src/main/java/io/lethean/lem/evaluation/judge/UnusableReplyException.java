package io.lethean.lem.evaluation.judge;

/** One attempt that failed and may be repeated; the message is a clause such as {@code it answered with status 500}. */
final class UnusableReplyException extends Exception {

    private static final long serialVersionUID = 1L;

    private final long waitSeconds;
    private final boolean nobodyThere;

    UnusableReplyException(String message) {
        this(message, 0);
    }

    /** @param waitSeconds how long the service asks to be left alone */
    UnusableReplyException(String message, long waitSeconds) {
        this(message, waitSeconds, false);
    }

    private UnusableReplyException(String message, long waitSeconds, boolean nobodyThere) {
        super(message);
        this.waitSeconds = waitSeconds;
        this.nobodyThere = nobodyThere;
    }

    /** There is no such machine, or nothing on it takes connections. */
    static UnusableReplyException nobody(String message) {
        return new UnusableReplyException(message, 0, true);
    }

    long waitSeconds() {
        return waitSeconds;
    }

    boolean nobodyThere() {
        return nobodyThere;
    }
}
