package io.lethean.lem.train;

/**
 * Receives the events of a training, on the training thread.
 *
 * <p>What it throws ends the training; the checkpoints stay.
 */
@FunctionalInterface
public interface TrainingListener {

    /** Ignores all events. */
    TrainingListener SILENT = event -> {};

    /**
     * Receives an event.
     *
     * @param event what happened
     */
    void onEvent(TrainingEvent event);
}
