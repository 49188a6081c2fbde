package io.lethean.lem.model;

import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufType;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import io.lethean.lem.internal.safetensors.SafetensorsBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import tools.jackson.databind.json.JsonMapper;

/** A tiny encoder of the form of BERT with random weights, and its computation in double precision. */
public final class RandomBert {

    static final int HIDDEN = 32;
    static final int HEADS = 4;
    static final int LAYERS = 2;
    static final int POSITIONS = 40;
    private static final int FEED_FORWARD = 48;
    private static final double EPSILON = 1e-12;

    /** Ids as in published vocabularies; the first words are unused. */
    static final int CLS = 101;

    static final int SEP = 102;
    private static final int UNKNOWN = 100;
    private static final int FIRST_WORD = 104;
    private static final List<String> WORDS =
            List.of("the", "cat", "dog", "sat", "on", "mat", "ran", "far", "home", "sun", "is", "warm", "a", "b", "c");

    /** Patterns of names in GGUF, and what transformers calls them; the first that fits changes the name. */
    private static final Map<String, String> SOURCE = new LinkedHashMap<>();

    static {
        SOURCE.put("^token_embd_norm", "embeddings.LayerNorm");
        SOURCE.put("^token_embd", "embeddings.word_embeddings");
        SOURCE.put("^position_embd", "embeddings.position_embeddings");
        SOURCE.put("^token_types", "embeddings.token_type_embeddings");
        SOURCE.put("^blk\\.(\\d+)", "encoder.layer.$1");
        SOURCE.put("attn_q", "attention.self.query");
        SOURCE.put("attn_k", "attention.self.key");
        SOURCE.put("attn_v", "attention.self.value");
        SOURCE.put("attn_output_norm", "attention.output.LayerNorm");
        SOURCE.put("attn_output", "attention.output.dense");
        SOURCE.put("ffn_up", "intermediate.dense");
        SOURCE.put("ffn_down", "output.dense");
        SOURCE.put("layer_output_norm", "output.LayerNorm");
        SOURCE.put("^cls\\.output", "classifier");
        SOURCE.put("^cls\\.", "pooler.dense.");
    }

    private static final int MEAN_POOLING = 1;
    private static final int RANK_POOLING = 4;

    private final Map<String, float[]> weights = new LinkedHashMap<>();
    private final Map<String, List<Long>> shapes = new LinkedHashMap<>();
    private final SplittableRandom random = new SplittableRandom(7);
    private final List<String> tokens = new ArrayList<>(List.of("[PAD]"));
    private final boolean reranker;
    private final GgufWriter writer = new GgufWriter().forced(false);

    private RandomBert(boolean reranker) {
        this.reranker = reranker;
        for (int id = 1; id < UNKNOWN; id++) {
            tokens.add("[unused" + id + "]");
        }
        tokens.addAll(List.of("[UNK]", "[CLS]", "[SEP]", "[MASK]"));
        WORDS.forEach(word -> tokens.add("\u2581" + word));
        add("token_embd.weight", 1, HIDDEN, tokens.size());
        add("position_embd.weight", 1, HIDDEN, POSITIONS);
        add("token_types.weight", 1, HIDDEN, 2);
        norm("token_embd_norm");
        for (int layer = 0; layer < LAYERS; layer++) {
            String prefix = "blk." + layer + ".";
            linear(prefix + "attn_q", HIDDEN, HIDDEN);
            linear(prefix + "attn_k", HIDDEN, HIDDEN);
            linear(prefix + "attn_v", HIDDEN, HIDDEN);
            linear(prefix + "attn_output", HIDDEN, HIDDEN);
            norm(prefix + "attn_output_norm");
            linear(prefix + "ffn_up", HIDDEN, FEED_FORWARD);
            linear(prefix + "ffn_down", FEED_FORWARD, HIDDEN);
            norm(prefix + "layer_output_norm");
        }
        if (reranker) {
            linear("cls", HIDDEN, HIDDEN);
            linear("cls.output", HIDDEN, 1);
        }
    }

    /** An encoder with mean pooling. */
    public static RandomBert embedder() {
        return new RandomBert(false);
    }

    /** A cross-encoder with two token types. */
    public static RandomBert reranker() {
        return new RandomBert(true);
    }

    private void linear(String name, int columns, int rows) {
        add(name + ".weight", 1 / Math.sqrt(columns), columns, rows);
        add(name + ".bias", 0.1, rows);
    }

    private void norm(String name) {
        add(name + ".weight", 0.2, HIDDEN);
        add(name + ".bias", 0.2, HIDDEN);
        float[] scale = weights.get(name + ".weight");
        for (int i = 0; i < scale.length; i++) {
            scale[i] += 1;
        }
    }

    private void add(String name, double deviation, long... dims) {
        float[] values = new float[(int) LongStream.of(dims).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        weights.put(name, values);
        shapes.put(name, LongStream.of(dims).boxed().toList());
    }

    /** The file, for tests that change something of it. */
    GgufWriter writer() {
        writer.put("general.architecture", "bert")
                .put("bert.context_length", GgufValue.uint32(POSITIONS))
                .put("bert.embedding_length", GgufValue.uint32(HIDDEN))
                .put("bert.block_count", GgufValue.uint32(LAYERS))
                .put("bert.feed_forward_length", GgufValue.uint32(FEED_FORWARD))
                .put("bert.attention.head_count", GgufValue.uint32(HEADS))
                .put("bert.attention.layer_norm_epsilon", GgufValue.of((float) EPSILON))
                .put("bert.attention.causal", GgufValue.of(false))
                .put("bert.pooling_type", GgufValue.uint32(reranker ? RANK_POOLING : MEAN_POOLING))
                .put("tokenizer.ggml.model", "bert")
                .put("tokenizer.ggml.pre", "default")
                .put("tokenizer.ggml.tokens", GgufArray.ofStrings(tokens))
                .put("tokenizer.ggml.token_type_count", GgufValue.uint32(2))
                .put("tokenizer.ggml.bos_token_id", GgufValue.uint32(CLS))
                .put("tokenizer.ggml.seperator_token_id", GgufValue.uint32(SEP))
                .put("tokenizer.ggml.unknown_token_id", GgufValue.uint32(UNKNOWN))
                .put(
                        "tokenizer.ggml.token_type",
                        GgufArray.ofIntegers(
                                GgufType.INT32,
                                LongStream.range(0, tokens.size())
                                        .map(id -> id < FIRST_WORD ? 3 : 1)
                                        .toArray()));
        weights.forEach((name, values) -> {
            writer.tensor(name, shapes.get(name), GgmlType.F32, GgufWriter.TensorSource.of(bytes(values)));
        });
        return writer;
    }

    private static byte[] bytes(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    /** Writes the file. */
    public Path write(Path file) throws IOException {
        writer().write(file);
        return file;
    }

    /** Writes the folder that transformers saves of it. */
    public Path writeFolder(Path folder) throws IOException {
        Files.createDirectories(folder);
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("architectures", List.of(reranker ? "BertForSequenceClassification" : "BertModel"));
        config.put("model_type", "bert");
        config.put("hidden_size", HIDDEN);
        config.put("num_hidden_layers", LAYERS);
        config.put("num_attention_heads", HEADS);
        config.put("intermediate_size", FEED_FORWARD);
        config.put("max_position_embeddings", POSITIONS);
        config.put("type_vocab_size", 2);
        config.put("layer_norm_eps", EPSILON);
        config.put("vocab_size", tokens.size());
        config.put("id2label", Map.of("0", "LABEL_0"));
        JsonMapper json = JsonMapper.shared();
        Files.writeString(folder.resolve("config.json"), json.writeValueAsString(config));
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                json.writeValueAsString(Map.of("tokenizer_class", "BertTokenizer", "do_lower_case", true)));
        Files.write(
                folder.resolve("vocab.txt"),
                tokens.stream().map(token -> token.replace("\u2581", "")).toList());
        SafetensorsBytes safetensors = new SafetensorsBytes();
        weights.forEach((name, values) -> safetensors.raw(
                sourceName(name), "F32", String.valueOf(shapes.get(name).reversed()), bytes(values)));
        safetensors.write(folder.resolve("model.safetensors"));
        return folder;
    }

    private String sourceName(String name) {
        String source = name;
        for (Map.Entry<String, String> part : SOURCE.entrySet()) {
            source = source.replaceFirst(part.getKey(), part.getValue());
        }
        return reranker && !source.startsWith("classifier.") ? "bert." + source : source;
    }

    /** The score of a query and a document, the latter with token type 1. */
    public double relevance(String query, String document) {
        List<Integer> ids = new ArrayList<>(List.of(CLS));
        ids.addAll(tokens(query));
        ids.add(SEP);
        List<Integer> types = new ArrayList<>(Collections.nCopies(ids.size(), 0));
        ids.addAll(tokens(document));
        ids.add(SEP);
        types.addAll(Collections.nCopies(ids.size() - types.size(), 1));
        return score(ids, types);
    }

    /** The tokens of words that the vocabulary has. */
    List<Integer> tokens(String text) {
        List<Integer> ids = new ArrayList<>();
        for (String word : text.split(" ")) {
            if (!word.isEmpty()) {
                ids.add(tokens.indexOf("\u2581" + word));
            }
        }
        return ids;
    }

    /** The last hidden state of every token. */
    double[][] hidden(List<Integer> ids, List<Integer> types) {
        double[][] x = new double[ids.size()][];
        for (int i = 0; i < x.length; i++) {
            x[i] = sum(row("token_embd", ids.get(i)), row("position_embd", i));
            x[i] = normed("token_embd_norm", sum(x[i], row("token_types", types.get(i))));
        }
        for (int layer = 0; layer < LAYERS; layer++) {
            x = layer("blk." + layer + ".", x);
        }
        return x;
    }

    /** What the classification head makes of the first token. */
    double score(List<Integer> ids, List<Integer> types) {
        double[] pooled = linear("cls", hidden(ids, types)[0]);
        for (int i = 0; i < pooled.length; i++) {
            pooled[i] = Math.tanh(pooled[i]);
        }
        return linear("cls.output", pooled)[0];
    }

    private double[][] layer(String prefix, double[][] x) {
        double[][] attended = attention(prefix, x);
        double[][] out = new double[x.length][];
        for (int i = 0; i < x.length; i++) {
            double[] middle =
                    normed(prefix + "attn_output_norm", sum(x[i], linear(prefix + "attn_output", attended[i])));
            double[] inner = linear(prefix + "ffn_up", middle);
            for (int j = 0; j < inner.length; j++) {
                inner[j] = gelu(inner[j]);
            }
            out[i] = normed(prefix + "layer_output_norm", sum(middle, linear(prefix + "ffn_down", inner)));
        }
        return out;
    }

    /** As ggml computes it on the processor: the tangent's form, from a table of half precision. */
    private static double gelu(double x) {
        double half = Float.float16ToFloat(Float.floatToFloat16((float) x));
        double value = 0.5 * half * (1 + Math.tanh(0.79788456080286535588 * half * (1 + 0.044715 * half * half)));
        return Float.float16ToFloat(Float.floatToFloat16((float) value));
    }

    private double[][] attention(String prefix, double[][] x) {
        int size = HIDDEN / HEADS;
        double[][] result = new double[x.length][HIDDEN];
        double[][] keys = new double[x.length][];
        double[][] values = new double[x.length][];
        for (int i = 0; i < x.length; i++) {
            keys[i] = linear(prefix + "attn_k", x[i]);
            values[i] = linear(prefix + "attn_v", x[i]);
        }
        for (int i = 0; i < x.length; i++) {
            double[] query = linear(prefix + "attn_q", x[i]);
            for (int from = 0; from < HIDDEN; from += size) {
                attend(query, keys, values, from, size, result[i]);
            }
        }
        return result;
    }

    private static void attend(
            double[] query, double[][] keys, double[][] values, int from, int size, double[] result) {
        double[] share = new double[keys.length];
        double total = 0;
        for (int other = 0; other < keys.length; other++) {
            double score = 0;
            for (int j = from; j < from + size; j++) {
                score += query[j] * keys[other][j];
            }
            share[other] = Math.exp(score / Math.sqrt(size));
            total += share[other];
        }
        for (int other = 0; other < keys.length; other++) {
            for (int j = from; j < from + size; j++) {
                result[j] += share[other] / total * values[other][j];
            }
        }
    }

    private double[] row(String table, int row) {
        double[] values = new double[HIDDEN];
        for (int i = 0; i < HIDDEN; i++) {
            values[i] = weights.get(table + ".weight")[row * HIDDEN + i];
        }
        return values;
    }

    private double[] linear(String name, double[] x) {
        float[] matrix = weights.get(name + ".weight");
        float[] bias = weights.get(name + ".bias");
        double[] out = new double[bias.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = bias[i];
            for (int j = 0; j < x.length; j++) {
                out[i] += matrix[i * x.length + j] * x[j];
            }
        }
        return out;
    }

    private double[] normed(String name, double[] x) {
        double mean = 0;
        double variance = 0;
        for (double value : x) {
            mean += value / x.length;
        }
        for (double value : x) {
            variance += (value - mean) * (value - mean) / x.length;
        }
        double[] out = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = (x[i] - mean) / Math.sqrt(variance + EPSILON) * weights.get(name + ".weight")[i]
                    + weights.get(name + ".bias")[i];
        }
        return out;
    }

    private static double[] sum(double[] one, double[] other) {
        double[] sum = one.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other[i];
        }
        return sum;
    }
}
