package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.gguf.Architecture;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufTensorData;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import io.lethean.lem.internal.gguf.RandomModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A small random model of each architecture, with what the reference has to know about it written out by hand.
 *
 * <p>Heads are shared in groups, windows are shorter than the samples, and the width of the heads together is not the
 * width of the model.
 */
public enum TestModel {
    LLAMA(Architecture.LLAMA, 16, 0, 0),
    LLAMA_ROPE_FACTORS(Architecture.LLAMA, 16, 0, 0),
    MISTRAL(Architecture.LLAMA, 16, 5, 0),
    MISTRAL3(Architecture.MISTRAL3, 16, 0, 0),
    QWEN2(Architecture.QWEN2, 16, 0, 0),
    QWEN3(Architecture.QWEN3, 32, 0, 0),
    GEMMA2(Architecture.GEMMA2, 96, 5, 2),
    GEMMA3(Architecture.GEMMA3, 32, 5, 2);

    private static final int LAYERS = 2;
    private static final int WIDTH = 64;
    private static final int HEADS = 4;
    private static final int KEY_HEADS = 2;
    private static final int FEED_FORWARD = 96;
    private static final int VOCABULARY = 384;
    private static final long SEED = 11;

    private final Architecture architecture;
    private final int headSize;
    private final int window;
    /** All but the last layer of each period have the window; 0 for every layer. */
    private final int period;

    TestModel(Architecture architecture, int headSize, int window, int period) {
        this.architecture = architecture;
        this.headSize = headSize;
        this.window = window;
        this.period = period;
    }

    public Architecture architecture() {
        return architecture;
    }

    public boolean isGemma() {
        return this == GEMMA2 || this == GEMMA3;
    }

    public int vocabulary() {
        return VOCABULARY;
    }

    /** Writes the model with matrices of a type and so many layers, and reads its header. */
    public GgufFile write(Path folder, GgmlType type, int layers) throws IOException {
        Path path = folder.resolve(name() + "-" + type.ggmlName() + "-" + layers + ".gguf");
        GgufWriter writer = random(layers)
                .headSize(headSize)
                .slidingWindow(window)
                .type(type)
                .writer(SEED);
        String arch = architecture.id();
        writer.put(arch + ".rope.freq_base", GgufValue.of((float) base()));
        if (isGemma()) {
            writer.put(arch + ".attention.sliding_window_pattern", GgufValue.uint32(period));
        }
        if (this == LLAMA_ROPE_FACTORS) {
            writer.tensor(
                    "rope_freqs.weight",
                    List.of((long) headSize / 2),
                    GgmlType.F32,
                    GgufWriter.TensorSource.of(floats(ropeFactors())));
        }
        writer.write(path);
        return GgufFile.read(path);
    }

    public GgufFile write(Path folder) throws IOException {
        return write(folder, GgmlType.F32, LAYERS);
    }

    private RandomModel random(int layers) {
        return RandomModel.of(architecture, layers, WIDTH, HEADS, KEY_HEADS, FEED_FORWARD, VOCABULARY);
    }

    /** Gemma 3 rotates slower in the layers that see everything. */
    private double base() {
        return this == GEMMA3 ? 1_000_000 : 10_000;
    }

    private static byte[] floats(double[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            bytes.putFloat((float) value);
        }
        return bytes.array();
    }

    private double[] ropeFactors() {
        double[] factors = new double[headSize / 2];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = this == LLAMA_ROPE_FACTORS ? 1 + 0.5 * i : 1;
        }
        return factors;
    }

    public ReferenceDecoder.Config config() {
        int[] windows = new int[LAYERS];
        double[] bases = new double[LAYERS];
        for (int layer = 0; layer < LAYERS; layer++) {
            boolean windowed = window > 0 && (period == 0 || layer % period < period - 1);
            windows[layer] = windowed ? window : 0;
            bases[layer] = windowed ? 10_000 : base();
        }
        boolean llama = architecture == Architecture.LLAMA || architecture == Architecture.MISTRAL3;
        return new ReferenceDecoder.Config(
                WIDTH,
                HEADS,
                KEY_HEADS,
                headSize,
                FEED_FORWARD,
                VOCABULARY,
                1e-5f,
                !llama,
                isGemma(),
                this == QWEN3 || this == GEMMA3,
                isGemma(),
                isGemma() ? 8 : 1,
                1 / Math.sqrt(headSize),
                this == GEMMA2 ? 50 : 0,
                this == GEMMA2 ? 30 : 0,
                !llama,
                windows,
                bases,
                ropeFactors());
    }

    /** The weights of an f32 model, as the reference takes them. */
    public static Map<String, double[]> weights(GgufFile file) throws IOException {
        Map<String, double[]> weights = new HashMap<>();
        try (GgufTensorData data = GgufTensorData.open(file)) {
            for (GgufTensor tensor : file.tensors()) {
                ByteBuffer bytes = ByteBuffer.wrap(data.bytes(tensor)).order(ByteOrder.LITTLE_ENDIAN);
                double[] values = new double[(int) tensor.elements()];
                Arrays.setAll(values, i -> bytes.getFloat(i * Float.BYTES));
                weights.put(tensor.name(), values);
            }
        }
        return weights;
    }
}
