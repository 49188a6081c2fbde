package io.lethean.lem.adapter;

import io.lethean.lem.InvalidModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import tools.jackson.databind.JsonNode;

/** PEFT's configuration of the weights next to it; settings that a GGUF adapter cannot express are refused. */
final class PeftConfig {

    /** Names with what regular expressions offer, short of what can take for ever: repeated groups, many repetitions. */
    private static final Pattern TAME =
            Pattern.compile("(?!.*\\)[*+?{])(?:[\\w.^$|()\\[\\]\\\\*+?:-]|\\{\\d{1,2}(?:,\\d{0,2})?\\}){1,200}");

    /** The parameters of the experts' module, in the order in which PEFT wraps them. */
    static final String GATE_UP = "gate_up_proj";

    static final String DOWN = "down_proj";
    static final List<String> STACKS = List.of(GATE_UP, DOWN);

    private static final Pattern EXPERT_PARAMETER =
            Pattern.compile("(?:[\\w.]+\\.)?(?:" + GATE_UP + "|" + DOWN + "|(?:gate|router)\\.weight)");

    private static final int MOST_REPETITIONS = 4;
    private static final int MOST_GROUPS = 2;
    private static final int MOST_ALTERNATIVES = 64;

    private static final String PARAMETERS = "target_parameters";

    private final AdapterConfig config;
    private final double alpha;
    private final boolean rootScaled;
    private final List<String> notes;

    private PeftConfig(AdapterConfig config, List<String> notes) {
        this.config = config;
        this.notes = notes;
        this.alpha = config.requireNumber("lora_alpha");
        this.rootScaled = config.flag("use_rslora");
    }

    /**
     * Reads and checks a configuration.
     *
     * @param forced whether what may only fit another base model, or is not known here, is noted instead of refused
     * @throws InvalidModelException naming the first thing that has no place in a GGUF adapter
     */
    static PeftConfig of(AdapterConfig config, boolean forced) {
        refuseWhatGgufCannotExpress(config);
        return new PeftConfig(config, PeftDoubts.of(config, forced));
    }

    private static void refuseWhatGgufCannotExpress(AdapterConfig config) {
        String type = config.text("peft_type").orElse("LORA");
        if (!type.equals("LORA")) {
            throw config.invalid("describes a PEFT adapter of type " + type + ", and only LORA can be used");
        }
        refuseFlag(config, "lora_bias", "biases in addition to the factors");
        refuseFlag(config, "fan_in_fan_out", "weights stored the other way round");
        refuseFlag(config, "use_qalora", "QALoRA, which pools the inputs");
        refuseContent(config, "use_bdlora", "BD-LoRA, with factors that are blocks of a larger matrix");
        if (!config.text("bias").orElse("none").equals("none")) {
            throw notInGguf(config, "trained biases", "bias", config.get("bias"));
        }
        refuseContent(config, "modules_to_save", "whole modules trained in addition to the factors");
        refuseParameters(config);
        refuseContent(config, "layer_replication", "layers that the base model does not have");
        refuseContent(config, "trainable_token_indices", "trained token embeddings");
        refuseContent(config, "kasa_config", "KaSA, which truncates the base weights and scales between the factors");
        refuseContent(config, "monteclora_config", "MonteCLoRA, which mixes sampled factors");
        refuseContent(config, "arrow_config", "Arrow, which routes between several adapters");
    }

    /** The parameters of experts and routers are known. */
    private static void refuseParameters(AdapterConfig config) {
        if (config.has(PARAMETERS) && !config.get(PARAMETERS).isArray()) {
            throw config.invalid(
                    "has " + config.get(PARAMETERS) + " as " + PARAMETERS + ", and a list of names is needed");
        }
        for (JsonNode parameter : config.get(PARAMETERS).values()) {
            if (!parameter.isString()
                    || !EXPERT_PARAMETER.matcher(parameter.asString()).matches()) {
                throw notInGguf(
                        config,
                        "factors for a parameter that is not one of experts or their router",
                        PARAMETERS,
                        parameter);
            }
        }
    }

    private static void refuseFlag(AdapterConfig config, String key, String what) {
        if (config.flag(key)) {
            throw notInGguf(config, what, key, config.get(key));
        }
    }

    private static void refuseContent(AdapterConfig config, String key, String what) {
        if (config.has(key)
                && !(config.get(key).isContainer() && config.get(key).isEmpty())) {
            throw notInGguf(config, what, key, config.get(key));
        }
    }

    private static InvalidModelException notInGguf(AdapterConfig config, String what, String key, JsonNode value) {
        String text = value.toString();
        return config.invalid("asks for " + what + " (" + key + " = "
                + (text.length() > 100 ? text.substring(0, 100) + "..." : text)
                + "), which a LoRA adapter in GGUF cannot express; train a plain LoRA adapter,"
                + " or merge this one with PEFT and convert the merged model");
    }

    /** Whether the configuration names a parameter of a module, such as {@code model.layers.0.mlp.gate.weight}. */
    boolean targets(String parameter) {
        for (JsonNode target : config.get(PARAMETERS).values()) {
            if (parameter.equals(target.asString()) || parameter.endsWith("." + target.asString())) {
                return true;
            }
        }
        return false;
    }

    /** Whether every update has a magnitude. */
    boolean isDora() {
        return config.flag("use_dora");
    }

    /** What the product of a module's factors is multiplied by: alpha / rank, or alpha / sqrt(rank) for rsLoRA. */
    double scale(String module, int rank) {
        requireRank(module, rank);
        double numerator = alpha;
        JsonNode pattern = config.get("alpha_pattern");
        for (Map.Entry<String, JsonNode> entry : pattern.properties()) {
            if (matches(entry.getKey(), module)) {
                numerator = entry.getValue().asDouble(Double.NaN);
                break;
            }
        }
        return numerator / (rootScaled ? Math.sqrt(rank) : rank);
    }

    private void requireRank(String module, int rank) {
        double declared = config.number("r").orElse(rank);
        if (config.get("rank_pattern").isEmpty() && declared != rank) {
            throw config.invalid("gives r = " + config.get("r") + ", and the factors of " + module + " have rank "
                    + rank + "; weights and configuration do not belong together");
        }
    }

    /** The key is a regular expression for the end of the module's path; in practice it is a plain name. */
    private boolean matches(String key, String module) {
        if (!TAME.matcher(key).matches()
                || repetitions(key) > MOST_REPETITIONS
                || count(key, "(") > MOST_GROUPS
                || count(key, "|") > MOST_ALTERNATIVES) {
            throw config.invalid("has the key " + key + " in alpha_pattern, and only names of modules, alternatives and"
                    + " simple repetitions are known");
        }
        try {
            return Pattern.compile("(.*\\.)?(" + key + ")$").matcher(module).lookingAt();
        } catch (PatternSyntaxException e) {
            throw config.invalid("has the key " + key + " in alpha_pattern, which is not a regular expression");
        }
    }

    /** The question mark of a group that is not captured repeats nothing. */
    private static long repetitions(String key) {
        return count(key.replace("(?:", "("), "*+?{");
    }

    private static long count(String key, String characters) {
        return key.chars()
                .filter(character -> characters.indexOf(character) >= 0)
                .count();
    }

    /** The tokens that switch an activated LoRA on. */
    List<Integer> invocationTokens() {
        List<Integer> tokens = new ArrayList<>();
        for (JsonNode token : config.get("alora_invocation_tokens").values()) {
            if (!token.isInt() || token.asInt() < 0) {
                throw config.invalid("has " + token + " among alora_invocation_tokens, which is not a token");
            }
            tokens.add(token.asInt());
        }
        return tokens;
    }

    List<String> notes() {
        return notes;
    }
}
