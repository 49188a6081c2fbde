package io.lethean.lem.adapter;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.safetensors.SafetensorsEntry;
import io.lethean.lem.internal.safetensors.SafetensorsFile;
import io.lethean.lem.internal.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The folder of {@code adapters.safetensors} and {@code adapter_config.json} that mlx-lm writes.
 *
 * <p>There {@code lora_a} is inputs x rank and {@code lora_b} rank x outputs, in Hugging Face row order, and the update
 * is {@code scale} times their product with no division by the rank.
 */
final class MlxAdapter {

    static final String WEIGHTS = "adapters.safetensors";

    private static final Pattern FACTOR = Pattern.compile("(.+)\\.(?:lora_([ab])|(m))");

    private MlxAdapter() {}

    /**
     * Reads the folder as an adapter for a model.
     *
     * @throws InvalidModelException when the adapter has parts that GGUF cannot express, or does not fit the model
     * @throws IOException when a file cannot be read
     */
    static Adapter read(Path weights, AdapterConfig config, ModelOutline model) throws IOException {
        double scale = scale(config);
        SafetensorsFile file = SafetensorsFile.open(weights);
        PairCollector pairs = new PairCollector(weights);
        for (SafetensorsEntry entry : file.entries()) {
            take(file, entry, scale, pairs);
        }
        List<PairCollector.Scaled> ordered = pairs.pairs(isDora(config)).stream()
                .map(each -> new PairCollector.Scaled(HeadOrder.toGguf(each.pair(), model), each.scale()))
                .toList();
        return CommonAlpha.adapter(weights, model.architecture(), ordered, List.of(), notes(config));
    }

    private static boolean isDora(AdapterConfig config) {
        return config.text("fine_tune_type").orElse("lora").equals("dora");
    }

    private static double scale(AdapterConfig config) {
        String type = config.text("fine_tune_type").orElse("lora");
        if (!type.equals("lora") && !type.equals("dora")) {
            throw config.invalid(
                    "describes a fine-tune of type " + type + ", and only lora and dora can be used as an adapter");
        }
        return config.section("lora_parameters")
                .orElseThrow(() -> config.invalid("has no lora_parameters, so that the scale is unknown"))
                .requireNumber("scale");
    }

    /** Before 2024's end mlx-lm multiplied by scale * alpha / rank where the configuration had an alpha. */
    private static List<String> notes(AdapterConfig config) {
        boolean old = config.section("lora_parameters")
                .filter(section -> section.has("alpha"))
                .isPresent();
        return old
                ? List.of("The configuration gives an alpha in addition to the scale. Current mlx-lm ignores it, and so"
                        + " does this; releases of 2024 multiplied the scale by alpha / rank.")
                : List.of();
    }

    private static void take(SafetensorsFile file, SafetensorsEntry entry, double scale, PairCollector pairs) {
        Matcher matcher = FACTOR.matcher(entry.name());
        if (!matcher.matches()) {
            throw refused(file, entry.name());
        }
        String tensor = TensorNames.tensor(matcher.group(1))
                .orElseThrow(() -> new InvalidModelException(
                        "adapter-module",
                        file.path() + " updates the module " + matcher.group(1)
                                + ", which has no single tensor in GGUF."));
        if (matcher.group(3) != null) {
            if (tensor.equals(TensorNames.EMBEDDING)) {
                throw TensorNames.magnitudeOfEmbedding(file.path());
            }
            pairs.magnitude(tensor, SafetensorsFactors.vector(file, entry));
            return;
        }
        Factor factor = SafetensorsFactors.of(file, entry);
        boolean first = matcher.group(2).equals("a");
        // An embedding is looked up, not multiplied by: its first factor has a row per token, which is our B.
        if (tensor.equals(TensorNames.EMBEDDING)) {
            first = !first;
        } else {
            factor = factor.transposed();
        }
        if (first) {
            pairs.a(tensor, factor, scale);
        } else {
            pairs.b(tensor, factor, scale);
        }
    }

    private static InvalidModelException refused(SafetensorsFile file, String name) {
        return new InvalidModelException(
                "adapter-tensor-name",
                file.path() + " holds " + name
                        + ", a whole weight, which a LoRA adapter in GGUF cannot express; train a plain LoRA adapter, or fuse this one with"
                        + " mlx-lm and convert the fused model.");
    }

    /**
     * Writes an adapter as a folder that mlx-lm loads.
     *
     * @param base what the configuration names as the base model
     * @throws InvalidModelException when a tensor has no counterpart in an mlx-lm model
     * @throws IOException when the files cannot be written
     */
    static void write(Adapter adapter, ModelOutline model, Path folder, String base) throws IOException {
        adapter.requireFits(model);
        int rank = largestRank(adapter);
        Map<String, Factor> tensors = new LinkedHashMap<>();
        Map<String, Factor> magnitudes = new LinkedHashMap<>();
        boolean dora = adapter.isDora();
        for (LoraPair pair : adapter.pairs()) {
            String module =
                    TensorNames.mlxModule(pair.tensor(), model).orElseThrow(() -> TensorNames.noModule(pair.tensor()));
            LoraPair ordered = HeadOrder.fromGguf(pair, model);
            put(tensors, module, atRank(ordered, rank));
            if (ordered.magnitude() != null) {
                magnitudes.put(module + ".m", ordered.magnitude());
            }
        }
        SafetensorsWriter.write(
                folder.resolve(WEIGHTS), Map.of("format", "mlx"), SafetensorsFactors.tensors(tensors, magnitudes));
        AdapterConfigWriter.mlx(folder, adapter, dora, rank, model, base);
    }

    private static void put(Map<String, Factor> tensors, String module, LoraPair pair) {
        if (pair.tensor().equals(TensorNames.EMBEDDING)) {
            tensors.put(module + ".lora_a", pair.b());
            tensors.put(module + ".lora_b", pair.a());
        } else {
            tensors.put(module + ".lora_a", pair.a().transposed());
            tensors.put(module + ".lora_b", pair.b().transposed());
        }
    }

    /** mlx-lm makes every update with the one rank of its configuration and refuses tensors of another. */
    private static int largestRank(Adapter adapter) {
        return adapter.pairs().stream().mapToInt(LoraPair::rank).max().orElseThrow();
    }

    /** All tensors share one scale here, alpha / rank, so B makes up for a smaller rank; zeros fill the factors up. */
    private static LoraPair atRank(LoraPair pair, int rank) {
        return pair.rank() == rank
                ? pair
                : pair.with(
                        pair.a().padded(rank, pair.inputs()),
                        pair.b().times((float) rank / pair.rank()).padded(pair.outputs(), rank));
    }
}
