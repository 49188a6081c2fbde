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
    private final @Nullable LayerInputs layerInputs;

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
        int layerInput = spec.widths().layerInput();
        layerInputs = layerInput > 0 ? layerInputs(layerInput) : null;
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
            AdapterWeights.check(spec, adapterSpec);
            requireTargets(file, spec, adapterSpec);
            return new AdapterWeights(spec, adapterSpec, base, backend);
        });
    }

    /** Opens a model to train all its weights; they are zero at first. */
    static Decoder openWhole(GgufFile file, Backend backend) throws IOException {
        return open(file, backend, (spec, base) -> new ModelWeights(file, backend));
    }

    private static void requireTargets(GgufFile file, DecoderSpec spec, AdapterSpec adapter) {
        boolean any = spec.layers().stream()
                .skip(adapter.firstLayer())
                .anyMatch(layer -> adapter.targets().stream().anyMatch(layer::has));
        if (!any) {
            throw new IllegalArgumentException("The layers of the model " + file.path() + " from layer "
                    + adapter.firstLayer() + " on have no projection " + adapter.targets()
                    + ", because they use the keys and values of earlier layers; choose other projections or more"
                    + " layers.");
        }
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
        LayerSpec own = spec.layer(layer);
        for (Target target : Target.usual()) {
            if (own.has(target) && !spec.isOfExperts(target)) {
                projections.put(target, projection(layer, target));
            }
        }
        if (own.widths().dense() > 0) {
            addDense(layer, projections);
        }
        int headSize = own.widths().headSize();
        return new LayerWeights(
                projections,
                spec.experts().exist() ? mixture(layer) : null,
                own.widths().dense() > 0 ? nextToDense(prefix) : null,
                norm(prefix + "attn_norm.weight", spec.widths().hiddenSize()),
                norm(feedForwardNorm(prefix), spec.widths().hiddenSize()),
                spec.block().queryKeyNorm() ? norm(prefix + "attn_q_norm.weight", headSize) : null,
                spec.block().queryKeyNorm() && own.hasKeys() ? norm(prefix + "attn_k_norm.weight", headSize) : null,
                spec.block().postNorms()
                        ? norm(
                                prefix + "post_attention_norm.weight",
                                spec.widths().hiddenSize())
                        : null,
                spec.block().postNorms()
                        ? norm(prefix + "post_ffw_norm.weight", spec.widths().hiddenSize())
                        : null,
                spec.block().valueNorm() ? new RmsNorm(null, spec.epsilon()) : null,
                base.has(prefix + LayerWeights.SINKS)
                        ? vector(prefix + LayerWeights.SINKS, own.widths().heads())
                        : null,
                own.ropeFactors() && base.has(LayerWeights.ROPE_FACTORS) ? base.get(LayerWeights.ROPE_FACTORS) : null,
                spec.widths().layerInput() > 0 ? layerInput(layer) : null,
                optional(prefix + "layer_output_scale.weight", 1));
    }

    private LayerInput layerInput(int layer) {
        String prefix = "blk." + layer + ".";
        int hidden = spec.widths().hiddenSize();
        int width = spec.widths().layerInput();
        boolean passed = layer >= trainable.firstLayer();
        return new LayerInput(
                matrix(prefix + "inp_gate.weight", Shape.of(hidden, width), passed),
                matrix(prefix + "proj.weight", Shape.of(width, hidden), passed),
                norm(prefix + "post_norm.weight", hidden));
    }

    private LayerInputs layerInputs(int width) {
        long all = (long) width * spec.layerCount();
        return new LayerInputs(
                matrix(LayerWeights.LAYER_EMBEDDING, Shape.of(all, spec.widths().vocabulary()), false),
                matrix(LayerWeights.LAYER_PROJECTION, Shape.of(spec.widths().hiddenSize(), all), false),
                norm(LayerWeights.LAYER_PROJECTION_NORM, width),
                spec.layerCount());
    }

    /** GPT-OSS names the norm before the feed-forward part after attention. */
    private String feedForwardNorm(String prefix) {
        String usual = prefix + "ffn_norm.weight";
        return base.has(usual) || spec.block().postNorms() ? usual : prefix + "post_attention_norm.weight";
    }

    private NextToDense nextToDense(String prefix) {
        int hidden = spec.widths().hiddenSize();
        return new NextToDense(
                norm(prefix + "post_ffw_norm_1.weight", hidden),
                norm(prefix + "pre_ffw_norm_2.weight", hidden),
                norm(prefix + "post_ffw_norm_2.weight", hidden),
                norm(prefix + "ffn_gate_inp.scale", hidden));
    }

    /** The dense part next to a mixture, which no adapter reaches. */
    private void addDense(int layer, Map<Target, Projection> projections) {
        LayerWidths widths = spec.layer(layer).widths();
        for (Target target : List.of(Target.GATE, Target.UP, Target.DOWN)) {
            Shape shape = target == Target.DOWN
                    ? Shape.of(widths.dense(), widths.hiddenSize())
                    : Shape.of(widths.hiddenSize(), widths.dense());
            WeightMatrix weight = matrix(target.weightName(layer), shape, isPassed(layer, target));
            projections.put(target, new Projection(target, weight, null, null));
        }
    }

    private Mixture mixture(int layer) {
        LayerSpec own = spec.layer(layer);
        return new Mixture(
                spec.experts().used(),
                projection(layer, Target.ROUTER),
                experts(layer, Target.GATE),
                own.has(Target.UP) ? experts(layer, Target.UP) : null,
                experts(layer, Target.DOWN),
                optional("blk." + layer + ".ffn_down_exps.scale", own.widths().experts()));
    }

    private Mixture.Biased experts(int layer, Target target) {
        String name = spec.weightName(target, layer);
        LayerWidths widths = spec.layer(layer).widths();
        long experts = spec.experts().count();
        String bias = name.replace(".weight", ".bias");
        return new Mixture.Biased(
                new ExpertProjection(
                        target,
                        matrix(
                                name,
                                Shape.of(widths.input(target), widths.output(target), experts),
                                isPassed(layer, target)),
                        trainable.lowRank(layer, target).orElse(null)),
                base.has(bias) ? vector(bias, Shape.of(widths.output(target), experts)) : null);
    }

    private Projection projection(int layer, Target target) {
        String name = target.weightName(layer);
        LayerWidths widths = spec.layer(layer).widths();
        return new Projection(
                target,
                matrix(name, Shape.of(widths.input(target), widths.output(target)), isPassed(layer, target)),
                optional(target.biasName(layer), widths.output(target)),
                trainable.lowRank(layer, target).orElse(null));
    }

    /** True if the backward pass goes through the matrix: not below the adapter, nor into its lowest layer's input. */
    private boolean isPassed(int layer, Target target) {
        int first = trainable.firstLayer();
        return switch (target) {
            case Q, K, V -> layer > first;
            case O, GATE, UP, DOWN, ROUTER -> layer >= first;
        };
    }

    private WeightMatrix matrix(String name, Shape shape, boolean passed) {
        base.get(name, shape);
        return matrix(name, passed);
    }

    private WeightMatrix matrix(String name, boolean passed) {
        return trainable
                .weight(name)
                .map(WeightMatrix::trained)
                .orElseGet(() -> WeightMatrix.frozen(base.get(name), passed ? rowLists.plan(base.get(name)) : null));
    }

    /** A vector that the file may lack. */
    private @Nullable WeightVector optional(String name, int length) {
        return base.has(name) ? vector(name, length) : null;
    }

    private RmsNorm norm(String name, int length) {
        return new RmsNorm(vector(name, length), spec.epsilon());
    }

    private WeightVector vector(String name, int length) {
        return vector(name, Shape.of(length));
    }

    private WeightVector vector(String name, Shape shape) {
        Tensor frozen = base.get(name, shape);
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

    /** How the inputs of single layers are computed; empty if layers have no inputs of their own. */
    Optional<LayerInputs> layerInputs() {
        return Optional.ofNullable(layerInputs);
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
