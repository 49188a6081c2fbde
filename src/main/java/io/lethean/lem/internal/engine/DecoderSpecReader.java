package io.lethean.lem.internal.engine;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.engine.DecoderSpec.Scales;
import io.lethean.lem.internal.engine.DecoderSpec.Widths;
import io.lethean.lem.internal.ggml.Rope;
import io.lethean.lem.internal.gguf.Architecture;
import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufMetadata;
import io.lethean.lem.internal.gguf.GgufTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads a {@link DecoderSpec} from a model's metadata, and refuses by name what this engine cannot train. */
public final class DecoderSpecReader {

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
        int heads = integer("attention.head_count");
        int headSize = integer("attention.key_length", width / heads);
        int layers = integer("block_count");
        requireSame("attention.value_length", headSize, "attention.key_length");
        requireSame("rope.dimension_count", headSize, "the head size");
        return new DecoderSpec(
                row.id(),
                new Widths(
                        width,
                        integer("feed_forward_length"),
                        heads,
                        integer("attention.head_count_kv", heads),
                        headSize,
                        (int) weight("token_embd.weight").dim(1)),
                row.block(),
                real("attention.layer_norm_rms_epsilon", Float.NaN),
                scales(width, attentionScale(width, heads, headSize, layers)),
                layers(layers, headSize));
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

    private float attentionScale(int width, int heads, int headSize, int layers) {
        int wideLayers = row.attention().wideScaleLayers();
        boolean wide = wideLayers != 0 && layers == wideLayers;
        float usual = (float) (1 / Math.sqrt(wide ? (double) width / heads : headSize));
        float named = row.attention().scaleInFile() ? real("attention.scale", 0) : 0;
        return named == 0 ? usual : named;
    }

    private List<LayerSpec> layers(int count, int headSize) {
        int window = row.hasWindows()
                ? integer("attention.sliding_window", row.window().tokens())
                : 0;
        Rope everywhere = new Rope(row.rotation().pairing(), headSize, real("rope.freq_base", 10_000), linearScale());
        Rope inWindow = row.block().postNorms() ? windowRope(everywhere) : everywhere;
        List<LayerSpec> layers = new ArrayList<>();
        for (int layer = 0; layer < count; layer++) {
            boolean windowed = window > 0 && isWindowed(layer, count);
            layers.add(windowed ? new LayerSpec(window, inWindow) : new LayerSpec(0, everywhere));
        }
        return layers;
    }

    /** Gemma 2 rotates alike in all layers; Gemma 3 rotates faster where it sees only a window, and never scaled. */
    private Rope windowRope(Rope everywhere) {
        boolean alike = row.window().tokens() > 0;
        float base = real("rope.freq_base_swa", alike ? everywhere.base() : 10_000);
        return new Rope(everywhere.pairing(), everywhere.dimensions(), base, alike ? everywhere.scale() : 1);
    }

    private boolean isWindowed(int layer, int count) {
        Optional<GgufArray> pattern = metadata.array(metadata.ownKey("attention.sliding_window_pattern"));
        if (pattern.isPresent() && pattern.get().size() == count) {
            return pattern.get().longAt(layer) != 0;
        }
        int period = integer("attention.sliding_window_pattern", row.window().period());
        return period == 0 || layer % period < period - 1;
    }

    private float linearScale() {
        float factor = real("rope.scaling.factor", real("rope.scale_linear", 0));
        boolean off = metadata.text(metadata.ownKey("rope.scaling.type"))
                .orElse("linear")
                .equals("none");
        return factor == 0 || off ? 1 : 1 / factor;
    }

    private void refuseUnknownScaling() {
        String type = metadata.text(metadata.ownKey("rope.scaling.type")).orElse("linear");
        if (!type.equals("linear") && !type.equals("none")) {
            throw refuse("rotary positions are scaled by the method '" + type + "', and only linear scaling and"
                    + " factors stored as a tensor are known");
        }
        if (real("rope.scaling.attn_factor", 1) != 1 || real("attention.temperature_scale", 0) != 0) {
            throw refuse("attention scores are scaled by position");
        }
    }

    private void refuseUnknownTensors() {
        for (GgufTensor tensor : file.tensors()) {
            if (tensor.name().contains(".attn_qkv.")) {
                throw refuse("its projections to queries, keys and values are fused into one tensor (" + tensor.name()
                        + "); convert the model again with separate ones, as its architecture usually has them");
            }
            if (!LayerWeights.isKnown(tensor.name(), row)) {
                throw refuse("the tensor " + tensor.name() + " has no part in the graph of this architecture here");
            }
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
        return experts.map(name -> "its layers are mixtures of experts (" + name + "), and the gradients through the"
                        + " router and through the experts are not implemented; " + known)
                .orElse("this engine has no description of it; " + known);
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

    private float real(String key, float otherwise) {
        double value = metadata.real(metadata.ownKey(key)).orElse(otherwise);
        if (!Double.isFinite(value)) {
            throw refuse(metadata.ownKey(key) + " is missing or is not a finite number");
        }
        return (float) value;
    }
}
