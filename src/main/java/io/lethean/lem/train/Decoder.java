package io.lethean.lem.train;

import io.lethean.lem.ggml.Backend;
import io.lethean.lem.ggml.Shape;
import io.lethean.lem.ggml.Tensor;
import io.lethean.lem.gguf.GgufFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Owns everything of a model that no batch changes: frozen weights, the way back through them, and the adapter. */
final class Decoder implements AutoCloseable {

    private final DecoderSpec spec;
    private final BaseWeights base;
    private final TransposedWeights transposed;
    private final AdapterWeights adapter;
    private final List<LayerWeights> layers = new ArrayList<>();
    private final FrozenMatrix output;
    private final RmsNorm outputNorm;

    private Decoder(
            DecoderSpec spec, BaseWeights base, TransposedWeights transposed, AdapterWeights adapter) {
        this.spec = spec;
        this.base = base;
        this.transposed = transposed;
        this.adapter = adapter;
        for (int layer = 0; layer < spec.layerCount(); layer++) {
            layers.add(layer(layer));
        }
        output = transposed.plan(outputName());
        outputNorm = norm("output_norm.weight", spec.width());
    }

    /** Opens a model and plans an adapter for it, whose matrices are zero. */
    static Decoder open(GgufFile file, AdapterSpec adapterSpec, TransposedType type, Backend backend)
            throws IOException {
        DecoderSpec spec = DecoderSpecReader.read(file);
        if (adapterSpec.firstLayer() >= spec.layerCount()) {
            throw new IllegalArgumentException("The adapter begins at layer " + adapterSpec.firstLayer()
                    + ", and the model " + file.path() + " has " + spec.layerCount() + " layers.");
        }
        BaseWeights base = BaseWeights.open(file, backend);
        TransposedWeights transposed = new TransposedWeights(type, base);
        AdapterWeights adapter = null;
        try {
            adapter = new AdapterWeights(spec, adapterSpec, backend);
            Decoder decoder = new Decoder(spec, base, transposed, adapter);
            transposed.build(backend);
            return decoder;
        } catch (RuntimeException e) {
            close(adapter, transposed, base);
            throw e;
        }
    }

    private LayerWeights layer(int layer) {
        String prefix = "blk." + layer + ".";
        Map<Target, Projection> projections = new EnumMap<>(Target.class);
        for (Target target : Target.values()) {
            projections.put(target, projection(layer, target));
        }
        return new LayerWeights(
                projections,
                norm(prefix + "attn_norm.weight", spec.width()),
                norm(prefix + "ffn_norm.weight", spec.width()),
                spec.queryKeyNorm() ? norm(prefix + "attn_q_norm.weight", spec.headSize()) : null,
                spec.queryKeyNorm() ? norm(prefix + "attn_k_norm.weight", spec.headSize()) : null,
                spec.postNorms() ? norm(prefix + "post_attention_norm.weight", spec.width()) : null,
                spec.postNorms() ? norm(prefix + "post_ffw_norm.weight", spec.width()) : null,
                base.has(LayerWeights.ROPE_FACTORS) ? base.get(LayerWeights.ROPE_FACTORS) : null);
    }

    private Projection projection(int layer, Target target) {
        String name = target.weightName(layer);
        base.get(name, Shape.of(spec.inputWidth(target), spec.outputWidth(target)));
        return new Projection(
                target,
                isPassed(layer, target) ? transposed.plan(name) : transposed.forwardOnly(name),
                bias(target.biasName(layer), spec.outputWidth(target)),
                adapter.lowRank(layer, target).orElse(null));
    }

    /** True if the backward pass goes through the matrix: not below the adapter, nor into its lowest layer's input. */
    private boolean isPassed(int layer, Target target) {
        int first = adapter.spec().firstLayer();
        return switch (target) {
            case Q, K, V -> layer > first;
            case O, GATE, UP, DOWN -> layer >= first;
        };
    }

    private @Nullable Tensor bias(String name, int length) {
        return base.has(name) ? base.get(name, Shape.of(length)) : null;
    }

    private RmsNorm norm(String name, int length) {
        return new RmsNorm(base.get(name, Shape.of(length)), spec.epsilon());
    }

    private String outputName() {
        return base.has("output.weight") ? "output.weight" : "token_embd.weight";
    }

    DecoderSpec spec() {
        return spec;
    }

    AdapterWeights adapter() {
        return adapter;
    }

    LayerWeights weights(int layer) {
        return layers.get(layer);
    }

    Tensor tokenEmbedding() {
        return base.get("token_embd.weight", Shape.of(spec.width(), spec.vocabulary()));
    }

    FrozenMatrix output() {
        return output;
    }

    RmsNorm outputNorm() {
        return outputNorm;
    }

    long transposedBytes() {
        return transposed.bytes();
    }

    @Override
    public void close() {
        close(adapter, transposed, base);
    }

    private static void close(@Nullable AdapterWeights adapter, TransposedWeights transposed, BaseWeights base) {
        if (adapter != null) {
            adapter.close();
        }
        transposed.close();
        base.close();
    }
}
