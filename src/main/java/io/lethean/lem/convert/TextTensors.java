package io.lethean.lem.convert;

import io.lethean.lem.internal.checkpoint.SourceTensor;
import java.util.List;
import java.util.Optional;

/** Tells the tensors of a text model from those of vision and audio towers, and from tables that are computed. */
final class TextTensors {

    private static final List<String> OTHER_STARTS = List.of(
            "mlp",
            "vit.",
            "vpm.",
            "siglip2.",
            "conformer.",
            "merger.",
            "resampler.",
            "sound_encoder.",
            "sound_projection.");

    private static final List<String> OTHER_PARTS = List.of(
            "visual.",
            "vision.",
            "audio.",
            "talker.",
            "vision_",
            "audio_",
            "projector.",
            "pre_mm_projector_norm",
            "image_newline",
            "patch_embed",
            "patch_merger.",
            "model.connector.");

    private static final List<String> COMPUTED =
            List.of(".attention.masked_bias", ".attention.bias", ".rotary_emb.inv_freq");

    private TextTensors() {}

    /** The tensor as a model of text only names it; empty for a tensor that such a model does not have. */
    static Optional<SourceTensor> select(SourceTensor tensor) {
        String name = tensor.name();
        if (isOther(name) || isComputed(name)) {
            return Optional.empty();
        }
        String text = name.replace("language_model.", "").replace("text_model.", "");
        boolean bare = text.startsWith("layers.") || text.startsWith("embed_tokens.") || text.startsWith("norm.");
        return Optional.of(tensor.renamed(bare ? "model." + text : text));
    }

    /** Whether a tensor belongs to a part for images or sound. */
    static boolean isOther(String name) {
        return OTHER_STARTS.stream().anyMatch(name::startsWith)
                || OTHER_PARTS.stream().anyMatch(name::contains);
    }

    private static boolean isComputed(String name) {
        return COMPUTED.stream().anyMatch(name::endsWith);
    }
}
