package io.lethean.lem.train;

import static io.lethean.lem.internal.ggml.Rope.Pairing.ADJACENT;
import static io.lethean.lem.internal.ggml.Rope.Pairing.HALVES;
import static io.lethean.lem.train.DecoderSpec.Activation.GELU;
import static io.lethean.lem.train.DecoderSpec.Activation.SILU;

import io.lethean.lem.internal.ggml.Rope;
import java.util.List;
import java.util.Optional;

/**
 * One row of the table of architectures that can be trained: what a GGUF file does not say because llama.cpp knows it
 * by the architecture's name. The graphs of the pinned release are the authority.
 *
 * @param name the value of {@code general.architecture}
 * @param pairing which numbers of a head rotate together
 * @param activation the gate's function
 * @param queryKeyNorm true if queries and keys are normed per head
 * @param gemma true for what the Gemma family shares: scaled embeddings, and norms behind attention and feed-forward
 * @param ropeFactors true if the file may bring factors of the rotation's frequencies
 * @param attentionCap the soft cap of the attention scores if the file names none; 0 if the architecture has none
 * @param logitCap the same for the logits
 * @param window the window if the file names none; 0 for none
 * @param windowPeriod all but the last layer of each period have the window; 0 for every layer
 * @param wideScaleLayers the layer count at which attention is scaled by the width per head, not by the head size
 */
record Architecture(
        String name,
        Rope.Pairing pairing,
        DecoderSpec.Activation activation,
        boolean queryKeyNorm,
        boolean gemma,
        boolean ropeFactors,
        float attentionCap,
        float logitCap,
        int window,
        int windowPeriod,
        int wideScaleLayers) {

    /** Llama also covers Mistral, whose first version has a window on every layer. */
    private static final List<Architecture> TABLE = List.of(
            //               name        pairing   act.  qk-norm gemma factors caps  window per. wide
            new Architecture("llama", ADJACENT, SILU, false, false, true, 0, 0, 0, 0, 0),
            new Architecture("mistral3", ADJACENT, SILU, false, false, true, 0, 0, 0, 0, 0),
            new Architecture("qwen2", HALVES, SILU, false, false, false, 0, 0, 0, 1, 0),
            new Architecture("qwen3", HALVES, SILU, true, false, false, 0, 0, 0, 1, 0),
            new Architecture("gemma2", HALVES, GELU, false, true, false, 50, 30, 4096, 2, 46),
            new Architecture("gemma3", HALVES, GELU, true, true, false, 0, 0, 0, 6, 62));

    static Optional<Architecture> byName(String name) {
        return TABLE.stream().filter(row -> row.name.equals(name)).findFirst();
    }

    /** The names of all rows. */
    static List<String> names() {
        return TABLE.stream().map(Architecture::name).toList();
    }

    /** True if layers of this architecture may have a window. */
    boolean hasWindows() {
        return windowPeriod != 1;
    }
}
