package io.lethean.lem.internal.engine;

import io.lethean.lem.train.options.OptimizerMethod;
import io.lethean.lem.train.options.OptimizerOptions;

/**
 * What one step of the optimizer needs. Gradients are those of the mean loss per token.
 *
 * @param method AdamW or plain gradient descent
 * @param learningRate at this step
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment
 * @param weightDecay decoupled, times the learning rate
 * @param clipNorm gradients are shortened to this norm over all parameters; infinity for never
 * @param number of the step, from 1, for the bias correction of the moments
 */
public record OptimizerStep(
        OptimizerMethod method,
        float learningRate,
        float beta1,
        float beta2,
        float epsilon,
        float weightDecay,
        double clipNorm,
        int number) {

    /** The step of a training with these options, at a learning rate. */
    public static OptimizerStep of(OptimizerOptions options, double learningRate, int number) {
        double norm = options.clipNorm() == 0 ? Double.POSITIVE_INFINITY : options.clipNorm();
        return new OptimizerStep(
                options.optimizer(),
                (float) learningRate,
                0.9f,
                0.999f,
                1e-8f,
                (float) options.weightDecay(),
                norm,
                number);
    }

    public OptimizerStep {
        if (!(learningRate >= 0) || !(clipNorm > 0) || number < 1) {
            throw new IllegalArgumentException("A step needs a learning rate of at least 0, a positive norm to clip at"
                    + " and a number from 1: " + learningRate + ", " + clipNorm + ", " + number + ".");
        }
    }

    /** AdamW with the usual constants and no decay or clipping. */
    public static OptimizerStep adamW(float learningRate, int number) {
        return new OptimizerStep(
                OptimizerMethod.ADAMW, learningRate, 0.9f, 0.999f, 1e-8f, 0, Double.POSITIVE_INFINITY, number);
    }

    /** 1 / (1 - beta^number), in double precision because beta is close to 1. */
    public static float correction(float beta, int number) {
        return (float) (1 / (1 - Math.pow(beta, number)));
    }
}
