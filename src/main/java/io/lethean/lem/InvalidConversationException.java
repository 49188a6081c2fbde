package io.lethean.lem;

/** A saved conversation that does not fit the model that should continue it. */
public final class InvalidConversationException extends LemException {

    private static final long serialVersionUID = 1L;

    public InvalidConversationException(String message) {
        super(message, null);
    }
}
