package io.lethean.lem.internal.engine;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufTensorData;
import io.lethean.lem.internal.gguf.GgufWriter;
import io.lethean.lem.train.options.Target;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Owns all weights of a model while they are trained; they start as the file has them, which must be f32. */
public final class ModelWeights extends Trainable {

    private final GgufFile model;

    public ModelWeights(GgufFile model, Backend backend) {
        super(shapes(model), backend);
        this.model = model;
    }

    private static Map<String, Shape> shapes(GgufFile model) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (GgufTensor tensor : model.tensors()) {
            if (isTrained(tensor)) {
                requireF32(tensor, model);
                shapes.put(tensor.name(), new Shape(tensor.dim(0), tensor.dim(1), tensor.dim(2), tensor.dim(3)));
            }
        }
        return shapes;
    }

    /** The rotation's factors belong to the model's form. */
    private static boolean isTrained(GgufTensor tensor) {
        return !tensor.name().equals(LayerWeights.ROPE_FACTORS);
    }

    private static void requireF32(GgufTensor tensor, GgufFile model) {
        if (tensor.type() != GgmlType.F32) {
            throw new InvalidModelException(
                    "trainable",
                    "The tensor " + tensor.name() + " of " + model.path() + " is "
                            + tensor.type().ggmlName()
                            + ", and all weights can be trained only where they are f32; write the"
                            + " model as f32, or train an adapter.");
        }
    }

    /** Takes the numbers of the file; nothing is random. */
    @Override
    public void initialize(long seed) throws IOException {
        clear();
        try (GgufTensorData data = GgufTensorData.open(model)) {
            for (Parameter parameter : parameters()) {
                ByteBuffer bytes = ByteBuffer.wrap(
                        data.bytes(model.tensor(parameter.name()).orElseThrow()));
                float[] numbers = new float[bytes.capacity() / Float.BYTES];
                bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(numbers);
                parameter.value().set(numbers);
            }
        }
    }

    @Override
    public Optional<AdapterSpec> dropout() {
        return Optional.empty();
    }

    @Override
    public int firstLayer() {
        return 0;
    }

    @Override
    public Optional<LowRank> lowRank(int layer, Target target) {
        return Optional.empty();
    }

    @Override
    public Optional<Parameter> weight(String name) {
        return find(name);
    }

    /** Writes the model with everything else as its file has it. */
    @Override
    public void write(Path file) throws IOException {
        GgufWriter writer = new GgufWriter().putAll(model.metadata());
        try (GgufTensorData data = GgufTensorData.open(model)) {
            for (GgufTensor tensor : model.tensors()) {
                Optional<Parameter> trained = find(tensor.name());
                if (trained.isPresent()) {
                    byte[] numbers = bytes(trained.get().value().floats());
                    writer.tensor(tensor.name(), tensor.dims(), GgmlType.F32, GgufWriter.TensorSource.of(numbers));
                } else {
                    writer.copy(tensor, data);
                }
            }
            writer.write(file);
        }
    }

    private static byte[] bytes(float[] numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(numbers);
        return bytes.array();
    }
}
