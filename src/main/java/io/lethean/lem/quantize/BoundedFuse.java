package io.lethean.lem.quantize;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Merges adapters and chooses the types of the changed tensors, so that the merged model answers as base and adapters do
 * up to a bound, in a file that is not larger than that needs.
 *
 * <p>The answers are compared by the mean Kullback-Leibler divergence on a text, of real merged files in llama.cpp. First
 * all changed tensors are written in the types that the options ask for, then in finer ones, level by level, until the
 * bound is met. Between that level and the one before, tensors are refined in the order of the relative error that a byte
 * saves; the shortest beginning of that order that meets the bound is found by bisection, and is written.
 */
public final class BoundedFuse {

    /** What tensors are written in when the asked types are too coarse, from coarse to exact. */
    private static final List<GgmlType> FINER =
            List.of(GgmlType.Q4_K, GgmlType.Q5_K, GgmlType.Q6_K, GgmlType.Q8_0, GgmlType.F16, GgmlType.F32);

    private final FuseOptions options;
    private final double bound;
    private final MergeParity parity;
    private final List<BoundedMerge.Trial> trials = new ArrayList<>();

    private BoundedFuse(FuseOptions options, double bound, MergeParity parity) {
        this.options = options;
        this.bound = bound;
        this.parity = parity;
    }

    /**
     * Merges.
     *
     * @param options with the types to start from; the output is written once a choice meets the bound. Its folder has
     *     room for a second file, with the changed tensors in 32 bits at most
     * @param bound mean divergence from base and adapters, in nats, that is allowed; positive
     * @param parity the text that it is measured on
     * @return the choice, and how close it comes
     * @throws InvalidModelException as {@link Fuse#run(FuseOptions)}, and if not even 32-bit floats meet the bound; the
     *     output is then as it was
     * @throws IllegalArgumentException as {@link Fuse#run(FuseOptions)}, and if the bound is not positive
     * @throws IOException as {@link Fuse#run(FuseOptions)}
     */
    public static BoundedMerge run(FuseOptions options, double bound, MergeParity parity) throws IOException {
        if (!(bound > 0) || bound == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException(
                    "The divergence to stay below must be a positive number of nats, and is " + bound + ".");
        }
        return new BoundedFuse(options, bound, parity).run();
    }

    /** The types of all changed tensors, what was measured with them, and what writing them did. */
    private record Choice(Map<GgufTensor, GgmlType> types, LogitParity parity, FuseReport report) {}

    private BoundedMerge run() throws IOException {
        for (Path input : inputs()) {
            ModelRewrite.requireNot(input, options.output());
        }
        Path folder = Objects.requireNonNull(options.output().toAbsolutePath().getParent());
        Files.createDirectories(folder);
        Path candidate = Files.createTempFile(folder, options.output().getFileName() + ".", ".candidate");
        try (MergeParity.Reference reference = parity.open(options.model(), options.adapters())) {
            return write(search(reference, candidate));
        } finally {
            Files.deleteIfExists(candidate);
        }
    }

    private List<Path> inputs() throws IOException {
        List<Path> inputs = new ArrayList<>(List.of(options.model()));
        for (AdapterUse use : options.adapters()) {
            inputs.addAll(AdapterFiles.files(use.path()));
        }
        return inputs;
    }

    private Choice search(MergeParity.Reference reference, Path candidate) throws IOException {
        Map<GgufTensor, GgmlType> types = Fuse.changed(options);
        Choice coarse = measured(types, reference, candidate);
        if (meets(coarse)) {
            return coarse;
        }
        for (GgmlType finer : FINER) {
            Map<GgufTensor, GgmlType> next = refined(types, finer);
            if (!next.equals(types)) {
                Choice fine = measured(next, reference, candidate);
                if (meets(fine)) {
                    return between(coarse, fine, reference, candidate);
                }
                coarse = fine;
                types = next;
            }
        }
        throw new InvalidModelException(
                "merge-divergence",
                String.format(
                        Locale.ROOT,
                        "No types of the %d changed tensors keep the divergence from base and adapters below %.4g nats: with"
                                + " 32-bit floats in all of them it is %.4g. Allow more, or compare on another text.",
                        types.size(),
                        bound,
                        coarse.parity().divergence()));
    }

    /** Each tensor in the finer of its type and another, if its rows can be written in that. */
    private static Map<GgufTensor, GgmlType> refined(Map<GgufTensor, GgmlType> types, GgmlType finer) {
        Map<GgufTensor, GgmlType> refined = new LinkedHashMap<>();
        types.forEach((tensor, type) -> {
            GgmlType fitting = TensorTypes.fitting(tensor, finer);
            refined.put(tensor, bytes(tensor, fitting) > bytes(tensor, type) ? fitting : type);
        });
        return refined;
    }

    private static long bytes(GgufTensor tensor, GgmlType type) {
        return type.rowBytes(tensor.dim(0)) * tensor.rows();
    }

    /**
     * The first tensors that are to be refined, as few as meet the bound.
     *
     * @param coarse does not meet it
     * @param fine meets it
     */
    private Choice between(Choice coarse, Choice fine, MergeParity.Reference reference, Path candidate)
            throws IOException {
        List<GgufTensor> order = order(coarse, fine);
        Choice best = fine;
        int tooFew = 0;
        int enough = order.size();
        while (enough - tooFew > 1) {
            int middle = (tooFew + enough) >>> 1;
            Choice tried = measured(mixed(coarse, fine, order.subList(0, middle)), reference, candidate);
            if (meets(tried)) {
                best = tried;
                enough = middle;
            } else {
                tooFew = middle;
            }
        }
        return best;
    }

    /** The tensors with different types, those first of which a byte more saves most relative error. */
    private static List<GgufTensor> order(Choice coarse, Choice fine) {
        Map<String, Double> errors = new HashMap<>();
        coarse.report().merged().forEach(tensor -> errors.merge(tensor.tensor(), squaredError(tensor), Double::sum));
        fine.report().merged().forEach(tensor -> errors.merge(tensor.tensor(), -squaredError(tensor), Double::sum));
        return coarse.types().keySet().stream()
                .filter(tensor -> coarse.types().get(tensor) != fine.types().get(tensor))
                .sorted(Comparator.comparingDouble((GgufTensor tensor) -> -errors.getOrDefault(tensor.name(), 0.0)
                                / (bytes(tensor, type(fine, tensor)) - bytes(tensor, type(coarse, tensor))))
                        .thenComparing(GgufTensor::name))
                .toList();
    }

    private static GgmlType type(Choice choice, GgufTensor tensor) {
        return Objects.requireNonNull(choice.types().get(tensor));
    }

    private static double squaredError(TensorReport tensor) {
        double relative = tensor.valueNorm() == 0 ? 0 : tensor.errorNorm() / tensor.valueNorm();
        return relative * relative;
    }

    private static Map<GgufTensor, GgmlType> mixed(Choice coarse, Choice fine, List<GgufTensor> refined) {
        Set<GgufTensor> finer = new HashSet<>(refined);
        Map<GgufTensor, GgmlType> types = new LinkedHashMap<>();
        coarse.types().forEach((tensor, type) -> types.put(tensor, finer.contains(tensor) ? type(fine, tensor) : type));
        return types;
    }

    private Choice measured(Map<GgufTensor, GgmlType> types, MergeParity.Reference reference, Path candidate)
            throws IOException {
        FuseReport report = Fuse.run(options(types).withOutput(candidate).withProgress(ConvertProgress.NONE));
        LogitParity found = reference.compare(candidate);
        trials.add(new BoundedMerge.Trial(names(types), report.bytes(), found.divergence()));
        return new Choice(types, found, report);
    }

    private boolean meets(Choice choice) {
        return choice.parity().divergence() <= bound;
    }

    private FuseOptions options(Map<GgufTensor, GgmlType> types) {
        Map<String, GgmlType> byName = new LinkedHashMap<>();
        types.forEach((tensor, type) -> byName.put(tensor.name(), type));
        return options.withTypes(OutputTypes.of(byName));
    }

    private static Map<String, String> names(Map<GgufTensor, GgmlType> types) {
        Map<String, String> names = new LinkedHashMap<>();
        types.forEach((tensor, type) -> names.put(tensor.name(), type.ggmlName()));
        return names;
    }

    private BoundedMerge write(Choice choice) throws IOException {
        Map<String, GgufValue> record = Map.of(
                "lem.merge.max_kl", GgufValue.of(bound),
                "lem.merge.kl", GgufValue.of(choice.parity().divergence()),
                "lem.merge.positions", GgufValue.uint32(choice.parity().positions()));
        FuseReport report = Fuse.run(options(choice.types()), record);
        return new BoundedMerge(report, choice.parity(), bound, trials);
    }
}
