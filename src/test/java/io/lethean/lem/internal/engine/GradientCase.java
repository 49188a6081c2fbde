package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.gguf.GgufFile;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * A batch with everything that can go wrong in it, and the gradients that the engine finds for it: two sequences with
 * prompts of different length, the second one padded, windows shorter than the sequences, B not zero.
 */
public record GradientCase(
        TestModel model, GgufFile file, SampleBatch batch, int[] lengths, Function<EngineOptions, Backend> backends) {

    public static final int RANK = 4;
    public static final float SCALE = 2;
    private static final int LENGTH = 12;

    public static GradientCase of(TestModel model, GgufFile file) {
        return of(model, file, options -> Backend.cpu(options.threads()));
    }

    /** @param backends makes the backend of each engine */
    public static GradientCase of(TestModel model, GgufFile file, Function<EngineOptions, Backend> backends) {
        return of(model, file, backends, model == TestModel.GEMMA4_EXPERTS ? 7 : 3);
    }

    /** @param seed of the tokens, such that no token is close to another choice of experts */
    public static GradientCase of(
            TestModel model, GgufFile file, Function<EngineOptions, Backend> backends, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] tokens = random.ints(2 * LENGTH, 0, model.vocabulary()).toArray();
        int[] targets = new int[tokens.length];
        int[] lengths = {LENGTH, LENGTH - 2};
        int[] prompts = {4, 2};
        for (int row = 0; row < targets.length; row++) {
            int t = row % LENGTH;
            int s = row / LENGTH;
            boolean counts = t >= prompts[s] && t + 1 < lengths[s];
            targets[row] = counts ? tokens[row + 1] : SampleBatch.NO_TARGET;
        }
        return new GradientCase(model, file, new SampleBatch(LENGTH, tokens, targets), lengths, backends);
    }

    public TrainingEngine open(EngineOptions options) throws IOException {
        return open(AdapterSpec.everywhere(RANK, SCALE), options);
    }

    /** An engine that trains all weights. */
    public TrainingEngine openWhole(EngineOptions options) throws IOException {
        return TrainingEngine.openWhole(file, options, backends.apply(options));
    }

    /** An engine with B matrices that are not zero, and equal for every option. */
    public TrainingEngine open(AdapterSpec adapter, EngineOptions options) throws IOException {
        TrainingEngine engine = TrainingEngine.open(file, adapter, options, 17, backends.apply(options));
        SplittableRandom random = new SplittableRandom(23);
        for (AdapterWeights.Parameter parameter : engine.adapter().parameters()) {
            if (parameter.name().endsWith(".lora_magnitude")) {
                float[] magnitude = parameter.value().floats();
                for (int i = 0; i < magnitude.length; i++) {
                    magnitude[i] *= (float) random.nextDouble(0.5, 1.5);
                }
                parameter.value().set(magnitude);
            }
        }
        for (AdapterWeights.Parameter parameter : engine.adapter().parameters()) {
            if (parameter.name().endsWith(".lora_b")) {
                float[] b = new float[(int) parameter.value().shape().elements()];
                for (int i = 0; i < b.length; i++) {
                    b[i] = (float) random.nextDouble(-0.1, 0.1);
                }
                parameter.value().set(b);
            }
        }
        return engine;
    }

    /** The gradients of the summed loss, by parameter name. */
    public Map<String, double[]> gradients(EngineOptions options) throws IOException {
        return gradients(AdapterSpec.everywhere(RANK, SCALE), options);
    }

    /** As {@link #gradients(EngineOptions)}, of an adapter of this form. */
    public Map<String, double[]> gradients(AdapterSpec adapter, EngineOptions options) throws IOException {
        try (TrainingEngine engine = open(adapter, options)) {
            engine.accumulate(batch);
            return gradients(engine, options);
        }
    }

    /** As {@link #gradients(EngineOptions)}, of all weights. */
    public Map<String, double[]> gradientsOfAllWeights(EngineOptions options) throws IOException {
        try (TrainingEngine engine = openWhole(options)) {
            engine.accumulate(batch);
            return gradients(engine, options);
        }
    }

    public static Map<String, double[]> gradients(TrainingEngine engine, EngineOptions options) {
        Map<String, double[]> gradients = new HashMap<>();
        for (AdapterWeights.Parameter parameter : engine.trainable().parameters()) {
            double[] g = doubles(parameter.gradient().floats());
            for (int i = 0; i < g.length; i++) {
                g[i] /= options.lossScale();
            }
            gradients.put(parameter.name(), g);
        }
        return gradients;
    }

    public static double[] doubles(float[] values) {
        double[] result = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = values[i];
        }
        return result;
    }

    public static double norm(double[] x) {
        return Math.sqrt(dot(x, x));
    }

    /**
     * What an error of a gradient is relative to: its norm. A single number is relative to the root mean square of those of all
     * layers: the loss does not depend on the last layer's scale but for the epsilon of the norm that follows it.
     */
    static double usualNorm(Map<String, double[]> gradients, String name) {
        double[] own = gradients.get(name);
        if (own.length > 1) {
            return norm(own);
        }
        String part = name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1));
        double[] all = gradients.entrySet().stream()
                .filter(entry -> entry.getKey().endsWith(part))
                .mapToDouble(entry -> entry.getValue()[0])
                .toArray();
        return norm(all) / Math.sqrt(all.length);
    }

    public static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }

    /** The smallest cosine, over all parameters, between two sets of gradients. */
    public static double worstCosine(Map<String, double[]> one, Map<String, double[]> other) {
        return one.keySet().stream()
                .mapToDouble(
                        name -> dot(one.get(name), other.get(name)) / (norm(one.get(name)) * norm(other.get(name))))
                .min()
                .orElseThrow();
    }

    /** The largest difference relative to the norm, over all parameters. */
    public static double worstDifference(Map<String, double[]> one, Map<String, double[]> other) {
        double worst = 0;
        for (Map.Entry<String, double[]> entry : one.entrySet()) {
            double[] difference = entry.getValue().clone();
            double[] second = other.get(entry.getKey());
            for (int i = 0; i < difference.length; i++) {
                difference[i] -= second[i];
            }
            worst = Math.max(worst, norm(difference) / usualNorm(one, entry.getKey()));
        }
        return worst;
    }
}
