package io.lethean.lem.train.options;

/** The optimizers. */
public enum OptimizerMethod {
    /** Loshchilov and Hutter 2019. */
    ADAMW,
    /** Stochastic gradient descent without momentum. */
    SGD,
    /** Shazeer and Stern 2018, with factored second moments and the learning rate as the relative step size. */
    ADAFACTOR,
    /** Jordan and others 2024: orthogonalized momentum. Adapters only; magnitudes of DoRA get AdamW. */
    MUON
}
