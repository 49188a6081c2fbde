package io.lethean.lem.model;

/** Follows the loading of a model and may stop it. */
@FunctionalInterface
public interface LoadProgress {

    /**
     * Called from time to time on the model's own thread.
     *
     * @param fraction the share of the tensors that is loaded, from 0 to 1
     * @return true to continue; false ends the load with a {@link java.util.concurrent.CancellationException}
     */
    boolean onProgress(double fraction);
}
