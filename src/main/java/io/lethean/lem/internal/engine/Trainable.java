package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.Buffer;
import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.internal.ggml.TensorContext;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.train.options.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Owns what a training changes: tensors with their gradients and the optimizer's two moments, all f32. */
public abstract sealed class Trainable implements AutoCloseable permits AdapterWeights, ModelWeights {

    /**
     * One trainable tensor with what the optimizer keeps for it.
     *
     * @param name as in the file, such as {@code blk.0.attn_q.weight.lora_a}
     */
    public record Parameter(String name, Tensor value, Tensor gradient, Tensor m, Tensor v) {}

    private final TensorContext gradientContext;
    private final TensorContext context;
    private final Buffer gradients;
    private final Buffer values;
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();

    /** @param shapes by name, in the order in which they will be written */
    public Trainable(Map<String, Shape> shapes, Backend backend) {
        gradientContext = new TensorContext(shapes.size());
        context = new TensorContext(3 * shapes.size());
        shapes.forEach(this::describe);
        gradients = backend.allocate(gradientContext, "the gradients");
        values = backend.allocate(context, "the trained weights and the optimizer's moments");
    }

    private void describe(String name, Shape shape) {
        Parameter parameter = new Parameter(
                name,
                context.tensor(name, GgmlType.F32, shape),
                gradientContext.tensor("gradient of " + name, GgmlType.F32, shape),
                context.tensor("m of " + name, GgmlType.F32, shape),
                context.tensor("v of " + name, GgmlType.F32, shape));
        GraphBuilder.markTrainable(parameter.value());
        parameters.put(name, parameter);
    }

    /**
     * Gives the first numbers, and moments of zero.
     *
     * @param seed of what is random in them
     */
    public abstract void initialize(long seed) throws IOException;

    /** Brings up to date what follows from the numbers, before a pass through the model. */
    public void prepare() {}

    /** Bytes of what a kind of training owns in addition. */
    long ownBytes() {
        return 0;
    }

    /** Frees what a kind of training owns in addition. */
    void closeOwn() {}

    /** The lowest layer in which something is trained. */
    public abstract int firstLayer();

    /** The low-rank update of a projection, if it has one. */
    public abstract Optional<LowRank> lowRank(int layer, Target target);

    /** The tensor of this name that is trained in place of the model's own, if it is. */
    public abstract Optional<Parameter> weight(String name);

    /** How often, and where, training leaves inputs out; empty for never. */
    public abstract Optional<AdapterSpec> dropout();

    /** Writes what was trained as a GGUF file: an adapter, or the model. */
    public abstract void write(Path file) throws IOException;

    public final Optional<Parameter> find(String name) {
        return Optional.ofNullable(parameters.get(name));
    }

    /** Every trainable tensor, in the order of layers. */
    public final List<Parameter> parameters() {
        return List.copyOf(parameters.values());
    }

    /** A copy of all numbers and moments. */
    public final TrainableState copy() {
        return new TrainableState(parameters().stream()
                .map(p -> new TrainableState.Numbers(p.name(), p.value().floats(), p.m().floats(), p.v().floats()))
                .toList());
    }

    /**
     * Takes over what {@link #copy} returned.
     *
     * @throws IllegalArgumentException if it is of another form; nothing is changed then
     */
    public final void restore(TrainableState state) {
        requireSameForm(state);
        for (TrainableState.Numbers numbers : state.tensors()) {
            Parameter parameter = find(numbers.name()).orElseThrow();
            parameter.value().set(numbers.values());
            parameter.m().set(numbers.m());
            parameter.v().set(numbers.v());
        }
    }

    private void requireSameForm(TrainableState state) {
        List<String> here = parameters().stream()
                .map(p -> p.name() + " " + p.value().shape().elements())
                .toList();
        List<String> there = state.tensors().stream()
                .map(t -> t.name() + " " + t.values().length)
                .toList();
        if (!here.equals(there)) {
            throw new IllegalArgumentException("The saved state belongs to a training of other tensors or ranks: "
                    + there.size() + " tensors, the first "
                    + there.stream().findFirst().orElse("none") + ", and this"
                    + " one has " + here.size() + ", the first " + here.getFirst() + ".");
        }
    }

    public final void clearGradients() {
        gradients.clear();
    }

    /** Makes all numbers and moments zero. */
    public final void clear() {
        values.clear();
    }

    public final long bytes() {
        return gradients.bytes() + values.bytes() + ownBytes();
    }

    @Override
    public final void close() {
        closeOwn();
        gradients.close();
        values.close();
        gradientContext.close();
        context.close();
    }
}
