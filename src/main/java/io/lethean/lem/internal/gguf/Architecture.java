package io.lethean.lem.internal.gguf;

import static io.lethean.lem.internal.gguf.Architecture.Activation.CLAMPED_SILU;
import static io.lethean.lem.internal.gguf.Architecture.Activation.GELU;
import static io.lethean.lem.internal.gguf.Architecture.Activation.SILU;
import static io.lethean.lem.internal.gguf.Architecture.Pairing.ADJACENT;
import static io.lethean.lem.internal.gguf.Architecture.Pairing.HALVES;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The table of architectures, one row each: what a GGUF file does not say because llama.cpp knows it by the
 * architecture's name. The graphs of the pinned release are the authority.
 *
 * <p>A new architecture is a new row here. Training, the conversion of adapters, random models and their tests read it;
 * {@link ArchitectureCheck} is the place for what llama.cpp would crash on.
 */
public enum Architecture {
    /** Llama, Mixtral, and Mistral up to version 2. The first version of Mistral has a window on every layer. */
    LLAMA(
            new Rotation(ADJACENT, true),
            new Block(SILU, false, false, false),
            new Attention(true, 0, 0),
            new Window(0, 0),
            new Vocabulary(false, false, false, 0),
            true,
            Experts.MAYBE),
    MISTRAL3(
            new Rotation(ADJACENT, true),
            new Block(SILU, false, false, false),
            new Attention(true, 0, 0),
            new Window(0, 0),
            new Vocabulary(false, false, false, 0),
            true),
    QWEN2(
            new Rotation(HALVES, false),
            new Block(SILU, true, false, false),
            new Attention(false, 0, 0),
            new Window(0, 1),
            new Vocabulary(true, true, false, 0),
            true),
    QWEN3(
            new Rotation(HALVES, false),
            new Block(SILU, false, true, false),
            new Attention(false, 0, 0),
            new Window(0, 1),
            new Vocabulary(true, true, false, 0),
            true),
    QWEN3MOE(
            new Rotation(HALVES, false),
            new Block(SILU, false, true, false),
            new Attention(false, 0, 0),
            new Window(0, 1),
            new Vocabulary(true, false, false, 0),
            true,
            Experts.ALWAYS),
    GPT_OSS(
            new Rotation(HALVES, false),
            new Block(CLAMPED_SILU, true, false, false),
            new Attention(false, 0, 0),
            new Window(128, 2),
            new Vocabulary(true, false, false, 0),
            true,
            Experts.ALWAYS),
    /** Its adapters can be converted; no gradient has been checked for it. */
    GEMMA(
            new Rotation(HALVES, false),
            new Block(GELU, false, false, false),
            new Attention(false, 0, 0),
            new Window(0, 1),
            new Vocabulary(false, true, true, 0),
            false),
    GEMMA2(
            new Rotation(HALVES, false),
            new Block(GELU, false, false, true),
            new Attention(false, 50, 46),
            new Window(4096, 2),
            new Vocabulary(false, true, true, 30),
            true),
    GEMMA3(
            new Rotation(HALVES, false),
            new Block(GELU, false, true, true),
            new Attention(false, 0, 62),
            new Window(0, 6),
            new Vocabulary(false, true, true, 0),
            true),
    /** Its files say which layers have a window, and give sizes for the two kinds of layers. */
    GEMMA4(
            new Rotation(HALVES, true),
            new Block(GELU, false, true, true, true, true),
            new Attention(false, 0, 0, true),
            new Window(0, 6),
            new Vocabulary(false, true, true, 0),
            true,
            Experts.WITH_DENSE);

    /**
     * Which two elements of a head rotate together. llama.cpp's converter reorders the rows of query and key projections
     * for {@code ADJACENT}, so that their order differs from Hugging Face's.
     */
    public enum Pairing {
        /** Neighbours: 0 with 1, 2 with 3. */
        ADJACENT,
        /** One half with the other: 0 with n/2, 1 with n/2 + 1. */
        HALVES
    }

    /** The function that is applied to the gate of the feed-forward part. */
    public enum Activation {
        SILU,
        /** The tanh form of GELU. */
        GELU,
        /** GPT-OSS: {@code x * sigmoid(1.702 x)} of the gate up to 7, times 1 + up, which is clamped to 7 either way. */
        CLAMPED_SILU
    }

    /**
     * Rotary position embedding.
     *
     * @param pairing which elements rotate together
     * @param factors true if the file may contain factors of the frequencies
     */
    public record Rotation(Pairing pairing, boolean factors) {}

    /**
     * Parts of a layer.
     *
     * @param activation the gate's function
     * @param biases true if the projections to queries, keys and values have biases
     * @param queryKeyNorm true if queries and keys are normed per head
     * @param postNorms true if the results of attention and feed-forward are normed before they are added
     * @param valueNorm true if values are normed per head, without weights
     * @param varied true if the file may give sizes layer by layer, layers may use the keys and values of earlier ones,
     *     and may have an input and an output scale of their own
     */
    public record Block(
            Activation activation,
            boolean biases,
            boolean queryKeyNorm,
            boolean postNorms,
            boolean valueNorm,
            boolean varied) {

        /** A layer like all others of its model, with values as they are. */
        public Block(Activation activation, boolean biases, boolean queryKeyNorm, boolean postNorms) {
            this(activation, biases, queryKeyNorm, postNorms, false, false);
        }
    }

    /**
     * Attention scores.
     *
     * @param scaleInFile true if the file may set the factor of the scores
     * @param cap soft cap of the scores if the file does not set it; 0 if the architecture has no cap
     * @param wideScaleLayers the layer count at which scores are scaled by hidden size / heads, not by the head size
     * @param unscaled true if scores are not scaled
     */
    public record Attention(boolean scaleInFile, float cap, int wideScaleLayers, boolean unscaled) {

        /** Scores that are scaled. */
        public Attention(boolean scaleInFile, float cap, int wideScaleLayers) {
            this(scaleInFile, cap, wideScaleLayers, false);
        }
    }

    /**
     * Sliding windows.
     *
     * @param tokens the window if the file does not set it; 0 for no window
     * @param period all but the last layer of each period have the window; 0 for every layer, 1 for no layer
     */
    public record Window(int tokens, int period) {}

    /**
     * Token embeddings and output head.
     *
     * @param bytePairs true if models usually have a byte-pair vocabulary, false for SentencePiece
     * @param tied true if models usually use the token embeddings as the output head
     * @param scaledEmbeddings true if token embeddings are multiplied by the root of the hidden size
     * @param logitCap soft cap of the logits if the file does not set it; 0 if the architecture has no cap
     */
    public record Vocabulary(boolean bytePairs, boolean tied, boolean scaledEmbeddings, float logitCap) {}

    /** Whether feed-forward parts are mixtures of experts. */
    public enum Experts {
        NEVER,
        MAYBE,
        ALWAYS,
        /** Maybe; if so, each next to a dense part, with the gate and up matrices of an expert in one. */
        WITH_DENSE
    }

    private final Rotation rotation;
    private final Block block;
    private final Attention attention;
    private final Window window;
    private final Vocabulary vocabulary;
    private final boolean trainable;
    private final Experts experts;

    Architecture(
            Rotation rotation,
            Block block,
            Attention attention,
            Window window,
            Vocabulary vocabulary,
            boolean trainable) {
        this(rotation, block, attention, window, vocabulary, trainable, Experts.NEVER);
    }

    Architecture(
            Rotation rotation,
            Block block,
            Attention attention,
            Window window,
            Vocabulary vocabulary,
            boolean trainable,
            Experts experts) {
        this.rotation = rotation;
        this.block = block;
        this.attention = attention;
        this.window = window;
        this.vocabulary = vocabulary;
        this.trainable = trainable;
        this.experts = experts;
    }

    /** The value of {@code general.architecture}. */
    public String id() {
        return this == GPT_OSS ? "gpt-oss" : name().toLowerCase(Locale.ROOT);
    }

    /** The row of a model's {@code general.architecture}. */
    public static Optional<Architecture> byId(String id) {
        return Arrays.stream(values()).filter(row -> row.id().equals(id)).findFirst();
    }

    /** The names of all rows, in their order. */
    public static List<String> ids() {
        return Arrays.stream(values()).map(Architecture::id).toList();
    }

    public Rotation rotation() {
        return rotation;
    }

    public Block block() {
        return block;
    }

    public Attention attention() {
        return attention;
    }

    public Window window() {
        return window;
    }

    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /** Whether its feed-forward parts are mixtures of experts. */
    public Experts experts() {
        return experts;
    }

    /** True if each head has a score that takes part in the softmax of attention and has no value. */
    public boolean hasSinks() {
        return this == GPT_OSS;
    }

    /** True if the training engine has been checked for it. */
    public boolean trainable() {
        return trainable;
    }

    /** True if layers of this architecture may have a window. */
    public boolean hasWindows() {
        return window.period() != 1;
    }
}
