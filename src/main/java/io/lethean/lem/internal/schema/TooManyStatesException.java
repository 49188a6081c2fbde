package io.lethean.lem.internal.schema;

/** An automaton that would be too large. Those who know which keyword it is made from catch it. */
final class TooManyStatesException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TooManyStatesException(int limit) {
        super("an automaton of more than " + limit + " states");
    }
}
