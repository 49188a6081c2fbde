package io.lethean.lem.adapter;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Outlines of small models, and random adapters for them. */
final class AdapterExamples {

    static final int INPUTS = 16;
    static final int HEADS = 4;
    static final int KV_HEADS = 2;
    static final int HEAD_ROWS = 6;
    static final int HIDDEN = 20;
    static final int TOKENS = 11;
    static final int LAYERS = 3;
    /** Of each layer of a mixture. */
    static final int EXPERTS = 5;

    private AdapterExamples() {}

    static ModelOutline model(String architecture) {
        return model(architecture, false);
    }

    static ModelOutline model(String architecture, boolean tied) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        shapes.put("token_embd.weight", shape(INPUTS, TOKENS));
        if (!tied) {
            shapes.put("output.weight", shape(INPUTS, TOKENS));
        }
        for (int layer = 0; layer < LAYERS; layer++) {
            String block = "blk." + layer + ".";
            shapes.put(block + "attn_norm.weight", List.of((long) INPUTS));
            shapes.put(block + "attn_q.weight", shape(INPUTS, HEADS * HEAD_ROWS));
            shapes.put(block + "attn_k.weight", shape(INPUTS, KV_HEADS * HEAD_ROWS));
            shapes.put(block + "attn_v.weight", shape(INPUTS, KV_HEADS * HEAD_ROWS));
            shapes.put(block + "attn_output.weight", shape(HEADS * HEAD_ROWS, INPUTS));
            shapes.put(block + "ffn_gate.weight", shape(INPUTS, HIDDEN));
            shapes.put(block + "ffn_up.weight", shape(INPUTS, HIDDEN));
            shapes.put(block + "ffn_down.weight", shape(HIDDEN, INPUTS));
        }
        return new ModelOutline("model.gguf", architecture, List.of(HEADS), List.of(KV_HEADS), shapes);
    }

    /** A model with a mixture of experts in each layer. */
    static ModelOutline mixture(String architecture) {
        ModelOutline dense = model(architecture);
        Map<String, List<Long>> shapes = new LinkedHashMap<>(dense.shapes());
        shapes.keySet().removeIf(name -> name.contains(".ffn_"));
        for (int layer = 0; layer < LAYERS; layer++) {
            String block = "blk." + layer + ".";
            shapes.put(block + "ffn_gate_inp.weight", shape(INPUTS, EXPERTS));
            shapes.put(block + "ffn_gate_exps.weight", List.of((long) INPUTS, (long) HIDDEN, (long) EXPERTS));
            shapes.put(block + "ffn_up_exps.weight", List.of((long) INPUTS, (long) HIDDEN, (long) EXPERTS));
            shapes.put(block + "ffn_down_exps.weight", List.of((long) HIDDEN, (long) INPUTS, (long) EXPERTS));
        }
        return new ModelOutline("mixture.gguf", architecture, dense.headCounts(), dense.kvHeadCounts(), shapes);
    }

    private static List<Long> shape(long inputs, long outputs) {
        return List.of(inputs, outputs);
    }

    /** An adapter of every matrix of the model, of rank 4. */
    static Adapter everything(ModelOutline model, float alpha, long seed) {
        List<LoraPair> pairs = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(seed);
        model.shapes().keySet().stream()
                .sorted()
                .filter(name -> !name.contains("norm"))
                .forEach(name -> pairs.add(pair(model, name, 4, random)));
        return Adapter.of(model.architecture(), alpha, pairs);
    }

    /** An adapter of DoRA: every matrix of the layers, with magnitudes. */
    static Adapter dora(ModelOutline model, float alpha, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<LoraPair> pairs = everything(model, alpha, seed).pairs().stream()
                .filter(pair -> pair.tensor().startsWith("blk."))
                .map(pair -> new LoraPair(
                        pair.tensor(),
                        pair.a(),
                        pair.b(),
                        Factor.of(pair.outputs(), 1, values(pair.outputs(), random))))
                .toList();
        return Adapter.of(model.architecture(), alpha, pairs);
    }

    static LoraPair pair(ModelOutline model, String tensor, int rank, SplittableRandom random) {
        List<Long> shape = model.shape(tensor).orElseThrow();
        int inputs = shape.get(0).intValue();
        int outputs = shape.get(1).intValue();
        int experts = shape.size() == 3 ? shape.get(2).intValue() : 1;
        return new LoraPair(
                tensor,
                Factor.of(experts * rank, inputs, values(experts * rank * inputs, random)),
                Factor.of(experts * outputs, rank, values(experts * outputs * rank, random)),
                null,
                experts);
    }

    static float[] values(int count, SplittableRandom random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }

    /** {@code scale * B * A}, outputs x inputs, by the definition and in double precision; of experts, one after the other. */
    static double[][] update(Adapter adapter, String tensor) {
        LoraPair pair = adapter.pair(tensor).orElseThrow();
        float[] a = pair.a().values();
        float[] b = pair.b().values();
        double[][] update = new double[pair.experts() * pair.outputs()][pair.inputs()];
        for (int row = 0; row < update.length; row++) {
            int expert = row / pair.outputs();
            for (int column = 0; column < pair.inputs(); column++) {
                double sum = 0;
                for (int k = 0; k < pair.rank(); k++) {
                    sum += (double) b[row * pair.rank() + k] * a[(expert * pair.rank() + k) * pair.inputs() + column];
                }
                update[row][column] = adapter.alpha() / (double) pair.rank() * sum;
            }
        }
        return update;
    }
}
