package io.lethean.lem.evaluation.curriculum;

/** Which adapter of a phase is kept: the one that its gates are about, and that the next phase starts from. */
public enum Keep {
    /** The adapter after the last iteration. */
    LAST,
    /** The adapter with the best validation loss. */
    BEST_LOSS,
    /** The saved adapter with the best mean score; the earliest of equals. */
    BEST_SCORE
}
