package io.lethean.lem.train.options;

/** How the transposes of the frozen weights are stored, which the backward pass multiplies with. */
public enum TransposedType {
    F32,
    /** Usual: half the memory of f32 and its speed or better. */
    F16,
    /** Half the memory of f16 and the fastest on most CPUs; gradients are a little noisier. */
    Q8_0,
    /** Not stored: weights are expanded in every step, which takes about 1.6 times as long. */
    NONE
}
