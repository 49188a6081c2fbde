package io.lethean.lem.adapter;

import io.lethean.lem.internal.io.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
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
     * @param ranks the rank of each adapted module, by its full path
     */
    static void peft(
            Path folder, Adapter adapter, boolean dora, Map<String, Integer> ranks, ModelOutline model, String base)
            throws IOException {
        int rank = mostFrequent(ranks);
        ObjectNode config = JSON.createObjectNode();
        config.put("peft_type", "LORA").put("task_type", "CAUSAL_LM").put("base_model_name_or_path", base);
        config.put("r", rank);
        config.put("lora_alpha", number(adapter.alpha()));
        config.put("lora_dropout", 0.0).put("bias", "none");
        config.put("use_rslora", false).put("use_dora", dora).put("fan_in_fan_out", false);
        config.put("init_lora_weights", true).put("inference_mode", true);
        config.putNull("modules_to_save");
        config.putObject("alpha_pattern");
        ObjectNode pattern = config.putObject("rank_pattern");
        ranks.forEach((module, own) -> {
            if (own != rank) {
                pattern.put(module, own);
            }
        });
        putTargets(config, adapter, ranks, model);
        if (!adapter.invocationTokens().isEmpty()) {
            ArrayNode tokens = config.putArray("alora_invocation_tokens");
            adapter.invocationTokens().forEach(tokens::add);
        }
        write(folder, config);
    }

    /**
     * Names the parts of a layer where all adapted layers have the same ones adapted, and no other modules have these
     * names; else each module in full.
     */
    private static void putTargets(ObjectNode config, Adapter adapter, Map<String, Integer> ranks, ModelOutline model) {
        TreeSet<Integer> layers = adapter.pairs().stream()
                .flatMap(pair -> TensorNames.layer(pair.tensor()).stream().boxed())
                .collect(Collectors.toCollection(TreeSet::new));
        TreeSet<String> parts = adapter.pairs().stream()
                .flatMap(pair -> TensorNames.moduleInLayer(pair.tensor()).stream())
                .collect(Collectors.toCollection(TreeSet::new));
        boolean uniform = ranks.size() == layers.size() * parts.size() && !TensorNames.isPartOfMultimodal(model);
        ArrayNode targets = config.putArray("target_modules");
        if (uniform) {
            parts.forEach(part -> targets.add(part.substring(part.indexOf('.') + 1)));
        } else {
            ranks.keySet().forEach(targets::add);
        }
        if (uniform && layers.size() < model.layers()) {
            ArrayNode transformed = config.putArray("layers_to_transform");
            layers.forEach(transformed::add);
        } else {
            config.putNull("layers_to_transform");
        }
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
                .map(tensor -> TensorNames.moduleInLayer(tensor).or(() -> TensorNames.mlxModule(tensor, model)))
                .flatMap(Optional::stream)
                .collect(Collectors.toCollection(TreeSet::new))
                .forEach(keys::add);
        write(folder, config);
    }

    /** The decimal number that a person would have written, so that 0.8 does not become 0.800000011920929. */
    private static double number(float value) {
        return Double.parseDouble(Float.toString(value));
    }

    private static int mostFrequent(Map<String, Integer> ranks) {
        Map<Integer, Long> counts = ranks.values().stream()
                .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
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
