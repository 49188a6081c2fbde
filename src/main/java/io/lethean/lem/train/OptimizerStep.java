package io.lethean.lem.train;

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
        Method method,
        float learningRate,
        float beta1,
        float beta2,
        float epsilon,
        float weightDecay,
        double clipNorm,
        int number) {

    /** The optimizers. */
    public enum Method {
        /** Loshchilov and Hutter 2019. */
        ADAMW,
        /** Stochastic gradient descent without momentum. */
        SGD
    }

    public OptimizerStep {
        if (!(learningRate >= 0) || !(clipNorm > 0) || number < 1) {
            throw new IllegalArgumentException("A step needs a learning rate of at least 0, a positive norm to clip at"
                    + " and a number from 1: " + learningRate + ", " + clipNorm + ", " + number + ".");
        }
    }

    /** AdamW with the usual constants and no decay or clipping. */
    public static OptimizerStep adamW(float learningRate, int number) {
        return new OptimizerStep(Method.ADAMW, learningRate, 0.9f, 0.999f, 1e-8f, 0, Double.POSITIVE_INFINITY, number);
    }

    /** 1 / (1 - beta^number), in double precision because beta is close to 1. */
    static float correction(float beta, int number) {
        return (float) (1 / (1 - Math.pow(beta, number)));
    }
}
