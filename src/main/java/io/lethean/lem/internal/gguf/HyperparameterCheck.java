package io.lethean.lem.internal.gguf;

import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The dimensions of a model that llama.cpp asserts, or uses unchecked.
 *
 * <p>A value of a type that llama.cpp does not take for its key is passed over: llama.cpp refuses it by itself.
 */
final class HyperparameterCheck {

    /** {@code LLAMA_MAX_LAYERS} and {@code LLAMA_MAX_EXPERTS} of the pinned release. */
    private static final int MAX_LAYERS = 512;

    private static final int MAX_EXPERTS = 1024;

    private static final Set<String> ROPE_SCALINGS = Set.of("none", "linear", "yarn", "longrope");

    /** Architectures in which fewer than two experts mean none, whatever else is said about them. */
    private static final Set<String> SINGLE_EXPERT_IS_NONE = Set.of("hunyuan-dense", "hunyuan_vl");

    private final GgufFile file;
    private final GgufMetadata metadata;

    private HyperparameterCheck(GgufFile file) {
        this.file = file;
        this.metadata = file.metadata();
    }

    static void require(GgufFile file) {
        HyperparameterCheck check = new HyperparameterCheck(file);
        check.requireLayers();
        check.requireExperts();
        check.requireEpsilons();
        check.requireRope();
    }

    private void requireLayers() {
        OptionalLong layers = count("block_count");
        if (layers.isEmpty()) {
            return;
        }
        long most = layers.getAsLong();
        if (most < 1 || most > MAX_LAYERS) {
            throw GgufRule.LAYERS.refuse(file.path(), metadata.ownKey("block_count") + " is " + most);
        }
        for (String part : List.of("nextn_predict_layers", "posnet.block_count", "convnext.block_count")) {
            long some = count(part).orElse(0);
            boolean counts = !part.startsWith("posnet") && !part.startsWith("convnext") || isAudioDecoder();
            if (counts && some > most) {
                throw GgufRule.LAYERS.refuse(
                        file.path(), metadata.ownKey(part) + " is " + some + ", but block_count is " + most);
            }
        }
    }

    private boolean isAudioDecoder() {
        return metadata.architecture().equals("wavtokenizer-dec");
    }

    private void requireExperts() {
        long experts = count("expert_count").orElse(0);
        long used = usedExperts();
        if (experts <= 1 && SINGLE_EXPERT_IS_NONE.contains(metadata.architecture())) {
            experts = 0;
            used = 0;
        }
        if (experts > 0 && used > 0 && firstLayerUsesNone()) {
            throw GgufRule.EXPERTS.refuse(
                    file.path(), "the first layer uses no experts and the experts' size is not given");
        }
        long groups = count("expert_group_count").orElse(0);
        long usedGroups = count("expert_group_used_count").orElse(0);
        boolean fits = experts == 0
                ? used == 0 && groups == 0
                : experts <= MAX_EXPERTS && used >= 1 && used <= experts && groups < experts;
        if (fits && groups > 1) {
            fits = experts % groups == 0 && usedGroups >= 1 && usedGroups < groups;
        }
        if (!fits) {
            throw GgufRule.EXPERTS.refuse(
                    file.path(),
                    "there are " + experts + " experts (at most " + MAX_EXPERTS + " are possible), " + used
                            + " of them used, in " + groups + " groups, " + usedGroups + " of them used");
        }
    }

    /** One number for all layers, or one per layer; the largest counts. */
    private long usedExperts() {
        String key = metadata.ownKey("expert_used_count");
        if (metadata.asMap().get(key) instanceof GgufArray array && array.elementType() != GgufType.STRING) {
            long most = 0;
            for (int i = 0; i < array.size(); i++) {
                most = Math.max(most, array.longAt(i) & 0xFFFF_FFFFL);
            }
            return most;
        }
        return count("expert_used_count").orElse(0);
    }

    /** Most architectures derive a missing size of the experts from the first layer's number of used ones. */
    private boolean firstLayerUsesNone() {
        return metadata.asMap().get(metadata.ownKey("expert_used_count")) instanceof GgufArray used
                && used.size() > 0
                && used.longAt(0) == 0
                && count("expert_feed_forward_length").orElse(0) == 0
                && !metadata.architecture().startsWith("nemotron_h");
    }

    private void requireEpsilons() {
        String prefix = metadata.architecture() + ".";
        metadata.asMap().forEach((key, value) -> {
            if (key.startsWith(prefix)
                    && key.endsWith("epsilon")
                    && value instanceof GgufScalar scalar
                    && scalar.type() == GgufType.FLOAT32
                    && !(scalar.asDouble() >= 0 && Double.isFinite(scalar.asDouble()))) {
                throw GgufRule.NORM_EPSILON.refuse(file.path(), key + " is " + scalar);
            }
        });
    }

    private void requireRope() {
        metadata.text(metadata.ownKey("rope.scaling.type")).ifPresent(scaling -> {
            if (!ROPE_SCALINGS.contains(scaling)) {
                throw GgufRule.ROPE_SCALING.refuse(
                        file.path(), metadata.ownKey("rope.scaling.type") + " is '" + scaling + "'");
            }
        });
        for (String key : List.of("rope.dimension_count", "rope.dimension_count_swa")) {
            OptionalLong dimensions = count(key);
            // Read as a signed number later: what is above is negative there, and memory before the tensor is written.
            if (dimensions.isPresent() && !isEvenAndPositive((int) dimensions.getAsLong())) {
                throw GgufRule.ROPE_DIMENSIONS.refuse(
                        file.path(), metadata.ownKey(key) + " is " + dimensions.getAsLong());
            }
        }
    }

    private static boolean isEvenAndPositive(int dimensions) {
        return dimensions >= 2 && dimensions % 2 == 0;
    }

    private OptionalLong count(String suffix) {
        return metadata.asMap().get(metadata.ownKey(suffix)) instanceof GgufScalar scalar
                        && scalar.type() == GgufType.UINT32
                ? OptionalLong.of(scalar.asLong())
                : OptionalLong.empty();
    }
}
