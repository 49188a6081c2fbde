package io.lethean.lem.internal.tokenizer;

/** A step of a tokenizer.json that is not known here; the message names it. */
final class UnknownStepException extends Exception {

    private static final long serialVersionUID = 1L;

    UnknownStepException(String message) {
        super(message);
    }
}
