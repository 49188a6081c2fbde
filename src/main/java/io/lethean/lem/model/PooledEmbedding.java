package io.lethean.lem.model;

import io.lethean.lem.NativeCallException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The embedding of one text, as those of its tokens come in. Sums are in double precision. */
final class PooledEmbedding {

    private final Pooling pooling;
    private double[] sum = {};
    private int count;

    PooledEmbedding(Pooling pooling) {
        this.pooling = pooling;
    }

    void add(MemorySegment token) {
        boolean first = count++ == 0;
        if (pooling == Pooling.CLS && !first) {
            return;
        }
        float[] values = token.toArray(ValueLayout.JAVA_FLOAT);
        if (first || pooling == Pooling.LAST) {
            sum = new double[values.length];
        }
        for (int i = 0; i < values.length; i++) {
            sum[i] += values[i];
        }
    }

    /**
     * The embedding.
     *
     * @throws NativeCallException if a value of it is not a number
     */
    float[] result(boolean normalized) {
        double factor = pooling == Pooling.MEAN ? 1.0 / count : 1;
        double square = 0;
        for (double value : sum) {
            square += value * value * factor * factor;
        }
        if (!Double.isFinite(square)) {
            throw new NativeCallException(
                    "The model computed an embedding with NaN or infinite values; its weights or an adapter's are"
                            + " broken, or the number format overflows. Loading it with checkTensors, and without"
                            + " adapters, tells which.",
                    "llama_get_embeddings_ith",
                    0);
        }
        double scale = normalized && square > 0 ? factor / Math.sqrt(square) : factor;
        float[] result = new float[sum.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = (float) (sum[i] * scale);
        }
        return result;
    }
}
