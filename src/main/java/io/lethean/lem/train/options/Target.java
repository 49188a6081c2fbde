package io.lethean.lem.train.options;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * A projection of a decoder layer that an adapter can change. In a mixture of experts, the gate, up and down projections are
 * those of all experts.
 */
public enum Target {
    /** The queries of attention. */
    Q("attn_q"),
    /** The keys of attention. */
    K("attn_k"),
    /** The values of attention. */
    V("attn_v"),
    /** The output of attention. */
    O("attn_output"),
    /** The gate of the feed-forward network. */
    GATE("ffn_gate"),
    /** The up projection of the feed-forward network. */
    UP("ffn_up"),
    /** The down projection of the feed-forward network. */
    DOWN("ffn_down"),
    /** To the scores of the experts; in mixtures of experts only. */
    ROUTER("ffn_gate_inp");

    private final String stem;

    Target(String stem) {
        this.stem = stem;
    }

    /** {@return the seven projections that every layer has: all but the router} */
    public static Set<Target> usual() {
        return EnumSet.complementOf(EnumSet.of(ROUTER));
    }

    /**
     * {@return the name of the weight in layer {@code layer} of a GGUF file}
     *
     * @param layer counted from 0
     */
    public String weightName(int layer) {
        return "blk." + layer + "." + stem + ".weight";
    }

    /**
     * {@return the name of the weights of all experts in layer {@code layer} of a GGUF file, for the gate, up and down
     * projections}
     *
     * @param layer counted from 0
     */
    public String expertsName(int layer) {
        return "blk." + layer + "." + stem + "_exps.weight";
    }

    /**
     * {@return the name of the weights of all experts in layer {@code layer} of a GGUF file where the gate and up
     * projections of an expert are one matrix}
     *
     * @param layer counted from 0
     */
    public static String gateUpExpertsName(int layer) {
        return "blk." + layer + ".ffn_gate_up_exps.weight";
    }

    /**
     * {@return the projection that a weight of this name, or the weights of experts, belong to} Where the gate and up
     * projections of experts are one matrix, it belongs to the gate.
     *
     * @param name the name of a tensor of a GGUF file
     */
    public static Optional<Target> ofWeight(String name) {
        if (name.matches("blk\\.\\d+\\.ffn_gate_up_exps\\.weight")) {
            return Optional.of(GATE);
        }
        return Arrays.stream(values())
                .filter(target -> name.matches("blk\\.\\d+\\." + target.stem + "(_exps)?\\.weight"))
                .findFirst();
    }

    /**
     * {@return the name of the frozen bias that some architectures add}
     *
     * @param layer counted from 0
     */
    public String biasName(int layer) {
        return "blk." + layer + "." + stem + ".bias";
    }
}
