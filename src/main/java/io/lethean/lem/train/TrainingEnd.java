package io.lethean.lem.train;

/** Why a training ended. */
public enum TrainingEnd {
    /** All iterations are done. */
    COMPLETE,
    /** The validation loss did not get better for as many validations as the patience allows. */
    EARLY_STOP,
    /** It was cancelled; what was trained is in a checkpoint, and it can be resumed. */
    CANCELLED
}
