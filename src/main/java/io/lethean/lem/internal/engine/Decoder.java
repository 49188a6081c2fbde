package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.train.options.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Owns everything of a model that no batch changes: frozen weights, the way back through them, and what is trained. */
final class Decoder implements AutoCloseable {

    private static final String EMBEDDING = "token_embd.weight";

    private final DecoderSpec spec;
    private final BaseWeights base;
    private final RowLists rowLists;
    private final Trainable trainable;
    private final List<LayerWeights> layers = new ArrayList<>();
    private final WeightMatrix output;
    private final RmsNorm outputNorm;

    private Decoder(DecoderSpec spec, BaseWeights base, RowLists rowLists, Trainable trainable) {
        this.spec = spec;
        this.base = base;
        this.rowLists = rowLists;
        this.trainable = trainable;
        for (int layer = 0; layer < spec.layerCount(); layer++) {
            layers.add(layer(layer));
        }
        output = matrix(outputName(), true);
        outputNorm = norm("output_norm.weight", spec.widths().hiddenSize());
    }

    /** Makes what is trained of a model that has been opened. */
    private interface Planning {
        Trainable plan(DecoderSpec spec, BaseWeights base) throws IOException;
    }

    /** Opens a model and plans an adapter for it, with matrices of zeros. */
    static Decoder open(GgufFile file, AdapterSpec adapterSpec, Backend backend) throws IOException {
        return open(file, backend, (spec, base) -> {
            if (adapterSpec.firstLayer() >= spec.layerCount()) {
                throw new IllegalArgumentException("The adapter begins at layer " + adapterSpec.firstLayer()
                        + ", and the model " + file.path() + " has " + spec.layerCount() + " layers.");
            }
            return new AdapterWeights(spec, adapterSpec, base, backend);
        });
    }

    /** Opens a model to train all its weights; they are zero at first. */
    static Decoder openWhole(GgufFile file, Backend backend) throws IOException {
        return open(file, backend, (spec, base) -> new ModelWeights(file, backend));
    }

    private static Decoder open(GgufFile file, Backend backend, Planning planning) throws IOException {
        DecoderSpec spec = DecoderSpecReader.read(file);
        BaseWeights base = BaseWeights.open(file, backend);
        RowLists rowLists = new RowLists(backend, file.tensors().size());
        Trainable trainable = null;
        try {
            trainable = planning.plan(spec, base);
            Decoder decoder = new Decoder(spec, base, rowLists, trainable);
            rowLists.build(backend);
            return decoder;
        } catch (IOException | RuntimeException e) {
            close(trainable, rowLists, base);
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
                norm(prefix + "attn_norm.weight", spec.widths().hiddenSize()),
                norm(prefix + "ffn_norm.weight", spec.widths().hiddenSize()),
                spec.block().queryKeyNorm()
                        ? norm(prefix + "attn_q_norm.weight", spec.widths().headSize())
                        : null,
                spec.block().queryKeyNorm()
                        ? norm(prefix + "attn_k_norm.weight", spec.widths().headSize())
                        : null,
                spec.block().postNorms()
                        ? norm(
                                prefix + "post_attention_norm.weight",
                                spec.widths().hiddenSize())
                        : null,
                spec.block().postNorms()
                        ? norm(prefix + "post_ffw_norm.weight", spec.widths().hiddenSize())
                        : null,
                base.has(LayerWeights.ROPE_FACTORS) ? base.get(LayerWeights.ROPE_FACTORS) : null);
    }

    private Projection projection(int layer, Target target) {
        String name = target.weightName(layer);
        base.get(name, Shape.of(spec.inputWidth(target), spec.outputWidth(target)));
        return new Projection(
                target,
                matrix(name, isPassed(layer, target)),
                bias(target.biasName(layer), spec.outputWidth(target)),
                trainable.lowRank(layer, target).orElse(null));
    }

    /** True if the backward pass goes through the matrix: not below the adapter, nor into its lowest layer's input. */
    private boolean isPassed(int layer, Target target) {
        int first = trainable.firstLayer();
        return switch (target) {
            case Q, K, V -> layer > first;
            case O, GATE, UP, DOWN -> layer >= first;
        };
    }

    private WeightMatrix matrix(String name, boolean passed) {
        return trainable
                .weight(name)
                .map(WeightMatrix::trained)
                .orElseGet(() -> WeightMatrix.frozen(base.get(name), passed ? rowLists.plan(base.get(name)) : null));
    }

    private @Nullable WeightVector bias(String name, int length) {
        return base.has(name) ? vector(name, length) : null;
    }

    private RmsNorm norm(String name, int length) {
        return new RmsNorm(vector(name, length), spec.epsilon());
    }

    private WeightVector vector(String name, int length) {
        Tensor frozen = base.get(name, Shape.of(length));
        return trainable
                .weight(name)
                .map(trained -> new WeightVector(trained.value(), trained.gradient()))
                .orElse(new WeightVector(frozen, null));
    }

    private String outputName() {
        return base.has("output.weight") ? "output.weight" : EMBEDDING;
    }

    DecoderSpec spec() {
        return spec;
    }

    Trainable trainable() {
        return trainable;
    }

    LayerWeights weights(int layer) {
        return layers.get(layer);
    }

    Tensor tokenEmbedding() {
        Tensor frozen = base.get(
                EMBEDDING, Shape.of(spec.widths().hiddenSize(), spec.widths().vocabulary()));
        return trainable.weight(EMBEDDING).map(Trainable.Parameter::value).orElse(frozen);
    }

    /** The gradient of the token embedding, if it is trained. */
    Optional<Tensor> tokenEmbeddingGradient() {
        return trainable.weight(EMBEDDING).map(Trainable.Parameter::gradient);
    }

    WeightMatrix output() {
        return output;
    }

    RmsNorm outputNorm() {
        return outputNorm;
    }

    long rowListBytes() {
        return rowLists.bytes();
    }

    @Override
    public void close() {
        close(trainable, rowLists, base);
    }

    private static void close(@Nullable Trainable trainable, RowLists rowLists, BaseWeights base) {
        if (trainable != null) {
            trainable.close();
        }
        rowLists.close();
        base.close();
    }
}
