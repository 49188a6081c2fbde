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
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * PEFT's folder of {@code adapter_model.safetensors} and {@code adapter_config.json}.
 *
 * <p>A is stored as rank x inputs and B as outputs x rank, both in Hugging Face row order. For an embedding, PEFT
 * stores the update transposed: A is rank x tokens and B is dimensions x rank.
 */
final class PeftAdapter {

    static final String WEIGHTS = "adapter_model.safetensors";

    private static final String PREFIX = "base_model.model.";

    /** Stock PEFT leaves the adapter's own name out of the file; some writers leave it in, mostly "default". */
    private static final Pattern LINEAR = Pattern.compile("(.+?)\\.lora_([AB])(?:\\.[^.]+)?\\.weight");

    private static final Pattern EMBEDDING = Pattern.compile("(.+?)\\.lora_embedding_([AB])(?:\\.[^.]+)?");

    private static final Pattern MAGNITUDE =
            Pattern.compile("(.+?)\\.lora_magnitude_vector(?:\\.(?!weight$)[^.]+)?(?:\\.weight)?");

    /** PEFT copies the frozen weights of an adapted embedding or head into the file. */
    private static final String FROZEN = ".base_layer.weight";

    private final SafetensorsFile file;
    private final PeftConfig config;
    private final ModelOutline model;
    private final PairCollector pairs;
    private final PeftExpertReader experts;
    private final List<String> notes = new ArrayList<>();

    private PeftAdapter(SafetensorsFile file, PeftConfig config, ModelOutline model) {
        this.file = file;
        this.config = config;
        this.model = model;
        this.pairs = new PairCollector(file.path());
        this.experts = new PeftExpertReader(file.path(), config, model, pairs);
    }

    /**
     * Reads the folder as an adapter for a model.
     *
     * @param forced whether doubts about the configuration are noted instead of refused
     * @throws InvalidModelException when the adapter has parts that GGUF cannot express, or does not fit the model
     * @throws IOException when a file cannot be read
     */
    static Adapter read(Path weights, AdapterConfig config, ModelOutline model, boolean forced) throws IOException {
        PeftConfig checked = PeftConfig.of(config, forced);
        PeftAdapter reader = new PeftAdapter(SafetensorsFile.open(weights), checked, model);
        for (SafetensorsEntry entry : reader.file.entries()) {
            reader.take(entry);
        }
        reader.experts.finish();
        List<PairCollector.Scaled> ordered = reader.pairs.pairs(checked.isDora()).stream()
                .map(each -> new PairCollector.Scaled(HeadOrder.toGguf(each.pair(), model), each.scale()))
                .toList();
        reader.notes.addAll(checked.notes());
        return CommonAlpha.adapter(weights, model.architecture(), ordered, checked.invocationTokens(), reader.notes);
    }

    private void take(SafetensorsEntry entry) {
        String name = entry.name().startsWith(PREFIX) ? entry.name().substring(PREFIX.length()) : entry.name();
        Matcher linear = LINEAR.matcher(name);
        Matcher embedding = EMBEDDING.matcher(name);
        Matcher magnitude = MAGNITUDE.matcher(name);
        if (linear.matches()) {
            takeLinear(linear.group(1), linear.group(2).equals("A"), SafetensorsFactors.of(file, entry));
        } else if (embedding.matches()) {
            takeEmbedding(embedding.group(1), embedding.group(2).equals("A"), SafetensorsFactors.of(file, entry));
        } else if (magnitude.matches()) {
            pairs.magnitude(linearTensor(magnitude.group(1)), SafetensorsFactors.vector(file, entry));
        } else if (name.endsWith(FROZEN)) {
            leaveOut(entry, tensor(name.substring(0, name.length() - FROZEN.length())));
        } else {
            throw refused(entry.name());
        }
    }

    /** A copy of the model's own weights, unless its size tells that tokens were added. */
    private void leaveOut(SafetensorsEntry entry, String tensor) {
        if (!model.shape(tensor).equals(Optional.of(entry.shape().reversed()))) {
            throw new InvalidModelException(
                    "adapter-shape",
                    file.path() + " holds " + entry.name() + " of shape "
                            + entry.shape() + ", which is not that of " + tensor + " in " + model.name()
                            + "; the adapter was trained with another vocabulary, so merge it with PEFT and convert the merged"
                            + " model.");
        }
        notes.add(file.path() + " holds a copy of the base model's " + tensor
                + ", which was left out: the model's own is" + " used.");
    }

    private void takeLinear(String module, boolean isA, Factor factor) {
        if (experts.take(module, isA, factor)) {
            return;
        }
        String tensor = tensor(module);
        // Patterns are compared with the name of the parameter, where a parameter was targeted.
        String name = config.targets(module + ".weight") ? module + ".weight" : module;
        if (isA) {
            pairs.a(tensor, factor, config.scale(name, factor.rows()));
        } else {
            pairs.b(tensor, factor, config.scale(name, factor.columns()));
        }
    }

    private void takeEmbedding(String module, boolean isA, Factor factor) {
        String tensor = tensor(module);
        if (isA) {
            pairs.b(tensor, factor.transposed(), config.scale(module, factor.rows()));
        } else {
            pairs.a(tensor, factor.transposed(), config.scale(module, factor.columns()));
        }
    }

    private String linearTensor(String module) {
        String tensor = tensor(module);
        if (tensor.equals(TensorNames.EMBEDDING)) {
            throw TensorNames.magnitudeOfEmbedding(file.path());
        }
        return tensor;
    }

    private String tensor(String module) {
        return TensorNames.tensor(module)
                .orElseThrow(() -> new InvalidModelException(
                        "adapter-module",
                        file.path() + " updates the module "
                                + module + ", for which models of architecture " + model.architecture()
                                + " have no single tensor in GGUF."));
    }

    private InvalidModelException refused(String name) {
        String why = name.endsWith(".bias") ? "a bias" : "a whole weight (modules_to_save)";
        return new InvalidModelException(
                "adapter-tensor-name",
                file.path() + " holds " + name + ", " + why
                        + ", which a LoRA adapter in GGUF cannot express; train a plain LoRA adapter,"
                        + " or merge this one with PEFT and convert the merged model.");
    }

    /**
     * Writes an adapter as a folder that PEFT loads.
     *
     * @param base what the configuration names as the base model
     * @throws InvalidModelException when a tensor has no counterpart in a Hugging Face model
     * @throws IOException when the files cannot be written
     */
    static void write(Adapter adapter, ModelOutline model, Path folder, String base) throws IOException {
        adapter.requireFits(model);
        boolean dora = adapter.isDora();
        List<NewTensor> tensors = new ArrayList<>();
        List<NewTensor> magnitudes = new ArrayList<>();
        List<PeftTarget> targets = new ArrayList<>();
        PeftExpertWriter experts = new PeftExpertWriter(adapter, model);
        for (LoraPair pair : adapter.pairs()) {
            if (TensorNames.isOfExperts(pair.tensor())) {
                experts.add(pair);
                continue;
            }
            requireNoMagnitudeOfRouter(pair);
            String module = module(pair, model);
            LoraPair ordered = HeadOrder.fromGguf(pair, model);
            put(tensors, PREFIX + module, ordered);
            targets.add(target(pair, module, adapter, model));
            if (ordered.magnitude() != null) {
                magnitudes.add(
                        SafetensorsFactors.vector(PREFIX + module + ".lora_magnitude_vector", ordered.magnitude()));
            }
        }
        experts.addTo(PREFIX, tensors, targets);
        tensors.addAll(magnitudes);
        SafetensorsWriter.write(folder.resolve(WEIGHTS), Map.of("format", "pt"), tensors);
        AdapterConfigWriter.peft(folder, adapter, dora, targets, model, base);
    }

    /** In transformers a router is a parameter of a module of its own kind, for which PEFT has plain LoRA only. */
    private static void requireNoMagnitudeOfRouter(LoraPair pair) {
        if (pair.hasMagnitude() && TensorNames.isRouter(pair.tensor())) {
            throw new InvalidModelException(
                    "adapter-magnitude",
                    "The adapter has a magnitude (DoRA) of the router " + pair.tensor()
                            + ", and PEFT has DoRA of linear modules only; keep the adapter as GGUF, or merge it into"
                            + " its model.");
        }
    }

    private static PeftTarget target(LoraPair pair, String module, Adapter adapter, ModelOutline model) {
        String suffix = TensorNames.isRouter(pair.tensor()) ? ".weight" : "";
        return new PeftTarget(
                TensorNames.layer(pair.tensor()).orElse(-1),
                TensorNames.peftModuleInLayer(pair.tensor(), model).orElse(module) + suffix,
                module + suffix,
                TensorNames.isRouter(pair.tensor()),
                pair.rank(),
                adapter.alpha());
    }

    private static void put(List<NewTensor> tensors, String module, LoraPair pair) {
        if (pair.tensor().equals(TensorNames.EMBEDDING)) {
            tensors.add(SafetensorsFactors.matrix(
                    module + ".lora_embedding_A", pair.b().transposed()));
            tensors.add(SafetensorsFactors.matrix(
                    module + ".lora_embedding_B", pair.a().transposed()));
        } else {
            tensors.add(SafetensorsFactors.matrix(module + ".lora_A.weight", pair.a()));
            tensors.add(SafetensorsFactors.matrix(module + ".lora_B.weight", pair.b()));
        }
    }

    private static String module(LoraPair pair, ModelOutline model) {
        return TensorNames.peftModule(pair.tensor(), model).orElseThrow(() -> TensorNames.noModule(pair.tensor()));
    }
}
