package io.lethean.lem.adapter;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The names that the router and the experts of a mixture have in transformers and in mlx-lm.
 *
 * <p>GGUF and mlx-lm have a stack of matrices for each of the gate, up and down projections. transformers 5 keeps gate and
 * up as one matrix per expert, {@code gate_up_proj}; its releases before had a module per expert and projection.
 */
final class ExpertNames {

    static final String GATE = "ffn_gate_exps";
    static final String UP = "ffn_up_exps";
    static final String DOWN = "ffn_down_exps";
    static final String ROUTER = "ffn_gate_inp";

    private static final String MIXTRAL = "llama";
    private static final String GPT_OSS = "gpt-oss";

    /** The architectures with names that are known here. */
    private static final Set<String> KNOWN = Set.of(MIXTRAL, "qwen3moe", GPT_OSS);

    private static final Map<String, String> PROJECTION_OF_PART =
            Map.of(GATE, "gate_proj", UP, "up_proj", DOWN, "down_proj");

    private static final Map<String, String> PART_OF_PROJECTION =
            Map.of("gate_proj", GATE, "up_proj", UP, "down_proj", DOWN, "w1", GATE, "w3", UP, "w2", DOWN);

    private ExpertNames() {}

    /** Whether a part of a layer has a matrix for each expert. */
    static boolean isStack(String part) {
        return PROJECTION_OF_PART.containsKey(part);
    }

    /** The part of a layer that the projection of one expert belongs to, such as {@code w1} or {@code gate_proj}. */
    static Optional<String> partOfProjection(String projection) {
        return Optional.ofNullable(PART_OF_PROJECTION.get(projection));
    }

    /** The parts of a layer by the modules of mlx-lm, and by those of routers in transformers. */
    static Map<String, String> partsOfModules() {
        Map<String, String> parts = new HashMap<>();
        PROJECTION_OF_PART.forEach((part, projection) -> {
            parts.put("block_sparse_moe.switch_mlp." + projection, part);
            parts.put("mlp.switch_mlp." + projection, part);
            parts.put("mlp.experts." + projection, part);
        });
        parts.put("block_sparse_moe.gate", ROUTER);
        parts.put("mlp.gate", ROUTER);
        parts.put("mlp.router", ROUTER);
        return parts;
    }

    /** The module of a part below its layer in mlx-lm; empty if the part or the architecture is not known here. */
    static Optional<String> mlxModule(String part, ModelOutline model) {
        if (!KNOWN.contains(model.architecture())) {
            return Optional.empty();
        }
        String block = model.architecture().equals(MIXTRAL) ? "block_sparse_moe" : "mlp";
        if (part.equals(ROUTER)) {
            return Optional.of(block + "." + router(model));
        }
        String stack = model.architecture().equals(GPT_OSS) ? "experts" : "switch_mlp";
        return Optional.ofNullable(PROJECTION_OF_PART.get(part))
                .map(projection -> block + "." + stack + "." + projection);
    }

    /** The module of the router below its layer in transformers; empty if the architecture is not known here. */
    static Optional<String> peftRouter(ModelOutline model) {
        return hasPeftForm(model) ? Optional.of("mlp." + router(model)) : Optional.empty();
    }

    /** Whether the names of experts in transformers are known for the model's architecture. */
    static boolean hasPeftForm(ModelOutline model) {
        return KNOWN.contains(model.architecture());
    }

    private static String router(ModelOutline model) {
        return model.architecture().equals(GPT_OSS) ? "router" : "gate";
    }

    /**
     * The row of {@code gate_up_proj} that is this output of the gate or up projection: GPT-OSS has them in turn, others
     * one projection after the other.
     *
     * @param outputs of each of the two projections
     */
    static int fusedRow(ModelOutline model, boolean up, int output, int outputs) {
        int second = up ? 1 : 0;
        return model.architecture().equals(GPT_OSS) ? 2 * output + second : second * outputs + output;
    }
}
