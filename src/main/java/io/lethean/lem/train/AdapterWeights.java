package io.lethean.lem.train;

import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.Factor;
import io.lethean.lem.adapter.LoraPair;
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

    private static final String A_SUFFIX = ".lora_a";
    private static final String B_SUFFIX = ".lora_b";

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
            Parameter a = describe(target.weightName(layer) + A_SUFFIX, decoder.inputWidth(target));
            Parameter b = describe(target.weightName(layer) + B_SUFFIX, decoder.outputWidth(target));
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
            if (parameter.name().endsWith(A_SUFFIX)) {
                double bound = 1 / Math.sqrt(parameter.value().shape().n0());
                float[] numbers = new float[(int) parameter.value().shape().elements()];
                for (int i = 0; i < numbers.length; i++) {
                    numbers[i] = (float) random.nextDouble(-bound, bound);
                }
                parameter.value().set(numbers);
            }
        }
    }

    /** A copy of all matrices and moments. */
    AdapterState copy() {
        return new AdapterState(parameters.stream()
                .map(p -> new AdapterState.Matrix(p.name(), p.value().floats(), p.m().floats(), p.v().floats()))
                .toList());
    }

    /**
     * Takes over what {@link #copy} returned.
     *
     * @throws IllegalArgumentException if it belongs to an adapter of another form; nothing is changed then
     */
    void restore(AdapterState state) {
        requireSameForm(state);
        for (int i = 0; i < parameters.size(); i++) {
            parameters.get(i).value().set(state.matrices().get(i).values());
            parameters.get(i).m().set(state.matrices().get(i).m());
            parameters.get(i).v().set(state.matrices().get(i).v());
        }
    }

    private void requireSameForm(AdapterState state) {
        List<String> here = parameters.stream().map(p -> p.name() + " " + p.value().shape().elements()).toList();
        List<String> there = state.matrices().stream().map(m -> m.name() + " " + m.values().length).toList();
        if (!here.equals(there)) {
            throw new IllegalArgumentException("The saved state belongs to an adapter with other matrices or ranks: "
                    + there.size() + " matrices, the first " + there.stream().findFirst().orElse("none") + ", and this"
                    + " one has " + here.size() + ", the first " + here.getFirst() + ".");
        }
    }

    /** The adapter as a file has it, with B turned to rows of the rank. */
    Adapter toAdapter(String architecture) {
        List<LoraPair> pairs = new ArrayList<>();
        for (int i = 0; i < parameters.size(); i += 2) {
            Parameter a = parameters.get(i);
            Parameter b = parameters.get(i + 1);
            String tensor = a.name().substring(0, a.name().length() - A_SUFFIX.length());
            int outputs = (int) b.value().shape().n0();
            pairs.add(new LoraPair(
                    tensor,
                    Factor.of(spec.rank(), (int) a.value().shape().n0(), a.value().floats()),
                    Factor.of(outputs, spec.rank(), turned(b.value().floats(), outputs, spec.rank()))));
        }
        return Adapter.of(architecture, spec.alpha(), pairs);
    }

    /**
     * Takes over the numbers of an adapter, to train it further. Moments become zero.
     *
     * @throws IllegalArgumentException if it has another rank, scale or other targets; nothing is changed then
     */
    void load(Adapter adapter) {
        for (LoraPair pair : adapter.pairs()) {
            boolean fits = pair.rank() == spec.rank() && adapter.scale(pair) == spec.scale();
            if (!fits || adapter.pairs().size() * 2 != parameters.size() || find(pair.tensor() + A_SUFFIX).isEmpty()) {
                throw new IllegalArgumentException("The adapter to go on from has " + adapter.pairs().size()
                        + " updates, with rank " + pair.rank() + " and scale " + adapter.scale(pair) + " of "
                        + pair.tensor() + "; the one to train has " + parameters.size() / 2 + " with rank "
                        + spec.rank() + " and scale " + spec.scale() + ".");
            }
        }
        values.clear();
        for (LoraPair pair : adapter.pairs()) {
            find(pair.tensor() + A_SUFFIX).orElseThrow().value().set(pair.a().values());
            find(pair.tensor() + B_SUFFIX).orElseThrow().value()
                    .set(turned(pair.b().values(), pair.rank(), pair.outputs()));
        }
    }

    private Optional<Parameter> find(String name) {
        return parameters.stream().filter(parameter -> parameter.name().equals(name)).findFirst();
    }

    /** Rows and columns exchanged: {@code columns} rows of {@code rows} numbers become {@code rows} rows. */
    private static float[] turned(float[] numbers, int rows, int columns) {
        float[] turned = new float[numbers.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                turned[row * columns + column] = numbers[column * rows + row];
            }
        }
        return turned;
    }

    /** True for a matrix B, false for a matrix A. */
    static boolean isB(Parameter parameter) {
        return parameter.name().endsWith(B_SUFFIX);
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
