package io.lethean.lem.internal.engine;

import io.lethean.lem.train.options.Target;

/**
 * An activation that a layer's backward pass needs and cannot cheaply recompute: the results of the matrix products.
 *
 * <p>Everything between them (norms, rotations, the activation function, softmax) is computed again.
 */
enum KeptActivation {
    Q,
    K,
    V,
    /** What the heads put out, before the output projection. */
    HEADS,
    /** The scores of experts. */
    ROUTER,
    /** The output projection's result where a norm follows it; otherwise the layer's middle, after the residual sum. */
    MIDDLE,
    GATE,
    UP,
    /** The feed-forward part's result, where a norm follows it. */
    DOWN,
    /** Of a dense part next to a mixture, as {@link #GATE}; so are the next two. */
    DENSE_GATE,
    DENSE_UP,
    DENSE_DOWN,
    /** A mixture's result, next to a dense part. */
    MIXED,
    /** The gate of the layer's own input. */
    INPUT_GATE,
    /** What the layer's own input adds, before its norm. */
    INPUT_OUT,
    LOW_Q,
    LOW_K,
    LOW_V,
    LOW_O,
    LOW_GATE,
    LOW_UP,
    LOW_DOWN,
    LOW_ROUTER,
    UNSCALED_Q,
    UNSCALED_K,
    UNSCALED_V,
    UNSCALED_O,
    UNSCALED_GATE,
    UNSCALED_UP,
    UNSCALED_DOWN,
    UNSCALED_ROUTER;

    /** Where the outputs of a projection are kept that a magnitude scales. */
    static KeptActivation unscaled(Target target) {
        return switch (target) {
            case Q -> UNSCALED_Q;
            case K -> UNSCALED_K;
            case V -> UNSCALED_V;
            case O -> UNSCALED_O;
            case GATE -> UNSCALED_GATE;
            case UP -> UNSCALED_UP;
            case DOWN -> UNSCALED_DOWN;
            case ROUTER -> UNSCALED_ROUTER;
        };
    }

    /** Where {@code scale * A x} of a projection is kept. */
    static KeptActivation lowRank(Target target) {
        return switch (target) {
            case Q -> LOW_Q;
            case K -> LOW_K;
            case V -> LOW_V;
            case O -> LOW_O;
            case GATE -> LOW_GATE;
            case UP -> LOW_UP;
            case DOWN -> LOW_DOWN;
            case ROUTER -> LOW_ROUTER;
        };
    }
}
