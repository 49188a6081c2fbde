package io.lethean.lem.train;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What came of a training.
 *
 * @param end why it ended
 * @param iterations that were trained, those of resumed runs included
 * @param adapter the adapter, or the model if all weights are trained, as it is after the last iteration
 * @param best the same of the best validation; null without validation data
 * @param bestLoss its loss; NaN without validation data
 * @param bestIteration after which it was; 0 is the model as it was
 */
public record TrainingResult(
        TrainingEnd end,
        int iterations,
        Path adapter,
        @Nullable Path best,
        double bestLoss,
        int bestIteration) {

    /** {@link #best}, if there is one. */
    public Optional<Path> bestAdapter() {
        return Optional.ofNullable(best);
    }
}
