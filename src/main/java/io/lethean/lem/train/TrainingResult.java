package io.lethean.lem.train;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The result of a training.
 *
 * @param end the reason for its end
 * @param iterations that were trained, those of resumed runs included
 * @param adapter the adapter, or the model if all weights are trained, as it is after the last iteration
 * @param best the adapter or model with the best validation loss; null without validation data
 * @param bestLoss its loss; NaN without validation data
 * @param bestIteration the iteration of the best validation loss; 0 is the untrained model
 */
public record TrainingResult(
        TrainingEnd end,
        int iterations,
        Path adapter,
        @Nullable Path best,
        double bestLoss,
        int bestIteration) {

    /** {@return {@link #best}, if there is one} */
    public Optional<Path> bestAdapter() {
        return Optional.ofNullable(best);
    }
}
