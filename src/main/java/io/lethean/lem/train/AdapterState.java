package io.lethean.lem.train;

import java.util.List;

/**
 * A copy of everything that an optimizer step changes, for checkpoints: restored into an engine with the same model and
 * adapter, training goes on bit for bit.
 *
 * @param matrices in the order of the engine
 */
record AdapterState(List<Matrix> matrices) {

    /**
     * One trainable matrix.
     *
     * @param name such as {@code blk.0.attn_q.weight.lora_a}
     * @param values in the engine's own layout, as are the moments
     * @param m the optimizer's first moment
     * @param v the optimizer's second moment
     */
    record Matrix(String name, float[] values, float[] m, float[] v) {}

    AdapterState {
        matrices = List.copyOf(matrices);
    }
}
