package io.lethean.lem.train.options;

/**
 * The learning rate as a function of the update's number alone.
 *
 * <p>It rises evenly over the warm-up and has its peak at the last update of it. In mlx-lm the first update has
 * the rate 0; here it already changes the weights.
 *
 * @param schedule how it falls after the warm-up
 * @param peak the highest
 * @param end what linear and cosine schedules fall to
 * @param warmup updates of the warm-up
 * @param updates of the whole training
 */
public record LearningRate(LearningRateSchedule schedule, double peak, double end, int warmup, int updates) {

    /**
     * {@return the rate at an update, counted from 1}
     *
     * @param update counted from 1
     */
    public double at(int update) {
        if (update <= warmup) {
            return peak * update / warmup;
        }
        double done = (double) (update - 1 - warmup) / Math.max(1, updates - warmup);
        return end + (peak - end) * schedule.fraction(Math.min(1, done));
    }
}
