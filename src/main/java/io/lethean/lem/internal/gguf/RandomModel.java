package io.lethean.lem.internal.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * A model with random weights, for tests and benchmarks that must not download one.
 *
 * <p>The same shape, type and seed give the same file. The weights are scaled so that activations and logits stay of the
 * order of 1; what such a model says means nothing. Memory stays small whatever the size.
 *
 * <p>Immutable: the methods named like a property return a model with that property changed.
 */
public final class RandomModel {

    private static final int CHUNK = 1 << 13;

    private final int layers;
    private final int embedding;
    private final int heads;
    private final int kvHeads;
    private final int feedForward;
    private final int vocabulary;
    private Architecture architecture = Architecture.LLAMA;
    private int headSize;
    private GgmlType type = GgmlType.F32;
    private int contextLength = 2048;
    private int slidingWindow;
    private int experts;
    private int usedExperts;
    private boolean tied;
    private RandomVocabulary.Kind tokenizer = RandomVocabulary.Kind.SENTENCE_PIECE;
    private @Nullable String chatTemplate;
    private int sharedKeyLayers;
    private int layerInput = 32;
    private boolean values = true;

    private RandomModel(int layers, int embedding, int heads, int kvHeads, int feedForward, int vocabulary) {
        if (layers < 1 || embedding < 1 || heads < 1 || kvHeads < 1 || heads % kvHeads != 0 || feedForward < 1) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "A model needs layers (%d), hidden sizes (%d, %d) and a number of heads (%d) that is a multiple"
                            + " of its KV heads (%d).",
                    layers,
                    embedding,
                    feedForward,
                    heads,
                    kvHeads));
        }
        this.layers = layers;
        this.embedding = embedding;
        this.heads = heads;
        this.kvHeads = kvHeads;
        this.feedForward = feedForward;
        this.vocabulary = vocabulary;
        this.headSize = even(embedding / heads);
    }

    private RandomModel copy() {
        RandomModel copy = new RandomModel(layers, embedding, heads, kvHeads, feedForward, vocabulary);
        copy.architecture = architecture;
        copy.headSize = headSize;
        copy.type = type;
        copy.contextLength = contextLength;
        copy.slidingWindow = slidingWindow;
        copy.experts = experts;
        copy.usedExperts = usedExperts;
        copy.tied = tied;
        copy.tokenizer = tokenizer;
        copy.chatTemplate = chatTemplate;
        copy.sharedKeyLayers = sharedKeyLayers;
        copy.layerInput = layerInput;
        copy.values = values;
        return copy;
    }

    /**
     * A Llama: F32, untied, SentencePiece vocabulary, heads of embedding / heads numbers, trained on 2048 tokens.
     *
     * @param layers transformer blocks
     * @param embedding width of the residual stream
     * @param heads query heads per layer
     * @param kvHeads key and value heads per layer; a divisor of heads
     * @param feedForward width of the feed-forward part
     * @param vocabulary number of tokens, at least 360
     */
    public static RandomModel llama(
            int layers, int embedding, int heads, int kvHeads, int feedForward, int vocabulary) {
        return new RandomModel(layers, embedding, heads, kvHeads, feedForward, vocabulary);
    }

    /** A model of this architecture and shape: F32, with the usual vocabulary and output head, a window of 32 if any. */
    public static RandomModel of(
            Architecture architecture,
            int layers,
            int embedding,
            int heads,
            int kvHeads,
            int feedForward,
            int vocabulary) {
        Architecture.Vocabulary usual = architecture.vocabulary();
        return llama(layers, embedding, heads, kvHeads, feedForward, vocabulary)
                .architecture(architecture)
                .tied(usual.tied())
                .tokenizer(usual.bytePairs() ? RandomVocabulary.Kind.BYTE_PAIR : RandomVocabulary.Kind.SENTENCE_PIECE)
                .slidingWindow(architecture.window().period() > 1 ? 32 : 0);
    }

    /** A Gemma 3 of this shape: F32, tied, a window of 32 in five of six layers. */
    public static RandomModel gemma3(
            int layers, int embedding, int heads, int kvHeads, int feedForward, int vocabulary) {
        return of(Architecture.GEMMA3, layers, embedding, heads, kvHeads, feedForward, vocabulary);
    }

    /** A Gemma 2 of this shape: F32, tied, a window of 32 in every other layer, soft-capped. */
    public static RandomModel gemma2(
            int layers, int embedding, int heads, int kvHeads, int feedForward, int vocabulary) {
        return of(Architecture.GEMMA2, layers, embedding, heads, kvHeads, feedForward, vocabulary);
    }

    /** A Qwen 2 of this shape: F32, tied, byte-pair vocabulary. */
    public static RandomModel qwen2(
            int layers, int embedding, int heads, int kvHeads, int feedForward, int vocabulary) {
        return of(Architecture.QWEN2, layers, embedding, heads, kvHeads, feedForward, vocabulary);
    }

    /** A Qwen 3 of this shape: F32, tied, byte-pair vocabulary. */
    public static RandomModel qwen3(
            int layers, int embedding, int heads, int kvHeads, int feedForward, int vocabulary) {
        return of(Architecture.QWEN3, layers, embedding, heads, kvHeads, feedForward, vocabulary);
    }

    /** A Llama of 99.6 million parameters as Q8_0: 106 MB. */
    public static RandomModel hundredMillion() {
        return llama(8, 768, 12, 4, 2048, 32_000).type(GgmlType.Q8_0);
    }

    /** A Llama of 1.1 billion parameters as Q8_0: 1.2 GB. */
    public static RandomModel oneBillion() {
        return llama(22, 2048, 32, 4, 5632, 32_000).type(GgmlType.Q8_0);
    }

    /** The architecture: its tensors and keys are written. */
    public RandomModel architecture(Architecture architecture) {
        RandomModel copy = copy();
        copy.architecture = architecture;
        return copy;
    }

    /** The head size, even. */
    public RandomModel headSize(int headSize) {
        RandomModel copy = copy();
        copy.headSize = even(headSize);
        return copy;
    }

    /** The type of matrices. Matrices with rows that are not whole blocks are stored as F16, vectors always as F32. */
    public RandomModel type(GgmlType type) {
        RandomModel copy = copy();
        copy.type = BlockEncoder.of(type).type();
        return copy;
    }

    /** The number of tokens that the model claims to be trained on. */
    public RandomModel contextLength(int contextLength) {
        RandomModel copy = copy();
        copy.contextLength = contextLength;
        return copy;
    }

    /** The tokens that a layer with local attention sees, 0 for no window; llama.cpp uses it for Gemma only. */
    public RandomModel slidingWindow(int slidingWindow) {
        RandomModel copy = copy();
        copy.slidingWindow = slidingWindow;
        return copy;
    }

    /** The experts of each feed-forward part and how many a token uses; 0 and 0, the default, for no experts. */
    public RandomModel experts(int count, int used) {
        if (used < 0 || used > count || (used == 0) != (count == 0)) {
            throw new IllegalArgumentException("A token cannot use " + used + " of " + count + " experts.");
        }
        RandomModel copy = copy();
        copy.experts = count;
        copy.usedExperts = used;
        return copy;
    }

    /** Whether the token embedding is also the output matrix. */
    public RandomModel tied(boolean tied) {
        RandomModel copy = copy();
        copy.tied = tied;
        return copy;
    }

    /** The kind of vocabulary. */
    public RandomModel tokenizer(RandomVocabulary.Kind tokenizer) {
        RandomModel copy = copy();
        copy.tokenizer = tokenizer;
        return copy;
    }

    /** The Jinja template written into the file. */
    public RandomModel chatTemplate(String chatTemplate) {
        RandomModel copy = copy();
        copy.chatTemplate = chatTemplate;
        return copy;
    }

    /** The number of last layers that use the keys and values of earlier ones; 0 at first. Only of varied layers. */
    public RandomModel sharedKeyLayers(int sharedKeyLayers) {
        RandomModel copy = copy();
        copy.sharedKeyLayers = sharedKeyLayers;
        return copy;
    }

    /** The elements per token of each layer's own input, 0 for no input; 32 at first. Only of varied layers. */
    public RandomModel layerInput(int layerInput) {
        RandomModel copy = copy();
        copy.layerInput = layerInput;
        return copy;
    }

    /** Whether layers without a window have a value projection; true at first. Only of varied layers. */
    public RandomModel values(boolean values) {
        RandomModel copy = copy();
        copy.values = values;
        return copy;
    }

    private boolean isVaried() {
        return architecture.block().varied();
    }

    private RandomLayers varied() {
        return new RandomLayers(layers, sharedKeyLayers, layerInput, values);
    }

    private float[] ropeFactors() {
        return isVaried() ? varied().ropeFactors(headSize) : new float[0];
    }

    private static int even(int headSize) {
        if (headSize < 2 || headSize % 2 != 0) {
            throw new IllegalArgumentException("A head needs an even number of dimensions, not " + headSize + ".");
        }
        return headSize;
    }

    /** Writes the model. */
    public void write(Path path, long seed) throws IOException {
        writer(seed).write(path);
    }

    /** The model ready to be written, for callers that want to change something first. */
    public GgufWriter writer(long seed) {
        GgufWriter writer = new GgufWriter();
        putMetadata(writer);
        RandomVocabulary.of(tokenizer, vocabulary).putInto(writer);
        if (chatTemplate != null) {
            writer.put("tokenizer.chat_template", chatTemplate);
        }
        for (Planned planned : plan()) {
            writer.tensor(planned.name(), planned.dims(), planned.type(), channel -> planned.writeTo(channel, seed));
        }
        float[] factors = ropeFactors();
        if (factors.length > 0) {
            ByteBuffer bytes = ByteBuffer.allocate(factors.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(factors);
            writer.tensor(
                    "rope_freqs.weight",
                    List.of((long) factors.length),
                    GgmlType.F32,
                    GgufWriter.TensorSource.of(bytes.array()));
        }
        return writer;
    }

    /** Number of weights. */
    public long parameterCount() {
        return plan().stream().mapToLong(Planned::elements).sum() + ropeFactors().length;
    }

    private void putMetadata(GgufWriter writer) {
        String arch = architecture.id();
        writer.put("general.architecture", arch)
                .put("general.name", "random " + arch)
                .put(arch + ".context_length", GgufValue.uint32(contextLength))
                .put(arch + ".embedding_length", GgufValue.uint32(embedding))
                .put(arch + ".block_count", GgufValue.uint32(layers))
                .put(arch + ".feed_forward_length", GgufValue.uint32(feedForward))
                .put(arch + ".attention.head_count", GgufValue.uint32(heads))
                .put(arch + ".attention.head_count_kv", GgufValue.uint32(kvHeads))
                .put(arch + ".attention.key_length", GgufValue.uint32(headSize))
                .put(arch + ".attention.value_length", GgufValue.uint32(headSize))
                .put(arch + ".attention.layer_norm_rms_epsilon", GgufValue.of(1e-5f))
                .put(arch + ".rope.dimension_count", GgufValue.uint32(headSize))
                .put(arch + ".rope.freq_base", GgufValue.of(10_000f));
        if (experts > 0) {
            writer.put(arch + ".expert_count", GgufValue.uint32(experts))
                    .put(arch + ".expert_used_count", GgufValue.uint32(usedExperts));
            if (architecture.experts() == Architecture.Experts.ALWAYS || isVaried()) {
                writer.put(arch + ".expert_feed_forward_length", GgufValue.uint32(expertWidth()));
            }
        }
        if (slidingWindow > 0) {
            writer.put(arch + ".attention.sliding_window", GgufValue.uint32(slidingWindow));
        }
        if (isVaried()) {
            varied().putMetadata(writer, arch, headSize, kvHeads, feedForward);
        }
        if (architecture.attention().cap() > 0) {
            writer.put(
                            arch + ".attn_logit_softcapping",
                            GgufValue.of(architecture.attention().cap()))
                    .put(
                            arch + ".final_logit_softcapping",
                            GgufValue.of(architecture.vocabulary().logitCap()));
        }
    }

    private List<Planned> plan() {
        List<Planned> plan = new ArrayList<>();
        double embeddingScale = architecture.vocabulary().scaledEmbeddings() ? 1 / Math.sqrt(embedding) : 1;
        plan.add(matrix("token_embd.weight", embedding, vocabulary, embeddingScale));
        plan.add(norm("output_norm.weight", embedding));
        if (!tied) {
            plan.add(matrix("output.weight", embedding, vocabulary, 1 / Math.sqrt(embedding)));
        }
        for (int layer = 0; layer < layers; layer++) {
            addLayer(plan, layer);
        }
        if (isVaried() && layerInput > 0) {
            long all = (long) layerInput * layers;
            plan.add(matrix("per_layer_token_embd.weight", all, vocabulary, 1 / Math.sqrt(layerInput)));
            plan.add(matrix("per_layer_model_proj.weight", embedding, all, 1));
            plan.add(norm("per_layer_proj_norm.weight", layerInput));
        }
        return plan;
    }

    private void addLayer(List<Planned> plan, int layer) {
        String prefix = "blk." + layer + ".";
        if (!isVaried()) {
            addAttention(plan, prefix, headSize, kvHeads, true, true);
            if (experts == 0) {
                addFeedForward(plan, prefix, feedForward);
            } else {
                addExperts(plan, prefix);
            }
            return;
        }
        RandomLayers varied = varied();
        addAttention(
                plan,
                prefix,
                varied.headSize(layer, headSize),
                varied.kvHeads(layer, kvHeads),
                varied.hasKeys(layer),
                varied.hasValues(layer));
        addFeedForward(plan, prefix, varied.feedForward(layer, feedForward));
        if (experts > 0) {
            addExpertsNextToDense(plan, prefix);
        }
        if (layerInput > 0) {
            plan.add(matrix(prefix + "inp_gate.weight", embedding, layerInput, 1 / Math.sqrt(embedding)));
            plan.add(matrix(prefix + "proj.weight", layerInput, embedding, residualScale(layerInput)));
            plan.add(norm(prefix + "post_norm.weight", embedding));
        }
        plan.add(norm(prefix + "layer_output_scale.weight", 1));
    }

    private void addAttention(
            List<Planned> plan, String prefix, int headSize, int kvHeads, boolean hasKeys, boolean hasValues) {
        int queries = heads * headSize;
        int keys = kvHeads * headSize;
        double scale = 1 / Math.sqrt(embedding);
        plan.add(norm(prefix + "attn_norm.weight", embedding));
        plan.add(matrix(prefix + "attn_q.weight", embedding, queries, scale));
        if (hasKeys) {
            plan.add(matrix(prefix + "attn_k.weight", embedding, keys, scale));
        }
        if (hasValues) {
            plan.add(matrix(prefix + "attn_v.weight", embedding, keys, scale));
        }
        plan.add(matrix(prefix + "attn_output.weight", queries, embedding, residualScale(queries)));
        if (architecture.block().biases()) {
            plan.add(bias(prefix + "attn_q.bias", queries));
            plan.add(bias(prefix + "attn_k.bias", keys));
            plan.add(bias(prefix + "attn_v.bias", keys));
        }
        if (architecture.hasSinks()) {
            plan.add(bias(prefix + "attn_output.bias", embedding));
            plan.add(new Planned(prefix + "attn_sinks.weight", List.of((long) heads), GgmlType.F32, 0, 1));
        }
        if (architecture.block().queryKeyNorm()) {
            plan.add(headNorm(prefix + "attn_q_norm.weight", headSize));
            if (hasKeys) {
                plan.add(headNorm(prefix + "attn_k_norm.weight", headSize));
            }
        }
        if (architecture.block().postNorms()) {
            plan.add(norm(prefix + "post_attention_norm.weight", embedding));
        }
    }

    private void addFeedForward(List<Planned> plan, String prefix, int feedForward) {
        double scale = 1 / Math.sqrt(embedding);
        plan.add(norm(prefix + "ffn_norm.weight", embedding));
        plan.add(matrix(prefix + "ffn_gate.weight", embedding, feedForward, scale));
        plan.add(matrix(prefix + "ffn_up.weight", embedding, feedForward, scale));
        plan.add(matrix(prefix + "ffn_down.weight", feedForward, embedding, residualScale(feedForward)));
        if (architecture.block().postNorms()) {
            plan.add(norm(prefix + "post_ffw_norm.weight", embedding));
        }
    }

    private void addExperts(List<Planned> plan, String prefix) {
        double scale = 1 / Math.sqrt(embedding);
        plan.add(
                norm(prefix + (architecture.hasSinks() ? "post_attention_norm.weight" : "ffn_norm.weight"), embedding));
        plan.add(new Planned(
                prefix + "ffn_gate_inp.weight", List.of((long) embedding, (long) experts), GgmlType.F32, 0, scale));
        plan.add(matrices(prefix + "ffn_gate_exps.weight", embedding, feedForward, scale));
        plan.add(matrices(prefix + "ffn_up_exps.weight", embedding, feedForward, scale));
        plan.add(matrices(prefix + "ffn_down_exps.weight", feedForward, embedding, residualScale(feedForward)));
        if (architecture.hasSinks()) {
            plan.add(bias(prefix + "ffn_gate_inp.bias", experts));
            plan.add(biases(prefix + "ffn_gate_exps.bias", feedForward));
            plan.add(biases(prefix + "ffn_up_exps.bias", feedForward));
            plan.add(biases(prefix + "ffn_down_exps.bias", embedding));
        }
    }

    /** Where a dense part is next to the experts, they are narrower than it. */
    private int expertWidth() {
        return isVaried() ? Math.max(1, feedForward / 96) * 64 : feedForward;
    }

    /** The router reads a row of length 1, so larger numbers make its scores of the order of 1. */
    private void addExpertsNextToDense(List<Planned> plan, String prefix) {
        int width = expertWidth();
        plan.add(norm(prefix + "post_ffw_norm_1.weight", embedding));
        plan.add(norm(prefix + "pre_ffw_norm_2.weight", embedding));
        plan.add(norm(prefix + "post_ffw_norm_2.weight", embedding));
        plan.add(norm(prefix + "ffn_gate_inp.scale", embedding));
        plan.add(new Planned(
                prefix + "ffn_gate_inp.weight", List.of((long) embedding, (long) experts), GgmlType.F32, 0, 1));
        plan.add(matrices(prefix + "ffn_gate_up_exps.weight", embedding, 2L * width, 1 / Math.sqrt(embedding)));
        plan.add(matrices(prefix + "ffn_down_exps.weight", width, embedding, residualScale(width)));
        plan.add(norm(prefix + "ffn_down_exps.scale", experts));
    }

    private Planned matrices(String name, long columns, long rows, double deviation) {
        Planned one = matrix(name, columns, rows, deviation);
        return new Planned(name, List.of(columns, rows, (long) experts), one.type(), 0, deviation);
    }

    private Planned biases(String name, long size) {
        return new Planned(name, List.of(size, (long) experts), GgmlType.F32, 0, 0.1);
    }

    /** Each layer adds twice to the residual stream; this keeps the sum of the order of 1. */
    private double residualScale(int inputs) {
        return 1 / Math.sqrt(2.0 * layers * inputs);
    }

    private Planned matrix(String name, long columns, long rows, double deviation) {
        GgmlType stored = columns % type.blockSize() == 0 ? type : GgmlType.F16;
        return new Planned(name, List.of(columns, rows), stored, 0, deviation);
    }

    private Planned norm(String name, long size) {
        return new Planned(name, List.of(size), GgmlType.F32, 1, 0.1);
    }

    /** Of queries or keys; where their scores are not scaled, the norms keep these of the order of 1. */
    private Planned headNorm(String name, long headSize) {
        double mean = architecture.attention().unscaled() ? Math.pow(headSize, -0.25) : 1;
        return new Planned(name, List.of(headSize), GgmlType.F32, mean, 0.1 * mean);
    }

    private Planned bias(String name, long size) {
        return new Planned(name, List.of(size), GgmlType.F32, 0, 0.1);
    }

    /** A tensor of uniformly distributed numbers of this mean and standard deviation. */
    private record Planned(String name, List<Long> dims, GgmlType type, double mean, double deviation) {

        long elements() {
            return dims.stream().reduce(1L, Math::multiplyExact);
        }

        void writeTo(WritableByteChannel channel, long seed) throws IOException {
            SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + checksum());
            BlockEncoder encoder = BlockEncoder.of(type);
            float[] values = new float[CHUNK];
            ByteBuffer bytes = ByteBuffer.allocate(CHUNK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (long left = elements(); left > 0; left -= CHUNK) {
                int count = (int) Math.min(left, CHUNK);
                fill(values, count, random);
                encoder.encode(values, 0, count, bytes.clear());
                channel.write(bytes.flip());
            }
        }

        private void fill(float[] values, int count, SplittableRandom random) {
            double halfWidth = Math.sqrt(3) * deviation;
            double step = halfWidth * 0x1p-31;
            for (int i = 0; i < count; i++) {
                values[i] = (float) (mean + step * random.nextInt());
            }
        }

        private long checksum() {
            CRC32 crc = new CRC32();
            crc.update(name.getBytes(StandardCharsets.UTF_8));
            return crc.getValue();
        }
    }
}
