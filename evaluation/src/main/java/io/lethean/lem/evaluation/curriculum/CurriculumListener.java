package io.lethean.lem.evaluation.curriculum;

import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.train.TrainingListener;

/** Receives the progress of a curriculum, on the thread that runs it; that of answers may come on the model's. */
public interface CurriculumListener {

    /** Ignores the progress. */
    CurriculumListener SILENT = new CurriculumListener() {};

    /**
     * A phase starts, or resumes.
     *
     * @param number of the phase, from 1
     * @param count of all phases
     * @param phase what is trained
     */
    default void phaseStarted(int number, int count, Phase phase) {}

    /**
     * A phase is trained and measured; it may have failed its gates.
     *
     * @param result its losses, its scores and the gates that failed
     */
    default void phaseEnded(PhaseResult result) {}

    /** {@return the listener of each phase's training} */
    default TrainingListener training() {
        return TrainingListener.SILENT;
    }

    /** {@return the listener of the answers after a phase} */
    default RunListener answers() {
        return RunListener.SILENT;
    }
}
