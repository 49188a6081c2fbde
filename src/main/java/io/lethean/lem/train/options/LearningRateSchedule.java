package io.lethean.lem.train.options;

/** How the learning rate goes from its peak to its end, after the warm-up. */
public enum LearningRateSchedule {
    /** Stays at the peak. */
    CONSTANT {
        @Override
        double fraction(double done) {
            return 1;
        }
    },
    /** Falls by the same amount with every update. */
    LINEAR {
        @Override
        double fraction(double done) {
            return 1 - done;
        }
    },
    /** Falls along half a period of a cosine. */
    COSINE {
        @Override
        double fraction(double done) {
            return (1 + Math.cos(Math.PI * done)) / 2;
        }
    };

    /** How much of the way from the end up to the peak is left, when a part from 0 to 1 of the updates is done. */
    abstract double fraction(double done);
}
