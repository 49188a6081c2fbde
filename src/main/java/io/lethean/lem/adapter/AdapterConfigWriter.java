package io.lethean.lem.adapter;

import io.lethean.lem.internal.io.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes the {@code adapter_config.json} that PEFT and mlx-lm require next to the weights. */
final class AdapterConfigWriter {

    private static final JsonMapper JSON = new JsonMapper();

    private AdapterConfigWriter() {}

    /**
     * @param dora whether the updates have magnitudes
     * @param targets what is adapted
     */
    static void peft(
            Path folder, Adapter adapter, boolean dora, List<PeftTarget> targets, ModelOutline model, String base)
            throws IOException {
        int rank = mostFrequentRank(targets);
        ObjectNode config = JSON.createObjectNode();
        config.put("peft_type", "LORA").put("task_type", "CAUSAL_LM").put("base_model_name_or_path", base);
        config.put("r", rank);
        config.put("lora_alpha", number(adapter.alpha()));
        config.put("lora_dropout", 0.0).put("bias", "none");
        config.put("use_rslora", false).put("use_dora", dora).put("fan_in_fan_out", false);
        config.put("init_lora_weights", true).put("inference_mode", true);
        config.putNull("modules_to_save");
        ObjectNode alphas = config.putObject("alpha_pattern");
        ObjectNode ranks = config.putObject("rank_pattern");
        for (PeftTarget target : targets) {
            if (target.rank() != rank) {
                ranks.put(target.name(), target.rank());
            }
            if (target.alpha() != adapter.alpha()) {
                alphas.put(target.name(), number(target.alpha()));
            }
        }
        putModules(
                config, targets.stream().filter(target -> !target.isParameter()).toList(), model);
        putParameters(config, targets.stream().filter(PeftTarget::isParameter).toList(), model);
        if (!adapter.invocationTokens().isEmpty()) {
            ArrayNode tokens = config.putArray("alora_invocation_tokens");
            adapter.invocationTokens().forEach(tokens::add);
        }
        write(folder, config);
    }

    /**
     * Names the parts of a layer where all adapted layers have the same ones adapted, and no other modules have these
     * names; else each module in full. An empty list means no module; without a list PEFT would take what it usually does.
     */
    private static void putModules(ObjectNode config, List<PeftTarget> modules, ModelOutline model) {
        boolean uniform = isUniform(modules) && !TensorNames.isPartOfMultimodal(model);
        int layers = layers(modules).size();
        ArrayNode targets = config.putArray("target_modules");
        if (uniform) {
            parts(modules).forEach(part -> targets.add(part.substring(part.indexOf('.') + 1)));
        } else {
            modules.stream().map(PeftTarget::name).sorted().forEach(targets::add);
        }
        if (uniform && layers > 0 && layers < model.layers()) {
            ArrayNode transformed = config.putArray("layers_to_transform");
            layers(modules).forEach(transformed::add);
        } else {
            config.putNull("layers_to_transform");
        }
    }

    /** PEFT chooses layers among modules only, so parameters of some layers are named in full. */
    private static void putParameters(ObjectNode config, List<PeftTarget> parameters, ModelOutline model) {
        if (parameters.isEmpty()) {
            config.putNull("target_parameters");
            return;
        }
        ArrayNode targets = config.putArray("target_parameters");
        if (isUniform(parameters) && layers(parameters).size() == model.layers()) {
            parts(parameters).forEach(targets::add);
        } else {
            parameters.stream().map(PeftTarget::name).sorted().forEach(targets::add);
        }
    }

    /** Whether every target is in a layer, and every layer that has one of the targets has all of them. */
    private static boolean isUniform(List<PeftTarget> targets) {
        return targets.size() == layers(targets).size() * parts(targets).size();
    }

    private static TreeSet<Integer> layers(List<PeftTarget> targets) {
        return targets.stream()
                .map(PeftTarget::layer)
                .filter(layer -> layer >= 0)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The names below layers. */
    private static TreeSet<String> parts(List<PeftTarget> targets) {
        return targets.stream()
                .filter(target -> target.layer() >= 0)
                .map(PeftTarget::inLayer)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    static void mlx(Path folder, Adapter adapter, boolean dora, int rank, ModelOutline model, String base)
            throws IOException {
        int lowest = adapter.pairs().stream()
                .flatMapToInt(pair -> TensorNames.layer(pair.tensor()).stream())
                .min()
                .orElse(model.layers() - 1);
        ObjectNode config = JSON.createObjectNode();
        config.put("model", base).put("fine_tune_type", dora ? "dora" : "lora");
        config.put("num_layers", model.layers() - lowest);
        ObjectNode parameters = config.putObject("lora_parameters");
        parameters.put("rank", rank);
        parameters.put("scale", number(adapter.alpha()) / rank);
        parameters.put("dropout", 0.0);
        ArrayNode keys = parameters.putArray("keys");
        adapter.pairs().stream()
                .map(LoraPair::tensor)
                .map(tensor ->
                        TensorNames.mlxModuleInLayer(tensor, model).or(() -> TensorNames.mlxModule(tensor, model)))
                .flatMap(Optional::stream)
                .collect(Collectors.toCollection(TreeSet::new))
                .forEach(keys::add);
        write(folder, config);
    }

    /** The decimal number that a person would have written, so that 0.8 does not become 0.800000011920929. */
    private static double number(float value) {
        return Double.parseDouble(Float.toString(value));
    }

    private static int mostFrequentRank(List<PeftTarget> targets) {
        Map<Integer, Long> counts =
                targets.stream().collect(Collectors.groupingBy(PeftTarget::rank, TreeMap::new, Collectors.counting()));
        return counts.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
    }

    private static void write(Path folder, ObjectNode config) throws IOException {
        byte[] json = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(config);
        AtomicFile.writeForced(folder.resolve(AdapterConfig.FILE_NAME), channel -> {
            AtomicFile.writeAll(channel, ByteBuffer.wrap(json));
            AtomicFile.writeAll(channel, ByteBuffer.wrap(new byte[] {'\n'}));
        });
    }
}
