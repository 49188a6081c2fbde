package io.lethean.lem.train;

/**
 * Hears what happens in a training, on the thread that trains.
 *
 * <p>What it throws ends the training; the checkpoints stay.
 */
@FunctionalInterface
public interface TrainingListener {

    /** Hears nothing. */
    TrainingListener SILENT = event -> {};

    void onEvent(TrainingEvent event);
}
