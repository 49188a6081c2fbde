package io.lethean.lem.train;

import io.lethean.lem.ggml.Backend;
import io.lethean.lem.ggml.Buffer;
import io.lethean.lem.ggml.GraphBuilder;
import io.lethean.lem.ggml.Shape;
import io.lethean.lem.ggml.Tensor;
import io.lethean.lem.ggml.TensorContext;
import io.lethean.lem.gguf.GgmlType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** Owns the trainable matrices with their gradients and the optimizer's two moments, all f32. */
final class AdapterWeights implements AutoCloseable {

    /**
     * One trainable matrix with what the optimizer keeps for it.
     *
     * @param name the name in the adapter's file, such as {@code blk.0.attn_q.weight.lora_a}
     */
    record Parameter(String name, Tensor value, Tensor gradient, Tensor m, Tensor v) {}

    private final AdapterSpec spec;
    private final TensorContext gradientContext;
    private final TensorContext context;
    private final Buffer gradients;
    private final Buffer values;
    private final List<Parameter> parameters = new ArrayList<>();
    private final List<Map<Target, LowRank>> layers = new ArrayList<>();

    AdapterWeights(DecoderSpec decoder, AdapterSpec spec, Backend backend) {
        this.spec = spec;
        int count = 2 * Target.values().length * decoder.layerCount();
        gradientContext = new TensorContext(count);
        context = new TensorContext(3 * count);
        for (int layer = 0; layer < decoder.layerCount(); layer++) {
            layers.add(describe(decoder, layer));
        }
        gradients = backend.allocate(gradientContext, "the gradients");
        values = backend.allocate(context, "the adapter and the optimizer's moments");
    }

    private Map<Target, LowRank> describe(DecoderSpec decoder, int layer) {
        Map<Target, LowRank> adapted = new EnumMap<>(Target.class);
        if (layer < spec.firstLayer()) {
            return adapted;
        }
        for (Target target : spec.targets()) {
            Parameter a = describe(target.weightName(layer) + ".lora_a", decoder.inputWidth(target));
            Parameter b = describe(target.weightName(layer) + ".lora_b", decoder.outputWidth(target));
            adapted.put(target, new LowRank(a.value(), b.value(), a.gradient(), b.gradient(), spec.scale()));
        }
        return adapted;
    }

    private Parameter describe(String name, int length) {
        Shape shape = Shape.of(length, spec.rank());
        Parameter parameter = new Parameter(
                name,
                context.tensor(name, GgmlType.F32, shape),
                gradientContext.tensor("gradient of " + name, GgmlType.F32, shape),
                context.tensor("m of " + name, GgmlType.F32, shape),
                context.tensor("v of " + name, GgmlType.F32, shape));
        GraphBuilder.markTrainable(parameter.value());
        parameters.add(parameter);
        return parameter;
    }

    /** A uniform in plus and minus 1 / sqrt(n), B zero, as LoRA starts: the model is unchanged. */
    void initialize(long seed) {
        values.clear();
        SplittableRandom random = new SplittableRandom(seed);
        for (Parameter parameter : parameters) {
            if (parameter.name().endsWith(".lora_a")) {
                double bound = 1 / Math.sqrt(parameter.value().shape().n0());
                float[] numbers = new float[(int) parameter.value().shape().elements()];
                for (int i = 0; i < numbers.length; i++) {
                    numbers[i] = (float) random.nextDouble(-bound, bound);
                }
                parameter.value().set(numbers);
            }
        }
    }

    Optional<LowRank> lowRank(int layer, Target target) {
        return Optional.ofNullable(layers.get(layer).get(target));
    }

    /** Every trainable matrix, in the order of layers. */
    List<Parameter> parameters() {
        return List.copyOf(parameters);
    }

    AdapterSpec spec() {
        return spec;
    }

    void clearGradients() {
        gradients.clear();
    }

    long bytes() {
        return gradients.bytes() + values.bytes();
    }

    @Override
    public void close() {
        gradients.close();
        values.close();
        gradientContext.close();
        context.close();
    }
}
