package io.lethean.lem.train.options;

import java.util.Objects;

/**
 * How the weights are updated.
 *
 * @param optimizer AdamW, the default, plain gradient descent, Adafactor or Muon
 * @param learningRate peak learning rate, at least 0, default 1e-5
 * @param schedule how the learning rate decreases after the warm-up, default constant
 * @param finalLearningRate the learning rate at the end of linear and cosine schedules, at least 0, default 0
 * @param warmupUpdates updates over which the learning rate rises to its peak, at least 0, default 0
 * @param weightDecay decoupled weight decay, at least 0; with the default 0, AdamW is mlx-lm's {@code adam}
 * @param clipNorm global norm that gradients are clipped to, at least 0; 0, the default, disables clipping
 */
public record OptimizerOptions(
        OptimizerMethod optimizer,
        double learningRate,
        LearningRateSchedule schedule,
        double finalLearningRate,
        int warmupUpdates,
        double weightDecay,
        double clipNorm) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public OptimizerOptions {
        Objects.requireNonNull(optimizer, "optimizer");
        Objects.requireNonNull(schedule, "schedule");
        OptionCheck.requireRate("learning rate", learningRate);
        OptionCheck.requireRate("final learning rate", finalLearningRate);
        OptionCheck.requireAtLeast("number of warm-up updates", warmupUpdates, 0);
        OptionCheck.requireRate("weight decay", weightDecay);
        OptionCheck.requireRate("norm to clip at", clipNorm);
    }

    /** {@return the defaults of mlx-lm} */
    public static OptimizerOptions defaults() {
        return new OptimizerOptions(OptimizerMethod.ADAMW, 1e-5, LearningRateSchedule.CONSTANT, 0, 0, 0, 0);
    }

    /**
     * {@return the learning rate of a training with this number of updates}
     *
     * @param updates updates of the whole training
     */
    public LearningRate learningRate(int updates) {
        return new LearningRate(schedule, learningRate, finalLearningRate, warmupUpdates, updates);
    }
}
