package io.lethean.lem.adapter;

import io.lethean.lem.InvalidModelException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The names that one weight has in GGUF and in Hugging Face and mlx-lm models.
 *
 * <p>Covers decoders of the Llama kind, which name their parts alike: Llama, Mistral, Gemma, Qwen.
 */
final class TensorNames {

    static final String EMBEDDING = "token_embd.weight";
    static final String HEAD = "output.weight";

    private static final Map<String, String> MODULE_OF_PART = Map.of(
            "attn_q", "self_attn.q_proj",
            "attn_k", "self_attn.k_proj",
            "attn_v", "self_attn.v_proj",
            "attn_output", "self_attn.o_proj",
            "ffn_gate", "mlp.gate_proj",
            "ffn_up", "mlp.up_proj",
            "ffn_down", "mlp.down_proj");

    private static final Map<String, String> PART_OF_MODULE = partsOfModules();

    private static final Pattern BLOCK = Pattern.compile("blk\\.(\\d{1,4})\\.(\\w+)\\.weight");

    /** Only the text model's own layers: a vision tower has layers of the same names below another prefix. */
    private static final Pattern MODULE = Pattern.compile(
            "(?:(?:model|language_model)\\.){0,3}(?:layers\\.(\\d{1,4})\\.(\\w+(?:\\.\\w+){1,2})|(\\w+))");

    private TensorNames() {}

    private static Map<String, String> partsOfModules() {
        Map<String, String> parts = new HashMap<>(ExpertNames.partsOfModules());
        MODULE_OF_PART.forEach((part, module) -> parts.put(module, part));
        return Map.copyOf(parts);
    }

    /** The GGUF tensor of a part of a layer. */
    static String tensor(int layer, String part) {
        return "blk." + layer + "." + part + ".weight";
    }

    /** Whether a GGUF tensor has a matrix for each expert of a mixture. */
    static boolean isOfExperts(String tensor) {
        return part(tensor).filter(ExpertNames::isStack).isPresent();
    }

    /** Whether a GGUF tensor is the router of a mixture of experts. */
    static boolean isRouter(String tensor) {
        return part(tensor).filter(ExpertNames.ROUTER::equals).isPresent();
    }

    /** The layer of a GGUF tensor; empty for one outside the layers. */
    static OptionalInt layer(String tensor) {
        Matcher matcher = BLOCK.matcher(tensor);
        return matcher.matches() ? OptionalInt.of(Integer.parseInt(matcher.group(1))) : OptionalInt.empty();
    }

    /** The part of its layer that a GGUF tensor is, such as {@code attn_q}; empty for one outside the layers. */
    static Optional<String> part(String tensor) {
        Matcher matcher = BLOCK.matcher(tensor);
        return matcher.matches() ? Optional.of(matcher.group(2)) : Optional.empty();
    }

    /** The GGUF tensor of a module such as {@code model.layers.0.self_attn.q_proj}. */
    static Optional<String> tensor(String module) {
        Matcher matcher = MODULE.matcher(module);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        if (matcher.group(3) != null) {
            return switch (matcher.group(3)) {
                case "embed_tokens" -> Optional.of(EMBEDDING);
                case "lm_head" -> Optional.of(HEAD);
                default -> Optional.empty();
            };
        }
        return Optional.ofNullable(PART_OF_MODULE.get(matcher.group(2)))
                .map(part -> tensor(Integer.parseInt(matcher.group(1)), part));
    }

    /** The module of a GGUF tensor in a Hugging Face model; empty for tensors of experts, which are parameters there. */
    static Optional<String> peftModule(String tensor, ModelOutline model) {
        return isPartOfMultimodal(model)
                ? module(tensor, peftModuleInLayer(tensor, model), "model.language_model.", "lm_head")
                : module(tensor, peftModuleInLayer(tensor, model), "model.", "lm_head");
    }

    /** The module of a GGUF tensor in a model of mlx-lm. */
    static Optional<String> mlxModule(String tensor, ModelOutline model) {
        return isPartOfMultimodal(model)
                ? module(tensor, mlxModuleInLayer(tensor, model), "language_model.model.", "language_model.lm_head")
                : module(tensor, mlxModuleInLayer(tensor, model), "model.", "lm_head");
    }

    /**
     * Whether models of this architecture are published as the text parts of multimodal models only. Their other parts have
     * modules of the same names as the text part's, so that a name without its path would mean these, too.
     */
    static boolean isPartOfMultimodal(ModelOutline model) {
        return model.architecture().equals("gemma4");
    }

    private static Optional<String> module(String tensor, Optional<String> inLayer, String prefix, String head) {
        return switch (tensor) {
            case EMBEDDING -> Optional.of(prefix + "embed_tokens");
            case HEAD -> Optional.of(head);
            default -> inLayer.map(module -> prefix + "layers." + layer(tensor).orElseThrow() + "." + module);
        };
    }

    /** The module of a GGUF tensor below its layer in a Hugging Face model, such as {@code self_attn.q_proj}. */
    static Optional<String> peftModuleInLayer(String tensor, ModelOutline model) {
        return part(tensor)
                .flatMap(part -> part.equals(ExpertNames.ROUTER)
                        ? ExpertNames.peftRouter(model)
                        : Optional.ofNullable(MODULE_OF_PART.get(part)));
    }

    /** The module of a GGUF tensor below its layer in mlx-lm, such as {@code self_attn.q_proj}. */
    static Optional<String> mlxModuleInLayer(String tensor, ModelOutline model) {
        return part(tensor)
                .flatMap(part ->
                        Optional.ofNullable(MODULE_OF_PART.get(part)).or(() -> ExpertNames.mlxModule(part, model)));
    }

    static InvalidModelException noModule(String tensor) {
        return new InvalidModelException(
                "adapter-module",
                "The adapter updates " + tensor
                        + ", which is not a single module of a Hugging Face model like Llama; keep it as GGUF.");
    }

    static InvalidModelException magnitudeOfEmbedding(Path file) {
        return new InvalidModelException(
                "adapter-magnitude",
                file
                        + " has a magnitude (DoRA) of the token embedding, and only magnitudes of matrices that are multiplied"
                        + " by can be read; merge the adapter with PEFT, and convert the merged model.");
    }

    static String shape(List<Long> dimensions) {
        return dimensions.stream().map(String::valueOf).collect(Collectors.joining(" x "));
    }
}
