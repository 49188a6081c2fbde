package io.lethean.lem.convert;

import io.lethean.lem.internal.checkpoint.MemoryRows;
import io.lethean.lem.internal.checkpoint.ModelConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

    private RopeFactors(double theta, long head, float factor, float highFactor, float context) {
        this.theta = theta;
        this.head = head;
        this.factor = factor;
        this.lowFactor = 1;
        this.highFactor = highFactor;
        this.context = context;
    }

    /** Adds the tensor. */
    void add(TensorPlan plan) {
        float[] factors = factors();
        plan.add(TENSOR, List.of((long) factors.length), MemoryRows.of(factors));
    }

    /** The factors for a low_freq_factor of 1. */
    static float[] of(double factor, double highFactor, long context, double theta, long head) {
        return new RopeFactors(theta, head, (float) factor, (float) highFactor, context).factors();
    }

    private float[] factors() {
        float[] factors = new float[Math.toIntExact((head + 1) / 2)];
        for (int i = 0; i < factors.length; i++) {
            float exponent = 2f * i / head;
            factors[i] = factor(1 / (float) Math.pow((float) theta, exponent));
        }
        return factors;
    }

    /**
     * The parameters that give these factors to within one part in a million; empty without such parameters.
     *
     * <p>Several may; the usual ones are tried first. The largest factor is the one of all low frequencies, and low_freq_factor
     * can be 1, since only its relation to the other two counts.
     */
    static Optional<Map<String, @Nullable Object>> parameters(float[] factors, double theta, long head, long limit) {
        float factor = 1;
        for (float each : factors) {
            factor = Math.max(factor, each);
        }
        List<Float> contexts = new ArrayList<>(List.of(8192f));
        for (float context = 32; context <= Math.max(limit, 8192); context *= 2) {
            contexts.add(context);
        }
        for (float high : new float[] {4, 2, 8, 16, 32}) {
            for (float context : contexts) {
                RopeFactors candidate = new RopeFactors(theta, head, factor, high, context);
                if (equal(candidate.factors(), factors)) {
                    return Optional.of(candidate.parameters());
                }
            }
        }
        return Optional.empty();
    }

    private static boolean equal(float[] one, float[] other) {
        boolean equal = one.length == other.length;
        for (int i = 0; equal && i < one.length; i++) {
            equal = Math.abs(one[i] - other[i]) <= 1e-6f * Math.abs(other[i]);
        }
        return equal;
    }

    private Map<String, @Nullable Object> parameters() {
        Map<String, @Nullable Object> parameters = new LinkedHashMap<>();
        parameters.put("rope_type", "llama3");
        parameters.put("factor", (double) factor);
        parameters.put("low_freq_factor", (double) lowFactor);
        parameters.put("high_freq_factor", (double) highFactor);
        parameters.put("original_max_position_embeddings", (long) context);
        return parameters;
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
