package io.lethean.lem.model;

/** What became of one prompt among many. */
public sealed interface GenerationOutcome {

    /**
     * It was answered; when cancelled, with what there was.
     *
     * @param generation the answer
     */
    record Answered(Generation generation) implements GenerationOutcome {}

    /**
     * This request failed; the others are unaffected.
     *
     * @param cause why it failed
     */
    record Failed(RuntimeException cause) implements GenerationOutcome {}

    /**
     * {@return the answer}
     *
     * @throws RuntimeException the cause of the failure
     */
    default Generation orThrow() {
        return switch (this) {
            case Answered(Generation generation) -> generation;
            case Failed(RuntimeException cause) -> throw cause;
        };
    }
}
