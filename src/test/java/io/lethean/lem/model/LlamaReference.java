package io.lethean.lem.model;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * A llama forward pass in plain Java and double precision, reading a Hugging Face folder: no line and no weight file in
 * common with llama.cpp, so that agreement of the two says something.
 */
final class LlamaReference {

    private final JsonNode config;
    private final Map<String, double[]> weights = new HashMap<>();
    private final int width;
    private final int heads;
    private final int kvHeads;
    private final int headWidth;
    private final int layers;
    private final int vocabulary;

    LlamaReference(Path folder) throws IOException {
        ObjectMapper json = new ObjectMapper();
        config = json.readTree(folder.resolve("config.json"));
        width = config.get("hidden_size").asInt();
        heads = config.get("num_attention_heads").asInt();
        kvHeads = config.get("num_key_value_heads").asInt();
        headWidth = config.get("head_dim").asInt();
        layers = config.get("num_hidden_layers").asInt();
        vocabulary = config.get("vocab_size").asInt();
        readWeights(ByteBuffer.wrap(Files.readAllBytes(folder.resolve("model.safetensors"))), json);
    }

    private void readWeights(ByteBuffer file, ObjectMapper json) throws IOException {
        file.order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[(int) file.getLong()];
        file.get(header);
        int base = file.position();
        json.readTree(header).properties().forEach(entry -> {
            JsonNode offsets = entry.getValue().get("data_offsets");
            if (offsets != null) {
                int from = offsets.get(0).asInt();
                double[] values = new double[(offsets.get(1).asInt() - from) / Float.BYTES];
                for (int i = 0; i < values.length; i++) {
                    values[i] = file.getFloat(base + from + i * Float.BYTES);
                }
                weights.put(entry.getKey(), values);
            }
        });
    }

    /** The scores of every token as the one that follows these. */
    double[] logits(List<Integer> tokens) {
        double[][] stream = tokens.stream().map(this::embedding).toArray(double[][]::new);
        for (int layer = 0; layer < layers; layer++) {
            String prefix = "model.layers." + layer + ".";
            attend(stream, prefix);
            for (double[] position : stream) {
                feedForward(position, prefix);
            }
        }
        double[] last = normalized(stream[stream.length - 1], "model.norm.weight");
        return multiply("model.embed_tokens.weight", last, vocabulary);
    }

    private double[] embedding(int token) {
        double[] vector = new double[width];
        System.arraycopy(weights.get("model.embed_tokens.weight"), token * width, vector, 0, width);
        return vector;
    }

    private void attend(double[][] stream, String prefix) {
        int count = stream.length;
        double[][] queries = new double[count][];
        double[][] keys = new double[count][];
        double[][] values = new double[count][];
        for (int at = 0; at < count; at++) {
            double[] input = normalized(stream[at], prefix + "input_layernorm.weight");
            queries[at] = rotated(multiply(prefix + "self_attn.q_proj.weight", input, heads * headWidth), at);
            keys[at] = rotated(multiply(prefix + "self_attn.k_proj.weight", input, kvHeads * headWidth), at);
            values[at] = multiply(prefix + "self_attn.v_proj.weight", input, kvHeads * headWidth);
        }
        for (int at = count - 1; at >= 0; at--) {
            double[] mixed = mix(queries[at], keys, values, at + 1);
            add(stream[at], multiply(prefix + "self_attn.o_proj.weight", mixed, width));
        }
    }

    private double[] mix(double[] query, double[][] keys, double[][] values, int visible) {
        double[] mixed = new double[heads * headWidth];
        for (int head = 0; head < heads; head++) {
            int from = head * headWidth;
            int kvFrom = head / (heads / kvHeads) * headWidth;
            double[] scores = new double[visible];
            for (int at = 0; at < visible; at++) {
                for (int i = 0; i < headWidth; i++) {
                    scores[at] += query[from + i] * keys[at][kvFrom + i] / Math.sqrt(headWidth);
                }
            }
            softMax(scores);
            for (int at = 0; at < visible; at++) {
                for (int i = 0; i < headWidth; i++) {
                    mixed[from + i] += scores[at] * values[at][kvFrom + i];
                }
            }
        }
        return mixed;
    }

    private static void softMax(double[] scores) {
        double best = Double.NEGATIVE_INFINITY;
        for (double score : scores) {
            best = Math.max(best, score);
        }
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            scores[i] = Math.exp(scores[i] - best);
            sum += scores[i];
        }
        for (int i = 0; i < scores.length; i++) {
            scores[i] /= sum;
        }
    }

    /** Rotary position embedding as Hugging Face has it: dimension i turns with dimension i + half. */
    private double[] rotated(double[] vector, int position) {
        double[] turned = vector.clone();
        int half = headWidth / 2;
        for (int from = 0; from < vector.length; from += headWidth) {
            for (int i = 0; i < half; i++) {
                double theta = config.get("rope_theta").asDouble();
                double angle = position * Math.pow(theta, -2.0 * i / headWidth);
                double a = vector[from + i];
                double b = vector[from + half + i];
                turned[from + i] = a * Math.cos(angle) - b * Math.sin(angle);
                turned[from + half + i] = b * Math.cos(angle) + a * Math.sin(angle);
            }
        }
        return turned;
    }

    private void feedForward(double[] position, String prefix) {
        int inner = config.get("intermediate_size").asInt();
        double[] input = normalized(position, prefix + "post_attention_layernorm.weight");
        double[] gate = multiply(prefix + "mlp.gate_proj.weight", input, inner);
        double[] up = multiply(prefix + "mlp.up_proj.weight", input, inner);
        for (int i = 0; i < inner; i++) {
            up[i] *= gate[i] / (1 + Math.exp(-gate[i]));
        }
        add(position, multiply(prefix + "mlp.down_proj.weight", up, width));
    }

    private double[] normalized(double[] vector, String name) {
        double squares = 0;
        for (double value : vector) {
            squares += value * value;
        }
        double scale = 1
                / Math.sqrt(squares / vector.length + config.get("rms_norm_eps").asDouble());
        double[] weight = weights.get(name);
        double[] result = new double[vector.length];
        for (int i = 0; i < vector.length; i++) {
            result[i] = vector[i] * scale * weight[i];
        }
        return result;
    }

    private double[] multiply(String name, double[] vector, int rows) {
        double[] matrix = weights.get(name);
        double[] result = new double[rows];
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < vector.length; i++) {
                result[row] += matrix[row * vector.length + i] * vector[i];
            }
        }
        return result;
    }

    private static void add(double[] to, double[] what) {
        for (int i = 0; i < to.length; i++) {
            to[i] += what[i];
        }
    }
}
