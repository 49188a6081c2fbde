package io.lethean.lem.convert;

import io.lethean.lem.internal.checkpoint.MemoryRows;
import io.lethean.lem.internal.checkpoint.ModelConfig;
import java.util.List;

/**
 * Llama 3's factors of the rotary frequencies: high frequencies stay, low ones are slowed down, and those between get a
 * value between.
 *
 * <p>Every step is rounded to 32 bits, and a division is a product with a reciprocal where PyTorch computes it so,
 * because the tensor has to be the same to the bit.
 */
final class RopeFactors {

    static final String TENSOR = "rope_freqs.weight";

    private final double theta;
    private final long head;
    private final float factor;
    private final float lowFactor;
    private final float highFactor;
    private final float context;

    /** @param parameters of a rotary embedding of type llama3 */
    RopeFactors(ModelConfig parameters, double theta, long head) {
        this.theta = theta;
        this.head = head;
        this.factor = (float) parameters.real("factor").orElse(8);
        this.lowFactor = (float) parameters.real("low_freq_factor").orElse(1);
        this.highFactor = (float) parameters.real("high_freq_factor").orElse(4);
        this.context =
                (float) parameters.real("original_max_position_embeddings").orElse(8192);
    }

    /** Adds the tensor. */
    void add(TensorPlan plan) {
        float[] factors = new float[Math.toIntExact((head + 1) / 2)];
        for (int i = 0; i < factors.length; i++) {
            float exponent = 2f * i / head;
            factors[i] = factor(1 / (float) Math.pow((float) theta, exponent));
        }
        plan.add(TENSOR, List.of((long) factors.length), MemoryRows.of(factors));
    }

    private float factor(float frequency) {
        float length = 1 / frequency * (float) (2 * Math.PI);
        if (length < (float) (context / (double) highFactor)) {
            return 1;
        }
        if (length > (float) (context / (double) lowFactor)) {
            return factor;
        }
        float smooth = (1 / length * context - lowFactor) / (float) ((double) highFactor - lowFactor);
        return 1 / ((1 - smooth) / factor + smooth);
    }
}
