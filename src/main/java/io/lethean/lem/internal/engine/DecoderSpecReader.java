package io.lethean.lem.internal.engine;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.engine.DecoderSpec.Scales;
import io.lethean.lem.internal.engine.DecoderSpec.Widths;
import io.lethean.lem.internal.ggml.Rope;
import io.lethean.lem.internal.gguf.Architecture;
import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufMetadata;
import io.lethean.lem.internal.gguf.GgufScalar;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.train.options.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads a {@link DecoderSpec} from a model's metadata, and refuses by name what this engine cannot train. */
public final class DecoderSpecReader {

    /** Router and experts of a layer. */
    private static final Pattern EXPERTS = Pattern.compile("blk\\.\\d+\\.ffn_(gate_inp|\\w+_exps)\\..+");

    private final GgufFile file;
    private final GgufMetadata metadata;
    private final Architecture row;

    private DecoderSpecReader(GgufFile file) {
        this.file = file;
        metadata = file.metadata();
        row = Architecture.byId(metadata.architecture())
                .filter(Architecture::trainable)
                .orElseThrow(() -> refuse(blockingPart()));
    }

    /**
     * Describes the model.
     *
     * @throws InvalidModelException naming the part that blocks training
     */
    public static DecoderSpec read(GgufFile file) {
        return new DecoderSpecReader(file).read();
    }

    private DecoderSpec read() {
        refuseUnknownScaling();
        refuseUnknownTensors();
        int width = integer("embedding_length");
        int layers = integer("block_count");
        requireExpertsInEveryLayer(layers);
        return new DecoderSpec(
                row.id(),
                new Widths(width, row.block().varied() ? integer("embedding_length_per_layer_input", 0) : 0, (int)
                        weight("token_embd.weight").dim(1)),
                row.block(),
                real("attention.layer_norm_rms_epsilon", Float.NaN),
                scales(width, attentionScale(width, layers)),
                experts(),
                layers(layers, width));
    }

    private DecoderSpec.Experts experts() {
        int count = row.experts() == Architecture.Experts.NEVER ? 0 : integer("expert_count", 0);
        if (count == 0) {
            if (row.experts() == Architecture.Experts.ALWAYS) {
                throw refuse(metadata.ownKey("expert_count") + " is missing or 0");
            }
            return DecoderSpec.Experts.NONE;
        }
        int used = integer("expert_used_count");
        if (used < 1 || used > count) {
            throw refuse(
                    metadata.ownKey("expert_used_count") + " is " + used + ", and there are " + count + " experts");
        }
        return new DecoderSpec.Experts(count, used);
    }

    /** Llama's experts have the width that other models' whole feed-forward part has. */
    private int expertWidth(DecoderSpec.Experts experts) {
        if (row.experts() == Architecture.Experts.MAYBE) {
            return integer("feed_forward_length");
        }
        int named = integer("expert_feed_forward_length", 0);
        return named > 0 ? named : integer("feed_forward_length") / experts.used();
    }

    private Scales scales(int width, float attention) {
        Architecture.Vocabulary vocabulary = row.vocabulary();
        float cap = row.attention().cap();
        return new Scales(
                vocabulary.scaledEmbeddings() ? (float) Math.sqrt(width) : 1,
                attention,
                cap == 0 ? 0 : real("attn_logit_softcapping", cap),
                vocabulary.scaledEmbeddings() ? real("final_logit_softcapping", vocabulary.logitCap()) : 0);
    }

    private float attentionScale(int width, int layers) {
        if (row.attention().unscaled()) {
            return 1;
        }
        int heads = integer("attention.head_count");
        int wideLayers = row.attention().wideScaleLayers();
        boolean wide = wideLayers != 0 && layers == wideLayers;
        float usual =
                (float) (1 / Math.sqrt(wide ? (double) width / heads : integer("attention.key_length", width / heads)));
        float named = row.attention().scaleInFile() ? real("attention.scale", 0) : 0;
        return named == 0 ? usual : named;
    }

    private List<LayerSpec> layers(int count, int width) {
        int window = row.hasWindows()
                ? integer("attention.sliding_window", row.window().tokens())
                : 0;
        int own = count - (row.block().varied() ? integer("attention.shared_kv_layers", 0) : 0);
        List<LayerSpec> layers = new ArrayList<>();
        for (int layer = 0; layer < count; layer++) {
            boolean windowed = window > 0 && isWindowed(layer, count);
            LayerWidths widths = widths(layer, count, width, windowed);
            layers.add(new LayerSpec(
                    layer,
                    windowed ? window : 0,
                    rope(widths.headSize(), windowed),
                    !(windowed && row.block().varied()),
                    widths,
                    layer < own ? layer : own - (windowed ? 2 : 1),
                    !row.block().varied()
                            || file.tensor(Target.V.weightName(layer)).isPresent()));
        }
        layers.forEach(layer -> requireKeys(layer, layers));
        return layers;
    }

    /** The later layers use what the last layers of each kind that have keys computed. */
    private void requireKeys(LayerSpec layer, List<LayerSpec> layers) {
        boolean fits = layer.keysOf() >= 0;
        if (fits) {
            LayerSpec of = layers.get(layer.keysOf());
            fits = of.window() == layer.window()
                    && of.widths().headSize() == layer.widths().headSize()
                    && of.widths().kvHeads() == layer.widths().kvHeads();
        }
        if (!fits) {
            throw refuse("layer " + layer.index() + " uses keys and values of an earlier layer by "
                    + metadata.ownKey("attention.shared_kv_layers") + ", and layer " + layer.keysOf()
                    + " has other windows or heads");
        }
    }

    private LayerWidths widths(int layer, int layers, int width, boolean windowed) {
        if (!row.block().varied()) {
            int heads = integer("attention.head_count");
            return new LayerWidths(
                    width,
                    experts().exist() ? expertWidth(experts()) : integer("feed_forward_length"),
                    heads,
                    integer("attention.head_count_kv", heads),
                    headSize(width / heads, ""),
                    experts().count());
        }
        int heads = integerOf("attention.head_count", layer, layers, 0);
        int headSize = headSize(width / Math.max(1, heads), "");
        int dense = integerOf("feed_forward_length", layer, layers, 0);
        boolean mixed = experts().exist();
        return new LayerWidths(
                width,
                mixed ? integerOf("expert_feed_forward_length", layer, layers, 0) : dense,
                heads,
                integerOf("attention.head_count_kv", layer, layers, heads),
                windowed ? headSize(headSize, "_swa") : headSize,
                experts().count(),
                mixed ? dense : 0);
    }

    /** @param suffix of the keys */
    private int headSize(int otherwise, String suffix) {
        int headSize = integer("attention.key_length" + suffix, otherwise);
        requireSame("attention.value_length" + suffix, headSize, "attention.key_length" + suffix);
        requireSame("rope.dimension_count" + suffix, headSize, "the head size");
        return headSize;
    }

    private Rope rope(int headSize, boolean windowed) {
        Rope everywhere =
                new Rope(row.rotation().pairing(), headSize, real("rope.freq_base", 10_000), linearScale(), yarn());
        return windowed && row.window().period() > 1 ? windowRope(everywhere) : everywhere;
    }

    /** Gemma 2 and GPT-OSS rotate alike in all layers; Gemma 3 and 4 rotate faster in layers with a window, and never scaled. */
    private Rope windowRope(Rope everywhere) {
        boolean alike = row.window().tokens() > 0;
        float base = real("rope.freq_base_swa", alike ? everywhere.base() : 10_000);
        float scale = alike ? everywhere.scale() : 1;
        return new Rope(everywhere.pairing(), everywhere.dimensions(), base, scale, everywhere.yarn());
    }

    private boolean isWindowed(int layer, int count) {
        Optional<GgufArray> pattern = metadata.array(metadata.ownKey("attention.sliding_window_pattern"));
        if (pattern.isPresent() && pattern.get().size() == count) {
            return pattern.get().longAt(layer) != 0;
        }
        int period = integer("attention.sliding_window_pattern", row.window().period());
        return period == 0 || layer % period < period - 1;
    }

    private Rope.Yarn yarn() {
        if (!scalingType().equals("yarn")) {
            return Rope.Yarn.OFF;
        }
        int context = integer("rope.scaling.original_context_length", integer("context_length"));
        return new Rope.Yarn(1, context, Rope.Yarn.OFF.betaFast(), Rope.Yarn.OFF.betaSlow());
    }

    private String scalingType() {
        return metadata.text(metadata.ownKey("rope.scaling.type")).orElse("linear");
    }

    private float linearScale() {
        float factor = real("rope.scaling.factor", real("rope.scale_linear", 0));
        boolean off = scalingType().equals("none");
        return factor == 0 || off ? 1 : 1 / factor;
    }

    private void refuseUnknownScaling() {
        String type = scalingType();
        if (!type.equals("linear") && !type.equals("none") && !type.equals("yarn")) {
            throw refuse("rotary positions are scaled by the method '" + type + "', and only linear scaling, YaRN and"
                    + " factors stored as a tensor are known");
        }
        if (type.equals("yarn") && (linearScale() > 1 || real("rope.scaling.yarn_log_multiplier", 0) != 0)) {
            throw refuse("rotary positions are scaled by YaRN with a factor below 1 or a log multiplier");
        }
        if (real("rope.scaling.attn_factor", 1) != 1 || real("attention.temperature_scale", 0) != 0) {
            throw refuse("attention scores are scaled by position");
        }
    }

    private void refuseUnknownTensors() {
        boolean experts = experts().exist();
        for (GgufTensor tensor : file.tensors()) {
            if (tensor.name().contains(".attn_qkv.")) {
                throw refuse("its projections to queries, keys and values are fused into one tensor (" + tensor.name()
                        + "); convert the model again with separate ones, as its architecture usually has them");
            }
            if (!experts && EXPERTS.matcher(tensor.name()).matches()) {
                throw refuse(expertsOf(tensor.name()));
            }
            if (!LayerWeights.isKnown(tensor.name(), row, experts)) {
                throw refuse("the tensor " + tensor.name() + " has no part in the graph of this architecture here");
            }
        }
    }

    /** Each layer of a model with experts next to dense parts must have both. */
    private void requireExpertsInEveryLayer(int layers) {
        for (int layer = 0; layer < layers && row.block().varied() && experts().exist(); layer++) {
            weight(Target.gateUpExpertsName(layer));
            weight(Target.ROUTER.weightName(layer));
        }
    }

    private String blockingPart() {
        Optional<String> experts = file.tensors().stream()
                .map(GgufTensor::name)
                .filter(name -> name.contains("_exps."))
                .findFirst();
        String known = "known are "
                + Arrays.stream(Architecture.values())
                        .filter(Architecture::trainable)
                        .map(Architecture::id)
                        .collect(Collectors.joining(", "));
        return experts.map(name -> expertsOf(name) + "; " + known)
                .orElse("this engine has no description of it; " + known);
    }

    private static String expertsOf(String tensor) {
        return "its layers are mixtures of experts (" + tensor + "), and the gradients through the router and through"
                + " the experts are not implemented";
    }

    private InvalidModelException refuse(String reason) {
        return new InvalidModelException(
                "trainable",
                "The model " + file.path() + " of architecture " + metadata.architecture() + " cannot be trained: "
                        + reason + ".");
    }

    private GgufTensor weight(String name) {
        return file.tensor(name).orElseThrow(() -> refuse("it has no tensor " + name));
    }

    private void requireSame(String key, int expected, String as) {
        int found = integer(key, expected);
        if (found != expected) {
            throw refuse(metadata.ownKey(key) + " is " + found + ", and only the value of " + as + ", " + expected
                    + ", is supported");
        }
    }

    private int integer(String key) {
        return Math.toIntExact(metadata.integer(metadata.ownKey(key))
                .orElseThrow(() -> refuse(metadata.ownKey(key) + " is missing or is not one number for all layers")));
    }

    private int integer(String key, int otherwise) {
        if (metadata.array(metadata.ownKey(key)).isPresent()) {
            throw refuse(metadata.ownKey(key) + " differs from layer to layer");
        }
        return Math.toIntExact(metadata.integer(metadata.ownKey(key)).orElse(otherwise));
    }

    /** A number that the file may give once or for each layer. */
    private int integerOf(String key, int layer, int layers, int otherwise) {
        Optional<GgufArray> each = metadata.array(metadata.ownKey(key));
        if (each.isEmpty()) {
            return otherwise > 0 ? integer(key, otherwise) : integer(key);
        }
        if (each.get().size() != layers) {
            throw refuse(metadata.ownKey(key) + " has " + each.get().size() + " values for " + layers + " layers");
        }
        if (each.get().get(layer) instanceof GgufScalar value && value.isInteger()) {
            return Math.toIntExact(value.asLong());
        }
        throw refuse(metadata.ownKey(key) + " has values that are not integers");
    }

    private float real(String key, float otherwise) {
        double value = metadata.real(metadata.ownKey(key)).orElse(otherwise);
        if (!Double.isFinite(value)) {
            throw refuse(metadata.ownKey(key) + " is missing or is not a finite number");
        }
        return (float) value;
    }
}
