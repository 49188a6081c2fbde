package io.lethean.lem;

/** A saved conversation that does not fit the model that should continue it. */
public final class InvalidConversationException extends LemException {

    private static final long serialVersionUID = 1L;

    /**
     * Says why a saved conversation cannot be continued.
     *
     * @param message what was tried, what was expected and found, and what to do next
     */
    public InvalidConversationException(String message) {
        super(message, null);
    }
}
