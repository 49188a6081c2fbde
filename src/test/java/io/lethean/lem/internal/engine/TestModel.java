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
    MIXTRAL(Architecture.LLAMA, 16, 0, 0),
    QWEN3MOE(Architecture.QWEN3MOE, 32, 0, 0),
    GPT_OSS(Architecture.GPT_OSS, 32, 5, 2),
    GEMMA2(Architecture.GEMMA2, 96, 5, 2),
    GEMMA3(Architecture.GEMMA3, 32, 5, 2),
    /** The last three layers use the keys and values of the first two, and every layer has an input of its own. */
    GEMMA4(Architecture.GEMMA4, 16, 5, 2),
    /** No inputs of single layers; in layers without a window keys are used as values. */
    GEMMA4_KEYS_AS_VALUES(Architecture.GEMMA4, 16, 5, 2),
    /** As the one before, with experts next to the dense feed-forward parts. */
    GEMMA4_EXPERTS(Architecture.GEMMA4, 16, 5, 2);

    private static final int LAYERS = 2;
    /** Layers of Gemma 4 with keys and values of their own. */
    private static final int OWN_KEYS = 2;

    private static final int LAYER_INPUT = 32;
    private static final int WIDTH = 64;
    private static final int HEADS = 4;
    private static final int KEY_HEADS = 2;
    private static final int FEED_FORWARD = 96;
    private static final int VOCABULARY = 384;
    private static final long SEED = 11;
    /** Of each layer of a mixture. */
    private static final int EXPERTS = 6;

    private static final int USED = 3;
    /** YaRN of GPT-OSS, with frequencies on both sides of its ramp. */
    private static final double YARN_FACTOR = 4;

    private static final int YARN_CONTEXT = 256;

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
        return this == GEMMA2 || this == GEMMA3 || isGemma4();
    }

    public boolean isGemma4() {
        return architecture == Architecture.GEMMA4;
    }

    public int layers() {
        return this == GEMMA4 ? 5 : LAYERS;
    }

    /** True if its feed-forward parts are mixtures of experts. */
    public boolean hasExperts() {
        return this == MIXTRAL || this == QWEN3MOE || this == GPT_OSS || this == GEMMA4_EXPERTS;
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
                .experts(hasExperts() ? EXPERTS : 0, hasExperts() ? USED : 0)
                .type(type)
                .writer(SEED);
        String arch = architecture.id();
        writer.put(arch + ".rope.freq_base", GgufValue.of((float) base()));
        if (isGemma4()) {
            writer.put(arch + ".final_logit_softcapping", GgufValue.of(30f));
        } else if (isGemma()) {
            writer.put(arch + ".attention.sliding_window_pattern", GgufValue.uint32(period));
        }
        if (this == GPT_OSS) {
            writer.put(arch + ".rope.scaling.type", "yarn")
                    .put(arch + ".rope.scaling.factor", GgufValue.of((float) YARN_FACTOR))
                    .put(arch + ".rope.scaling.original_context_length", GgufValue.uint32(YARN_CONTEXT));
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
        return write(folder, GgmlType.F32);
    }

    /** Writes the model with matrices of a type, and reads its header. */
    public GgufFile write(Path folder, GgmlType type) throws IOException {
        return write(folder, type, layers());
    }

    private RandomModel random(int layers) {
        RandomModel model = RandomModel.of(architecture, layers, WIDTH, HEADS, KEY_HEADS, FEED_FORWARD, VOCABULARY);
        return switch (this) {
            case GEMMA4 -> model.sharedKeyLayers(layers - OWN_KEYS);
            case GEMMA4_KEYS_AS_VALUES, GEMMA4_EXPERTS -> model.layerInput(0).values(false);
            default -> model;
        };
    }

    /** Gemma 3 and 4 rotate slower in the layers that see everything. */
    private double base() {
        return this == GEMMA3 || isGemma4() ? 1_000_000 : 10_000;
    }

    private static byte[] floats(double[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            bytes.putFloat((float) value);
        }
        return bytes.array();
    }

    /** Of a layer of Gemma 4 without a window a quarter rotates. */
    private double[] ropeFactors(int layer) {
        if (!isGemma4()) {
            return ropeFactors();
        }
        double[] factors = new double[layer % 2 == 0 ? headSize / 2 : headSize];
        Arrays.fill(factors, 1);
        if (layer % 2 != 0) {
            Arrays.fill(factors, headSize / 4, headSize, 1e30f);
        }
        return factors;
    }

    private double[] ropeFactors() {
        double[] factors = new double[headSize / 2];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = this == LLAMA_ROPE_FACTORS ? 1 + 0.5 * i : 1;
        }
        return factors;
    }

    public ReferenceDecoder.Config config() {
        int layers = layers();
        int[] windows = new int[layers];
        double[] bases = new double[layers];
        double[][] factors = new double[layers][];
        int[] headSizes = new int[layers];
        int[] keyHeads = new int[layers];
        int[] feedForwards = new int[layers];
        int[] keysOf = new int[layers];
        for (int layer = 0; layer < layers; layer++) {
            boolean windowed = window > 0 && (period == 0 || layer % period < period - 1);
            windows[layer] = windowed ? window : 0;
            bases[layer] = windowed ? 10_000 : base();
            factors[layer] = ropeFactors(layer);
            boolean wide = isGemma4() && !windowed;
            boolean shares = this == GEMMA4 && layer >= OWN_KEYS;
            headSizes[layer] = wide ? 2 * headSize : headSize;
            keyHeads[layer] = wide ? KEY_HEADS / 2 : KEY_HEADS;
            feedForwards[layer] = shares ? 2 * FEED_FORWARD : FEED_FORWARD;
            keysOf[layer] = shares ? layer % 2 : layer;
        }
        boolean llama = architecture == Architecture.LLAMA || architecture == Architecture.MISTRAL3;
        return new ReferenceDecoder.Config(
                WIDTH,
                HEADS,
                keyHeads,
                headSizes,
                feedForwards,
                keysOf,
                this == GEMMA4 ? LAYER_INPUT : 0,
                VOCABULARY,
                1e-5f,
                !llama,
                isGemma(),
                this == QWEN3 || this == QWEN3MOE || this == GEMMA3 || isGemma4(),
                isGemma4(),
                isGemma(),
                isGemma() ? 8 : 1,
                isGemma4() ? 1 : 1 / Math.sqrt(headSize),
                this == GEMMA2 ? 50 : 0,
                this == GEMMA2 || isGemma4() ? 30 : 0,
                isGemma() || !llama && !hasExperts(),
                windows,
                bases,
                factors,
                hasExperts() ? USED : 0,
                this == GPT_OSS,
                this == GPT_OSS ? YARN_FACTOR : 1,
                YARN_CONTEXT);
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
