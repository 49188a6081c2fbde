package io.lethean.lem.train.options;

/** The optimizers. */
public enum OptimizerMethod {
    /** Loshchilov and Hutter 2019. */
    ADAMW,
    /** Stochastic gradient descent without momentum. */
    SGD
}
