package io.lethean.lem.internal.engine;

import java.util.List;

/**
 * A copy of everything that an optimizer step changes, for checkpoints: restored into an engine that trains the same,
 * training resumes bit for bit.
 *
 * @param tensors in the order of the engine
 */
public record TrainableState(List<Numbers> tensors) {

    /**
     * One trainable tensor.
     *
     * @param name such as {@code blk.0.attn_q.weight.lora_a}
     * @param values in the engine's own layout, as are the moments
     * @param m the optimizer's first moment
     * @param v the optimizer's second moment
     */
    public record Numbers(String name, float[] values, float[] m, float[] v) {}

    public TrainableState {
        tensors = List.copyOf(tensors);
    }
}
