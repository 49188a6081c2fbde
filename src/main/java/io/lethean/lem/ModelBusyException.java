package io.lethean.lem;

/** A request that a model does not take on, because it has too many or had no time for this one. Ask again later. */
public final class ModelBusyException extends LemException {

    private static final long serialVersionUID = 1L;

    /**
     * Says how many calls wait already.
     *
     * @param message what was tried, what was expected and found, and what to do next
     */
    public ModelBusyException(String message) {
        super(message, null);
    }
}
