package io.lethean.lem.model;

/**
 * Told of many prompts' answers, each as soon as it is there; what it throws ends them all and is thrown by the call.
 *
 * <p>It is called on the thread that generates, a model's own where the model has one, and must not generate with the
 * same model.
 */
@FunctionalInterface
public interface GenerationListener {

    /**
     * A prompt is about to be evaluated. Not called for one that fails or is cancelled before.
     *
     * @param index its place among the requests
     */
    default void started(int index) {}

    /**
     * A prompt has been answered or has failed; called once for every request, in any order.
     *
     * @param index its place among the requests
     * @param outcome the answer, or the failure
     */
    void finished(int index, GenerationOutcome outcome);
}
