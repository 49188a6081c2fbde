package io.lethean.lem.adapter;

import io.lethean.lem.InvalidModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * What may make an adapter of PEFT wrong although its factors can be read: an initialisation that changed the base
 * model, and sections that are not known here.
 *
 * <p>As of PEFT 0.21.
 */
final class PeftDoubts {

    /** Initialisations that leave the base model as it is. */
    private static final Set<String> PLAIN = Set.of("gaussian", "eva", "orthogonal", "mica");

    /** Those that put a part of the base model's weights into the factors, and the rest in place of the weights. */
    private static final Set<String> CHANGES_BASE = Set.of("pissa", "corda", "olora", "loftq", "lora_ga");

    /**
     * What a LoRA configuration has that the product of the factors does not depend on, or that {@link PeftConfig} looks
     * at. The sections of initialisations matter only with them, VeLoRA's only in training.
     */
    private static final Set<String> KNOWN = Set.of(
            "task_type",
            "peft_type",
            "auto_mapping",
            "peft_version",
            "base_model_name_or_path",
            "revision",
            "inference_mode",
            "r",
            "target_modules",
            "exclude_modules",
            "lora_alpha",
            "lora_dropout",
            "fan_in_fan_out",
            "bias",
            "use_rslora",
            "modules_to_save",
            "init_lora_weights",
            "layers_to_transform",
            "layers_pattern",
            "rank_pattern",
            "alpha_pattern",
            "megatron_config",
            "megatron_core",
            "trainable_token_indices",
            "loftq_config",
            "eva_config",
            "corda_config",
            "lora_ga_config",
            "use_dora",
            "velora_config",
            "alora_invocation_tokens",
            "use_qalora",
            "qalora_group_size",
            "monteclora_config",
            "layer_replication",
            "runtime_config",
            "lora_bias",
            "target_parameters",
            "use_bdlora",
            "arrow_config",
            "kasa_config",
            "ensure_weight_tying");

    private static final String FORCE = "; to read it anyway, convert it with AdapterFiles.convertForced";

    private PeftDoubts() {}

    /**
     * The doubts as sentences.
     *
     * @throws InvalidModelException naming the first one, unless forced
     */
    static List<String> of(AdapterConfig config, boolean forced) {
        List<String> notes = new ArrayList<>();
        JsonNode init = config.get("init_lora_weights");
        if (!isPlain(init)) {
            note(config, initialisation(init), forced, notes);
        }
        for (Map.Entry<String, JsonNode> entry : config.properties()) {
            if (!KNOWN.contains(entry.getKey()) && isSection(entry.getValue())) {
                note(
                        config,
                        "has a section " + entry.getKey() + ", which is not known here and may change what the"
                                + " adapter does",
                        forced,
                        notes);
            }
        }
        return notes;
    }

    private static void note(AdapterConfig config, String doubt, boolean forced, List<String> notes) {
        if (!forced) {
            throw config.invalid(doubt + FORCE);
        }
        notes.add(config.path() + " " + doubt + ". It was read as a plain LoRA adapter because this was forced.");
    }

    private static boolean isPlain(JsonNode init) {
        return init.isMissingNode()
                || init.isNull()
                || init.isBoolean()
                || init.isString() && PLAIN.contains(init.asString().toLowerCase(Locale.ROOT));
    }

    private static String initialisation(JsonNode init) {
        String name = init.isString() ? init.asString() : init.toString();
        boolean changes = CHANGES_BASE.stream().anyMatch(name.toLowerCase(Locale.ROOT)::startsWith);
        return "was initialised by " + name
                + (changes
                        ? ", which changes the base model's own weights as well, so that the adapter fits only a model with these"
                                + " changes and answers wrongly on the original; save it in PEFT with"
                                + " path_initial_model_for_weight_conversion, which makes a plain LoRA adapter, or merge it"
                        : ", which is not known here and may have changed the base model's own weights");
    }

    /** Single numbers and texts only tune what a flag or a section switches on. */
    private static boolean isSection(JsonNode value) {
        return value.isContainer() && !value.isEmpty() || value.isBoolean() && value.asBoolean();
    }
}
