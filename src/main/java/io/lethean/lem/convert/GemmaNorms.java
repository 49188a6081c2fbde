package io.lethean.lem.convert;

import static io.lethean.lem.convert.Dim.HIDDEN;

import io.lethean.lem.convert.ModuleTable.Place;
import io.lethean.lem.internal.checkpoint.Rows;
import io.lethean.lem.internal.checkpoint.ShiftedRows;
import io.lethean.lem.internal.checkpoint.SourceTensor;

/** The norms of Gemma 2 and 3: four in each layer. A checkpoint has their weights minus 1. */
final class GemmaNorms {

    private GemmaNorms() {}

    /** Adds the norms around attention and feed-forward network, and that network. */
    static ModuleTable modules(ModuleTable table) {
        return DecoderModules.withFeedForward(table.layer("post_attention_layernorm", "post_attention_norm", HIDDEN)
                .layer("pre_feedforward_layernorm", "ffn_norm", HIDDEN)
                .layer("post_feedforward_layernorm", "post_ffw_norm", HIDDEN));
    }

    /** A tensor of a checkpoint as GGUF has it. */
    static SourceTensor converted(SourceTensor tensor) {
        return tensor.name().endsWith("norm.weight")
                ? tensor.with(tensor.shape(), tensor.element(), ShiftedRows.plusOne(tensor.rows()))
                : tensor;
    }

    /** Whether the tensor at a place is a norm. */
    static boolean isNorm(Place place) {
        return place.module().source().endsWith("norm") && place.suffix().equals("weight");
    }

    /** The rows of a GGUF tensor as a checkpoint has them. */
    static Rows restored(Place place, Rows rows) {
        return isNorm(place) ? ShiftedRows.minusOne(rows) : rows;
    }
}
