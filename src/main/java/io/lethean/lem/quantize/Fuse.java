package io.lethean.lem.quantize;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.adapter.LocatedAdapter;
import io.lethean.lem.adapter.LoraPair;
import io.lethean.lem.adapter.ModelOutline;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleSupplier;

/**
 * Merges LoRA adapters into a model: {@code W + scale * B * A} for each tensor that an adapter updates, with the rows
 * scaled to their magnitudes where it is one of DoRA.
 *
 * <p>The sum is formed in 32-bit floats, row by row, and written in the tensor's own type or another. Tensors that no
 * adapter touches are copied byte for byte.
 */
public final class Fuse {

    private final FuseOptions options;
    private final GgufFile file;
    private final Map<String, List<LowRankUpdate.Part>> parts = new LinkedHashMap<>();
    private final Map<String, DoubleSupplier> updateNorms = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private final List<TypeFallback> fallbacks = new ArrayList<>();
    private final LowRankUpdate update = new LowRankUpdate();

    private Fuse(FuseOptions options) throws IOException {
        this.options = options;
        this.file = GgufFile.readModel(options.model());
    }

    /**
     * Merges.
     *
     * @param options what is merged, and how
     * @return what was merged, and what the types lost
     * @throws InvalidModelException if a file is malformed, an adapter does not fit the model, or a tensor cannot be
     *     read or written in the type asked for, naming it
     * @throws IllegalArgumentException if the output is one of the inputs
     * @throws IOException if a file cannot be read or written; an older output is then as it was
     */
    public static FuseReport run(FuseOptions options) throws IOException {
        return new Fuse(options).run();
    }

    /** As {@link #run(FuseOptions)}, with these values added to the output's metadata. */
    static FuseReport run(FuseOptions options, Map<String, GgufValue> metadata) throws IOException {
        return new Fuse(options).run(metadata);
    }

    /** The tensors that adapters change, in the order of the file, with the types that the options ask for. */
    static Map<GgufTensor, GgmlType> changed(FuseOptions options) throws IOException {
        Fuse fuse = new Fuse(options);
        fuse.readAdapters();
        Map<GgufTensor, GgmlType> types = new LinkedHashMap<>();
        fuse.rewrites()
                .values()
                .forEach(each -> types.put(each.tensor(), each.to().type()));
        return types;
    }

    private FuseReport run() throws IOException {
        return run(Map.of());
    }

    private FuseReport run(Map<String, GgufValue> metadata) throws IOException {
        readAdapters();
        Map<String, TensorRewrite> rewrites = rewrites();
        ModelRewrite rewrite =
                new ModelRewrite(file, rewrites, this::update, options.threads(), options.progress()).adding(metadata);
        Map<String, RowErrors> errors = rewrite.write(options.output());
        List<TensorReport> merged = rewrites.values().stream()
                .map(each -> report(
                        each, Objects.requireNonNull(errors.get(each.tensor().name()))))
                .toList();
        notes.addAll(TypeFallback.summary(fallbacks));
        notes.addAll(quantizedTwice(rewrites.values()));
        return new FuseReport(merged, file.tensors().size() - merged.size(), Files.size(options.output()), notes);
    }

    /** Rounded values are rounded again, also where the type is the same. */
    private static List<String> quantizedTwice(Collection<TensorRewrite> rewrites) {
        long count = rewrites.stream()
                .filter(each ->
                        each.from().type().isQuantized() && each.to().type().isQuantized())
                .count();
        return count == 0
                ? List.of()
                : List.of(count + (count == 1 ? " merged tensor was" : " merged tensors were")
                        + " quantized already and quantized again, so that the errors add up; merge into a model in f16"
                        + " or bf16 and quantize the result, or write these tensors in f16.");
    }

    private void readAdapters() throws IOException {
        ModelOutline model = ModelOutline.of(file);
        for (AdapterUse use : options.adapters()) {
            LocatedAdapter located = AdapterFiles.locate(use.path());
            for (Path input : located.files()) {
                ModelRewrite.requireNot(input, options.output());
            }
            Adapter adapter = located.read(model);
            requireUnconditional(use, adapter);
            notes.addAll(adapter.notes());
            for (LoraPair pair : adapter.pairs()) {
                parts.computeIfAbsent(pair.tensor(), tensor -> new ArrayList<>())
                        .add(new LowRankUpdate.Part(adapter, pair, use.weight()));
            }
        }
    }

    private static void requireUnconditional(AdapterUse use, Adapter adapter) {
        if (!adapter.invocationTokens().isEmpty()) {
            throw new InvalidModelException(
                    "adapter-activated",
                    "The adapter " + use.path() + " is an activated LoRA,"
                            + " which is meant to work only after certain tokens; merged, it would always.");
        }
    }

    private Map<String, TensorRewrite> rewrites() {
        Map<String, TensorRewrite> rewrites = new LinkedHashMap<>();
        for (GgufTensor tensor : file.tensors()) {
            if (parts.containsKey(tensor.name())) {
                requireNoScale(tensor);
                rewrites.put(tensor.name(), TensorTypes.rewrite(tensor, type(tensor)));
            }
        }
        return rewrites;
    }

    /** What is asked for this tensor by name counts as it is; what is asked for all, where it is possible. */
    private GgmlType type(GgufTensor tensor) {
        return options.types()
                .askedByName(tensor)
                .orElseGet(() -> options.types()
                        .asked(tensor, OutputTypes.layers(file))
                        .map(type -> TypeFallback.fitting(tensor, type, fallbacks))
                        .orElse(tensor.type()));
    }

    /** Some models multiply a tensor's product by a number of its own, which the update would have to be divided by. */
    private void requireNoScale(GgufTensor tensor) {
        String scale = tensor.name().replaceFirst("\\.weight$", ".scale");
        if (!scale.equals(tensor.name()) && file.tensor(scale).isPresent()) {
            throw new InvalidModelException(
                    "merge-scale",
                    "The model multiplies " + tensor.name() + " by " + scale
                            + ", so an adapter cannot be merged into it; apply the adapter when the model is loaded instead.");
        }
    }

    private RowChange update(String tensor) {
        update.load(Objects.requireNonNull(parts.get(tensor)));
        updateNorms.put(tensor, update.norm());
        return update;
    }

    private TensorReport report(TensorRewrite rewrite, RowErrors errors) {
        DoubleSupplier norm = updateNorms.get(rewrite.tensor().name());
        return TensorTypes.report(rewrite, norm == null ? 0 : norm.getAsDouble(), errors);
    }
}
