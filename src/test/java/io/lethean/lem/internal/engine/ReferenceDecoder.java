package io.lethean.lem.internal.engine;

import java.util.HashMap;
import java.util.Map;

/**
 * A decoder in double precision, written from the formulas with plain loops and sharing nothing with the engine: what
 * gradients and logits are checked against.
 *
 * <p>It works on one sequence at a time, so padding and masks do not exist here.
 */
final class ReferenceDecoder {

    /**
     * @param windows per layer; 0 for no window
     * @param ropeBases per layer
     * @param keysOf per layer, the layer of which it uses the keys and values
     * @param layerInput values per token that each layer gets of its own; 0 for nothing
     * @param ropeFactors per layer, what frequencies are divided by; all 1 without factors
     * @param usedExperts per token; 0 if the feed-forward parts are not mixtures
     * @param clampedGate the gate of GPT-OSS, in place of SiLU
     * @param yarnFactor of YaRN; 1 without it
     * @param yarnContext original context of YaRN
     */
    record Config(
            int width,
            int heads,
            int[] keyHeads,
            int[] headSizes,
            int[] feedForwards,
            int[] keysOf,
            int layerInput,
            int vocabulary,
            double epsilon,
            boolean rotateHalves,
            boolean gelu,
            boolean headNorms,
            boolean valueNorms,
            boolean postNorms,
            double embeddingScale,
            double attentionScale,
            double attentionCap,
            double logitCap,
            boolean tied,
            int[] windows,
            double[] ropeBases,
            double[][] ropeFactors,
            int usedExperts,
            boolean clampedGate,
            double yarnFactor,
            int yarnContext) {}

    private final Config c;
    private final Map<String, double[]> weights;
    private final Map<String, double[]> lora = new HashMap<>();
    private final Map<String, float[]> masks = new HashMap<>();
    private final Map<String, double[]> norms = new HashMap<>();
    private final int rank;
    private final double scale;
    /** The smallest difference yet between the score of an expert that was chosen and of one that was not. */
    private double closestChoice = Double.POSITIVE_INFINITY;
    /** Of the batch, where the sequence starts that is computed. */
    private int start;

    /**
     * @param weights by tensor name, row by row
     * @param rank of the adapter
     * @param scale of the adapter
     */
    ReferenceDecoder(Config config, Map<String, double[]> weights, int rank, double scale) {
        c = config;
        this.weights = weights;
        this.rank = rank;
        this.scale = scale;
    }

    /** Adapter matrices by the engine's names and in its layout: number i of column r is at {@code r * length + i}. */
    Map<String, double[]> lora() {
        return lora;
    }

    /**
     * The smallest difference in all computations between the lowest score of an expert that was chosen and the highest of one
     * that was not. A derivative that changes a choice does not exist.
     */
    double closestChoice() {
        return closestChoice;
    }

    /** What a magnitude is divided by, by the matrix's name: the norms of rows, which a derivative does not pass. */
    Map<String, double[]> norms() {
        return norms;
    }

    /** Computes the norms of the rows of {@code W + scale * B A} as the numbers are now, from the definition. */
    void fixNorms() {
        for (String name : lora.keySet()) {
            if (!name.endsWith(".lora_magnitude")) {
                continue;
            }
            String weight = name.substring(0, name.length() - ".lora_magnitude".length());
            double[] w = weights.get(weight);
            double[] a = lora.get(weight + ".lora_a");
            double[] b = lora.get(weight + ".lora_b");
            int rows = lora.get(name).length;
            int columns = w.length / rows;
            double[] lengths = new double[rows];
            for (int j = 0; j < rows; j++) {
                double square = 0;
                for (int i = 0; i < columns; i++) {
                    double sum = w[j * columns + i];
                    for (int r = 0; r < rank; r++) {
                        sum += scale * b[r * rows + j] * a[r * columns + i];
                    }
                    square += sum * sum;
                }
                lengths[j] = Math.sqrt(square);
            }
            norms.put(weight, lengths);
        }
    }

    /** What the inputs of a matrix's update are multiplied by, row by row, by the matrix's name. */
    Map<String, float[]> masks() {
        return masks;
    }

    /** The summed cross entropy of a batch; rows from {@code lengths[s]} on are padding. */
    double loss(SampleBatch batch, int[] lengths) {
        double sum = 0;
        int[] tokens = batch.tokens();
        int[] targets = batch.targets();
        for (int s = 0; s < batch.sequences(); s++) {
            start = s * batch.tokensPerSequence();
            int[] sequence = new int[lengths[s]];
            System.arraycopy(tokens, start, sequence, 0, lengths[s]);
            double[][] logits = logits(sequence);
            for (int t = 0; t < lengths[s]; t++) {
                int target = targets[start + t];
                if (target >= 0) {
                    sum += logSumExp(logits[t]) - logits[t][target];
                }
            }
        }
        return sum;
    }

    private static double logSumExp(double[] values) {
        double max = Double.NEGATIVE_INFINITY;
        for (double value : values) {
            max = Math.max(max, value);
        }
        double sum = 0;
        for (double value : values) {
            sum += Math.exp(value - max);
        }
        return max + Math.log(sum);
    }

    /** The logits of every token of one sequence. */
    double[][] logits(int[] tokens) {
        double[][] x = new double[tokens.length][c.width];
        double[] embedding = weights.get("token_embd.weight");
        for (int t = 0; t < tokens.length; t++) {
            for (int i = 0; i < c.width; i++) {
                x[t][i] = embedding[tokens[t] * c.width + i] * c.embeddingScale;
            }
        }
        double[][][] inputs = layerInputs(x, tokens);
        double[][][] keys = new double[c.windows.length][][];
        double[][][] values = new double[c.windows.length][][];
        for (int layer = 0; layer < c.windows.length; layer++) {
            attention(x, layer, keys, values);
            feedForward(x, layer);
            end(x, layer, inputs);
        }
        double[] output = weights.get(c.tied ? "token_embd.weight" : "output.weight");
        double[][] logits = new double[tokens.length][];
        for (int t = 0; t < tokens.length; t++) {
            logits[t] = multiply(output, norm(x[t], "output_norm.weight"), c.vocabulary);
            for (int i = 0; c.logitCap > 0 && i < c.vocabulary; i++) {
                logits[t][i] = c.logitCap * Math.tanh(logits[t][i] / c.logitCap);
            }
        }
        return logits;
    }

    /** By layer and token: the layer's own embedding of the token with a projection of the model's. */
    private double[][][] layerInputs(double[][] x, int[] tokens) {
        int n = c.layerInput;
        int all = n * c.windows.length;
        double[][][] inputs = new double[c.windows.length][tokens.length][];
        for (int t = 0; n > 0 && t < tokens.length; t++) {
            double[] projected = multiply(weights.get("per_layer_model_proj.weight"), x[t], all);
            for (int i = 0; i < all; i++) {
                projected[i] /= Math.sqrt(c.width);
            }
            for (int layer = 0; layer < c.windows.length; layer++) {
                double[] own = java.util.Arrays.copyOfRange(projected, layer * n, (layer + 1) * n);
                double[] sum = norm(own, "per_layer_proj_norm.weight");
                for (int i = 0; i < n; i++) {
                    double embedded = weights.get("per_layer_token_embd.weight")[tokens[t] * all + layer * n + i];
                    sum[i] = (sum[i] + embedded * Math.sqrt(n)) / Math.sqrt(2);
                }
                inputs[layer][t] = sum;
            }
        }
        return inputs;
    }

    private void end(double[][] x, int layer, double[][][] inputs) {
        String p = "blk." + layer + ".";
        for (int t = 0; t < x.length; t++) {
            if (c.layerInput > 0) {
                double[] gate = multiply(weights.get(p + "inp_gate.weight"), x[t], c.layerInput);
                for (int i = 0; i < gate.length; i++) {
                    gate[i] = activation(gate[i]) * inputs[layer][t][i];
                }
                addTo(x[t], norm(multiply(weights.get(p + "proj.weight"), gate, c.width), p + "post_norm.weight"));
            }
            double[] scale = weights.get(p + "layer_output_scale.weight");
            for (int i = 0; scale != null && i < c.width; i++) {
                x[t][i] *= scale[0];
            }
        }
    }

    private void attention(double[][] x, int layer, double[][][] keys, double[][][] values) {
        String p = "blk." + layer + ".";
        int length = x.length;
        int size = c.headSizes[layer];
        double[][] q = new double[length][];
        boolean own = c.keysOf[layer] == layer;
        keys[layer] = own ? new double[length][] : keys[c.keysOf[layer]];
        values[layer] = own ? new double[length][] : values[c.keysOf[layer]];
        for (int t = 0; t < length; t++) {
            double[] n = norm(x[t], p + "attn_norm.weight");
            q[t] = rotated(project(p + "attn_q", t, n, c.heads * size), p + "attn_q_norm.weight", t, layer);
            if (own) {
                double[] k = project(p + "attn_k", t, n, c.keyHeads[layer] * size);
                boolean projected = weights.containsKey(p + "attn_v.weight");
                double[] v = projected ? project(p + "attn_v", t, n, c.keyHeads[layer] * size) : k;
                keys[layer][t] = rotated(k, p + "attn_k_norm.weight", t, layer);
                values[layer][t] = c.valueNorms ? normedHeads(v, size) : v;
            }
        }
        double[][] out = new double[length][c.heads * size];
        for (int head = 0; head < c.heads; head++) {
            attend(q, keys[layer], values[layer], out, head, layer);
        }
        for (int t = 0; t < length; t++) {
            double[] o = project(p + "attn_output", t, out[t], c.width);
            addTo(x[t], c.postNorms ? norm(o, p + "post_attention_norm.weight") : o);
        }
    }

    private double[] normedHeads(double[] heads, int size) {
        double[] result = new double[heads.length];
        double[] ones = new double[size];
        java.util.Arrays.fill(ones, 1);
        for (int at = 0; at < heads.length; at += size) {
            double[] head = norm(java.util.Arrays.copyOfRange(heads, at, at + size), ones);
            System.arraycopy(head, 0, result, at, size);
        }
        return result;
    }

    private void attend(double[][] q, double[][] k, double[][] v, double[][] out, int head, int layer) {
        int size = c.headSizes[layer];
        int window = c.windows[layer];
        int qAt = head * size;
        int kAt = head / (c.heads / c.keyHeads[layer]) * size;
        double[] sinks = weights.get("blk." + layer + ".attn_sinks.weight");
        for (int t = 0; t < q.length; t++) {
            int from = window == 0 ? 0 : Math.max(0, t - window + 1);
            double[] scores = new double[t - from + (sinks == null ? 1 : 2)];
            if (sinks != null) {
                scores[t - from + 1] = sinks[head];
            }
            for (int key = from; key <= t; key++) {
                double dot = 0;
                for (int i = 0; i < size; i++) {
                    dot += q[t][qAt + i] * k[key][kAt + i];
                }
                dot *= c.attentionScale;
                scores[key - from] = c.attentionCap > 0 ? c.attentionCap * Math.tanh(dot / c.attentionCap) : dot;
            }
            double total = logSumExp(scores);
            for (int key = from; key <= t; key++) {
                double probability = Math.exp(scores[key - from] - total);
                for (int i = 0; i < size; i++) {
                    out[t][qAt + i] += probability * v[key][kAt + i];
                }
            }
        }
    }

    private double[] rotated(double[] heads, String normName, int position, int layer) {
        int size = c.headSizes[layer];
        int half = size / 2;
        double[] result = new double[heads.length];
        for (int at = 0; at < heads.length; at += size) {
            double[] head = java.util.Arrays.copyOfRange(heads, at, at + size);
            head = c.headNorms ? norm(head, normName) : head;
            for (int i = 0; i < half; i++) {
                double angle = position * frequency(layer, i) / c.ropeFactors[layer][i];
                int one = c.rotateHalves ? i : 2 * i;
                int other = c.rotateHalves ? i + half : 2 * i + 1;
                double length = 1 + 0.1 * Math.log(c.yarnFactor);
                result[at + one] = length * (head[one] * Math.cos(angle) - head[other] * Math.sin(angle));
                result[at + other] = length * (head[one] * Math.sin(angle) + head[other] * Math.cos(angle));
            }
        }
        return result;
    }

    /** With YaRN, what turns less than once in the original context is slowed, what turns 32 times or more is not. */
    private double frequency(int layer, int pair) {
        double base = c.ropeBases[layer];
        double frequency = Math.pow(base, -2.0 * pair / c.headSizes[layer]);
        if (c.yarnFactor == 1) {
            return frequency;
        }
        double low = Math.max(0, Math.floor(pairWithTurns(32, base, c.headSizes[layer])));
        double high = Math.min(c.headSizes[layer] - 1, Math.ceil(pairWithTurns(1, base, c.headSizes[layer])));
        double kept = 1 - Math.min(1, Math.max(0, (pair - low) / Math.max(0.001, high - low)));
        return frequency * (kept + (1 - kept) / c.yarnFactor);
    }

    /** Solves {@code context * base^(-2 i / size) = 2 pi turns} for i. */
    private double pairWithTurns(double turns, double base, int size) {
        return size * Math.log(c.yarnContext / (turns * 2 * Math.PI)) / (2 * Math.log(base));
    }

    /** The softmax over all experts, of which the chosen part is made to sum to 1. */
    private void mixture(double[][] x, int layer) {
        String p = "blk." + layer + ".";
        if (weights.containsKey(p + "post_ffw_norm_1.weight")) {
            denseAndExperts(x, layer);
            return;
        }
        String normName = p + (weights.containsKey(p + "ffn_norm.weight") ? "ffn_norm" : "post_attention_norm");
        for (int t = 0; t < x.length; t++) {
            double[] n = norm(x[t], normName + ".weight");
            addTo(x[t], experts(layer, t, n, n));
        }
    }

    /** Gemma 4: a dense part and a mixture, both of the layer's middle, each normed before and after, and their sum as well. */
    private void denseAndExperts(double[][] x, int layer) {
        String p = "blk." + layer + ".";
        for (int t = 0; t < x.length; t++) {
            double[] n = norm(x[t], p + "ffn_norm.weight");
            int width = weights.get(p + "ffn_gate.weight").length / c.width;
            double[] gate = multiply(weights.get(p + "ffn_gate.weight"), n, width);
            double[] up = multiply(weights.get(p + "ffn_up.weight"), n, width);
            for (int i = 0; i < width; i++) {
                gate[i] = activation(gate[i]) * up[i];
            }
            double[] sum =
                    norm(multiply(weights.get(p + "ffn_down.weight"), gate, c.width), p + "post_ffw_norm_1.weight");
            double[] routed = norm(x[t], p + "ffn_gate_inp.scale");
            for (int i = 0; i < c.width; i++) {
                routed[i] /= Math.sqrt(c.width);
            }
            double[] mixed = experts(layer, t, norm(x[t], p + "pre_ffw_norm_2.weight"), routed);
            addTo(sum, norm(mixed, p + "post_ffw_norm_2.weight"));
            addTo(x[t], norm(sum, p + "post_ffw_norm.weight"));
        }
    }

    private double[] experts(int layer, int t, double[] n, double[] routed) {
        String p = "blk." + layer + ".";
        int experts = weights.get(p + "ffn_gate_inp.weight").length / c.width;
        double[] scores = project(p + "ffn_gate_inp", t, routed, experts);
        double all = logSumExp(scores);
        double[] sorted = scores.clone();
        java.util.Arrays.sort(sorted);
        double least = sorted[experts - c.usedExperts];
        closestChoice = Math.min(closestChoice, least - sorted[experts - c.usedExperts - 1]);
        double sum = 0;
        for (double score : scores) {
            sum += score >= least ? Math.exp(score - all) : 0;
        }
        double[] y = new double[c.width];
        for (int e = 0; e < experts; e++) {
            if (scores[e] < least) {
                continue;
            }
            double[] gate;
            double[] up;
            double[] one = weights.get(p + "ffn_gate_up_exps.weight");
            if (one == null) {
                gate = projectExpert(p + "ffn_gate_exps", e, n, c.feedForwards[layer]);
                up = projectExpert(p + "ffn_up_exps", e, n, c.feedForwards[layer]);
            } else {
                int both = one.length / c.width / experts;
                double[] values = projectExpert(p + "ffn_gate_up_exps", e, n, both);
                gate = java.util.Arrays.copyOf(values, both / 2);
                up = java.util.Arrays.copyOfRange(values, both / 2, both);
            }
            for (int i = 0; i < gate.length; i++) {
                gate[i] = c.clampedGate ? clampedGate(gate[i], up[i]) : activation(gate[i]) * up[i];
            }
            double[] down = projectExpert(p + "ffn_down_exps", e, gate, c.width);
            for (int i = 0; i < c.width; i++) {
                y[i] += Math.exp(scores[e] - all) / sum * down[i];
            }
        }
        return y;
    }

    private static double clampedGate(double gate, double up) {
        double x = Math.min(gate, 7);
        return x / (1 + Math.exp(-1.702 * x)) * (Math.max(-7, Math.min(7, up)) + 1);
    }

    private double[] projectExpert(String stem, int expert, double[] x, int rows) {
        double[] y = new double[rows];
        double[] w = weights.get(stem + ".weight");
        double[] bias = weights.get(stem + ".bias");
        double[] factors = weights.get(stem + ".scale");
        double[] a = lora.get(stem + ".weight.lora_a");
        double[] b = lora.get(stem + ".weight.lora_b");
        for (int j = 0; j < rows; j++) {
            y[j] = bias == null ? 0 : bias[expert * rows + j];
            for (int i = 0; i < x.length; i++) {
                y[j] += w[(expert * rows + j) * x.length + i] * x[i] * (factors == null ? 1 : factors[expert]);
            }
        }
        for (int r = 0; a != null && r < rank; r++) {
            double low = 0;
            for (int i = 0; i < x.length; i++) {
                low += a[(expert * rank + r) * x.length + i] * x[i];
            }
            for (int j = 0; j < rows; j++) {
                y[j] += scale * b[(expert * rank + r) * rows + j] * low;
            }
        }
        return y;
    }

    private void feedForward(double[][] x, int layer) {
        if (c.usedExperts > 0) {
            mixture(x, layer);
            return;
        }
        String p = "blk." + layer + ".";
        for (int t = 0; t < x.length; t++) {
            double[] row = x[t];
            double[] n = norm(row, p + "ffn_norm.weight");
            double[] gate = project(p + "ffn_gate", t, n, c.feedForwards[layer]);
            double[] up = project(p + "ffn_up", t, n, c.feedForwards[layer]);
            for (int i = 0; i < gate.length; i++) {
                gate[i] = activation(gate[i]) * up[i];
            }
            double[] down = project(p + "ffn_down", t, gate, c.width);
            addTo(row, c.postNorms ? norm(down, p + "post_ffw_norm.weight") : down);
        }
    }

    private double activation(double x) {
        return c.gelu
                ? 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))
                : x / (1 + Math.exp(-x));
    }

    private double[] project(String stem, int t, double[] x, int rows) {
        double[] y = multiply(weights.get(stem + ".weight"), x, rows);
        double[] a = lora.get(stem + ".weight.lora_a");
        double[] b = lora.get(stem + ".weight.lora_b");
        float[] mask = masks.get(stem + ".weight");
        for (int r = 0; a != null && r < rank; r++) {
            double low = 0;
            for (int i = 0; i < x.length; i++) {
                low += a[r * x.length + i] * x[i] * (mask == null ? 1 : mask[(start + t) * x.length + i]);
            }
            for (int j = 0; j < rows; j++) {
                y[j] += scale * b[r * rows + j] * low;
            }
        }
        double[] magnitude = lora.get(stem + ".weight.lora_magnitude");
        for (int j = 0; magnitude != null && j < rows; j++) {
            y[j] *= magnitude[j] / norms.get(stem + ".weight")[j];
        }
        double[] bias = weights.get(stem + ".bias");
        if (bias != null) {
            addTo(y, bias);
        }
        return y;
    }

    private static double[] multiply(double[] matrix, double[] x, int rows) {
        double[] y = new double[rows];
        for (int j = 0; j < rows; j++) {
            double sum = 0;
            for (int i = 0; i < x.length; i++) {
                sum += matrix[j * x.length + i] * x[i];
            }
            y[j] = sum;
        }
        return y;
    }

    private double[] norm(double[] x, String name) {
        return norm(x, weights.get(name));
    }

    private double[] norm(double[] x, double[] weight) {
        double square = 0;
        for (double value : x) {
            square += value * value;
        }
        double factor = 1 / Math.sqrt(square / x.length + c.epsilon);
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = x[i] * factor * weight[i];
        }
        return y;
    }

    private static void addTo(double[] sum, double[] more) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += more[i];
        }
    }
}
