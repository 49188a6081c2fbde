package io.lethean.lem.train;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.engine.LossSum;
import io.lethean.lem.internal.engine.TrainableState;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufMetadata;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufTensorData;
import io.lethean.lem.internal.gguf.GgufType;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that a training needs to resume bit for bit: a GGUF file of its own kind, which appears complete or not at all.
 *
 * @param state where the training stands
 * @param facts of which training
 * @param trained the numbers and their moments
 */
record Checkpoint(RunState state, RunFacts facts, TrainableState trained) {

    private static final String TYPE = "general.type";
    private static final String KIND = "lem.checkpoint";
    private static final String STATE = "lem.train.state.";
    private static final String FACT = "lem.train.fact.";
    private static final String VALUES = ".value";
    private static final String M = ".m";
    private static final String V = ".v";

    /**
     * Writes the file.
     *
     * @throws IOException if that fails; what was there before is still there
     */
    void write(Path file) throws IOException {
        GgufWriter writer = new GgufWriter().put(TYPE, KIND);
        putInteger(writer, "iteration", state.iteration());
        writer.put(STATE + "first_loss", GgufValue.of(state.firstLoss()));
        writer.put(STATE + "loss_scale", GgufValue.of(state.lossScale()));
        putInteger(writer, "updates", state.updates());
        putInteger(writer, "trained_tokens", state.trainedTokens());
        writer.put(STATE + "unreported_loss", GgufValue.of(state.unreported().sum()));
        putInteger(writer, "unreported_tokens", state.unreported().tokens());
        writer.put(STATE + "best_loss", GgufValue.of(state.bestLoss()));
        putInteger(writer, "best_iteration", state.bestIteration());
        putInteger(writer, "not_better", state.notBetter());
        putInteger(writer, "guessing", state.guessing());
        facts.values().forEach((name, value) -> writer.put(FACT + name, value));
        for (TrainableState.Numbers tensor : trained.tensors()) {
            putTensor(writer, tensor.name() + VALUES, tensor.values());
            putTensor(writer, tensor.name() + M, tensor.m());
            putTensor(writer, tensor.name() + V, tensor.v());
        }
        writer.write(file);
    }

    private static void putInteger(GgufWriter writer, String name, long value) {
        writer.put(STATE + name, GgufValue.integer(GgufType.INT64, value));
    }

    private static void putTensor(GgufWriter writer, String name, float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        writer.tensor(name, List.of((long) values.length), GgmlType.F32, GgufWriter.TensorSource.of(bytes.array()));
    }

    /**
     * Reads a file.
     *
     * @throws InvalidModelException if it is not a checkpoint
     */
    static Checkpoint read(Path path) throws IOException {
        GgufFile file = GgufFile.read(path);
        if (!file.metadata().text(TYPE).orElse("").equals(KIND)) {
            throw invalid(path, "it says of itself that it is something else");
        }
        Map<String, String> facts = new LinkedHashMap<>();
        for (String key : file.metadata().asMap().keySet()) {
            if (key.startsWith(FACT)) {
                facts.put(
                        key.substring(FACT.length()), file.metadata().text(key).orElse(""));
            }
        }
        return new Checkpoint(state(file), new RunFacts(facts), trained(file));
    }

    private static RunState state(GgufFile file) {
        return new RunState(
                Math.toIntExact(integer(file, "iteration")),
                real(file, "first_loss"),
                (float) real(file, "loss_scale"),
                Math.toIntExact(integer(file, "updates")),
                integer(file, "trained_tokens"),
                new LossSum(real(file, "unreported_loss"), Math.toIntExact(integer(file, "unreported_tokens"))),
                real(file, "best_loss"),
                Math.toIntExact(integer(file, "best_iteration")),
                Math.toIntExact(integer(file, "not_better")),
                (int) file.metadata().integer(STATE + "guessing").orElse(0));
    }

    private static long integer(GgufFile file, String name) {
        GgufMetadata metadata = file.metadata();
        return metadata.integer(STATE + name).orElseThrow(() -> invalid(file.path(), "it lacks " + STATE + name));
    }

    private static double real(GgufFile file, String name) {
        GgufMetadata metadata = file.metadata();
        return metadata.real(STATE + name).orElseThrow(() -> invalid(file.path(), "it lacks " + STATE + name));
    }

    private static TrainableState trained(GgufFile file) throws IOException {
        List<TrainableState.Numbers> tensors = new ArrayList<>();
        try (GgufTensorData data = GgufTensorData.open(file)) {
            for (GgufTensor tensor : file.tensors()) {
                if (tensor.name().endsWith(VALUES)) {
                    String name = tensor.name().substring(0, tensor.name().length() - VALUES.length());
                    tensors.add(new TrainableState.Numbers(
                            name,
                            floats(file, data, name + VALUES),
                            floats(file, data, name + M),
                            floats(file, data, name + V)));
                }
            }
        }
        return new TrainableState(tensors);
    }

    private static float[] floats(GgufFile file, GgufTensorData data, String name) throws IOException {
        GgufTensor tensor = file.tensor(name)
                .filter(found -> found.type() == GgmlType.F32)
                .orElseThrow(() -> invalid(file.path(), "it lacks a tensor " + name + " of type f32"));
        float[] values = new float[Math.toIntExact(tensor.elements())];
        ByteBuffer.wrap(data.bytes(tensor))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        return values;
    }

    private static InvalidModelException invalid(Path path, String why) {
        return new InvalidModelException("checkpoint", path + " is not a checkpoint of a training: " + why + ".");
    }
}
