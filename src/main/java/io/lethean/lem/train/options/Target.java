package io.lethean.lem.train.options;

import java.util.Arrays;
import java.util.Optional;

/** A projection of a decoder layer that an adapter can change. */
public enum Target {
    Q("attn_q"),
    K("attn_k"),
    V("attn_v"),
    O("attn_output"),
    GATE("ffn_gate"),
    UP("ffn_up"),
    DOWN("ffn_down");

    private final String stem;

    Target(String stem) {
        this.stem = stem;
    }

    /** The name of the weight in layer {@code layer} of a GGUF file. */
    public String weightName(int layer) {
        return "blk." + layer + "." + stem + ".weight";
    }

    /** The projection that a weight of this name belongs to. */
    public static Optional<Target> ofWeight(String name) {
        return Arrays.stream(values())
                .filter(target -> name.matches("blk\\.\\d+\\." + target.stem + "\\.weight"))
                .findFirst();
    }

    /** The name of the frozen bias that some architectures add. */
    public String biasName(int layer) {
        return "blk." + layer + "." + stem + ".bias";
    }
}
