package io.lethean.lem.quantize;

import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.Factor;
import io.lethean.lem.adapter.LoraPair;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufTensorData;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A small model of random weights, and adapters for it; no model that answers anything. */
final class ExampleModel {

    static final int INPUTS = 256;
    static final int OUTPUTS = 96;
    static final String Q = "blk.0.attn_q.weight";
    static final String DOWN = "blk.1.ffn_down.weight";
    static final String NORM = "blk.0.attn_norm.weight";

    private ExampleModel() {}

    /** Writes the model: two matrices 256 x 96, one 256 x 5 and a norm, all F32. */
    static Path write(Path path) throws IOException {
        writer().write(path);
        return path;
    }

    static GgufWriter writer() {
        GgufWriter writer = new GgufWriter()
                .put("general.architecture", "qwen2")
                .put("qwen2.attention.head_count", GgufValue.uint32(4))
                .put("general.file_type", GgufValue.uint32(0));
        SplittableRandom random = new SplittableRandom(1);
        add(writer, NORM, values(INPUTS, random), List.of((long) INPUTS));
        add(writer, Q, values(INPUTS * OUTPUTS, random), List.of((long) INPUTS, (long) OUTPUTS));
        add(writer, DOWN, values(INPUTS * OUTPUTS, random), List.of((long) INPUTS, (long) OUTPUTS));
        add(writer, "blk.1.ffn_up.weight", values(INPUTS * 5, random), List.of((long) INPUTS, 5L));
        return writer;
    }

    static void add(GgufWriter writer, String name, float[] values, List<Long> dims) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        writer.tensor(name, dims, GgmlType.F32, GgufWriter.TensorSource.of(bytes.array()));
    }

    static float[] values(int count, SplittableRandom random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }

    static Adapter adapter(float alpha, int rank, double size, long seed, String... tensors) {
        SplittableRandom random = new SplittableRandom(seed);
        List<LoraPair> pairs = new ArrayList<>();
        for (String tensor : tensors) {
            float[] a = values(rank * INPUTS, random);
            float[] b = values(OUTPUTS * rank, random);
            for (int i = 0; i < b.length; i++) {
                b[i] *= (float) size;
            }
            pairs.add(new LoraPair(tensor, Factor.of(rank, INPUTS, a), Factor.of(OUTPUTS, rank, b)));
        }
        return Adapter.of("qwen2", alpha, pairs);
    }

    /** An adapter with a random magnitude for each row. */
    static Adapter withMagnitudes(Adapter adapter, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return Adapter.of(
                adapter.architecture(),
                adapter.alpha(),
                adapter.pairs().stream()
                        .map(pair -> new LoraPair(
                                pair.tensor(),
                                pair.a(),
                                pair.b(),
                                Factor.of(pair.outputs(), 1, values(pair.outputs(), random))))
                        .toList());
    }

    /** What merging an adapter of DoRA has to give, from the definition and in double precision. */
    static double[] mergedDora(float[] weights, Adapter adapter, String tensor) {
        double[] merged = merged(weights, adapter, tensor, 1);
        float[] magnitude = adapter.pair(tensor).orElseThrow().magnitude().values();
        for (int row = 0; row < OUTPUTS; row++) {
            double square = 0;
            for (int column = 0; column < INPUTS; column++) {
                square += merged[row * INPUTS + column] * merged[row * INPUTS + column];
            }
            for (int column = 0; column < INPUTS; column++) {
                merged[row * INPUTS + column] *= magnitude[row] / Math.sqrt(square);
            }
        }
        return merged;
    }

    static Path writeAdapter(Path path, Adapter adapter) throws IOException {
        AdapterFiles.writeGguf(adapter, path);
        return path;
    }

    /** What merging has to give, from the definition and in double precision. */
    static double[] merged(float[] weights, Adapter adapter, String tensor, double strength) {
        double[] merged = new double[weights.length];
        LoraPair pair = adapter.pair(tensor).orElseThrow();
        float[] a = pair.a().values();
        float[] b = pair.b().values();
        double scale = strength * adapter.alpha() / pair.rank();
        for (int row = 0; row < OUTPUTS; row++) {
            for (int column = 0; column < INPUTS; column++) {
                double sum = 0;
                for (int k = 0; k < pair.rank(); k++) {
                    sum += (double) b[row * pair.rank() + k] * a[k * INPUTS + column];
                }
                merged[row * INPUTS + column] = weights[row * INPUTS + column] + scale * sum;
            }
        }
        return merged;
    }

    static byte[] bytes(Path model, String tensor) throws IOException {
        GgufFile file = GgufFile.read(model);
        try (GgufTensorData data = GgufTensorData.open(file)) {
            return data.bytes(file.tensor(tensor).orElseThrow());
        }
    }

    static GgufTensor tensor(Path model, String tensor) throws IOException {
        return GgufFile.read(model).tensor(tensor).orElseThrow();
    }

    static float[] floats(Path model, String tensor) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(bytes(model, tensor)).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[bytes.remaining() / 4];
        bytes.asFloatBuffer().get(values);
        return values;
    }
}
