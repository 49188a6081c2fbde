package io.lethean.lem.adapter;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.safetensors.NewTensor;
import io.lethean.lem.internal.safetensors.SafetensorsEntry;
import io.lethean.lem.internal.safetensors.SafetensorsFile;
import io.lethean.lem.internal.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The folder of {@code adapters.safetensors} and {@code adapter_config.json} that mlx-lm writes.
 *
 * <p>There {@code lora_a} is inputs x rank and {@code lora_b} rank x outputs, in Hugging Face row order, and the update
 * is {@code scale} times their product with no division by the rank. Of experts, {@code lora_a} is experts x rank x inputs
 * and {@code lora_b} experts x outputs x rank.
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
        if (TensorNames.isOfExperts(tensor)) {
            takeExperts(file, entry, tensor, matcher.group(2).equals("a"), scale, pairs);
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

    /** Experts have their factors the other way round: rank x inputs and outputs x rank, as GGUF has them. */
    private static void takeExperts(
            SafetensorsFile file,
            SafetensorsEntry entry,
            String tensor,
            boolean isA,
            double scale,
            PairCollector pairs) {
        // Earlier releases had A as one matrix with the rows of all experts.
        boolean flat = isA && entry.shape().size() == 2;
        Factor factor = flat ? SafetensorsFactors.of(file, entry) : SafetensorsFactors.stack(file, entry);
        if (!flat) {
            pairs.experts(tensor, Math.toIntExact(entry.shape().getFirst()));
        }
        if (isA) {
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
        List<NewTensor> tensors = new ArrayList<>();
        List<NewTensor> magnitudes = new ArrayList<>();
        boolean dora = adapter.isDora();
        for (LoraPair pair : adapter.pairs()) {
            String module =
                    TensorNames.mlxModule(pair.tensor(), model).orElseThrow(() -> TensorNames.noModule(pair.tensor()));
            LoraPair ordered = HeadOrder.fromGguf(pair, model);
            put(tensors, module, atRank(ordered, rank));
            if (ordered.magnitude() != null) {
                magnitudes.add(SafetensorsFactors.vector(module + ".m", ordered.magnitude()));
            }
        }
        tensors.addAll(magnitudes);
        SafetensorsWriter.write(folder.resolve(WEIGHTS), Map.of("format", "mlx"), tensors);
        AdapterConfigWriter.mlx(folder, adapter, dora, rank, model, base);
    }

    private static void put(List<NewTensor> tensors, String module, LoraPair pair) {
        if (TensorNames.isOfExperts(pair.tensor())) {
            tensors.add(SafetensorsFactors.stack(module + ".lora_a", pair.a(), pair.experts()));
            tensors.add(SafetensorsFactors.stack(module + ".lora_b", pair.b(), pair.experts()));
        } else if (pair.tensor().equals(TensorNames.EMBEDDING)) {
            tensors.add(SafetensorsFactors.matrix(module + ".lora_a", pair.b()));
            tensors.add(SafetensorsFactors.matrix(module + ".lora_b", pair.a()));
        } else {
            tensors.add(SafetensorsFactors.matrix(module + ".lora_a", pair.a().transposed()));
            tensors.add(SafetensorsFactors.matrix(module + ".lora_b", pair.b().transposed()));
        }
    }

    /** mlx-lm makes every update with the one rank of its configuration and refuses tensors of another. */
    private static int largestRank(Adapter adapter) {
        return adapter.pairs().stream().mapToInt(LoraPair::rank).max().orElseThrow();
    }

    /** All tensors share one scale here, alpha / rank, so B makes up for a smaller rank; zeros fill the factors up. */
    private static LoraPair atRank(LoraPair pair, int rank) {
        if (pair.rank() == rank) {
            return pair;
        }
        int own = pair.rank() * pair.inputs();
        int padded = rank * pair.inputs();
        Factor a = pair.a()
                .picked(
                        pair.experts() * rank,
                        pair.inputs(),
                        i -> i % padded < own ? i / padded * own + i % padded : -1);
        return pair.with(
                a, pair.b().times((float) rank / pair.rank()).padded(pair.b().rows(), rank));
    }
}
