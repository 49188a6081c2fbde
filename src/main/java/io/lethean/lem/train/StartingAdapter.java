package io.lethean.lem.train;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.Factor;
import io.lethean.lem.adapter.LocatedAdapter;
import io.lethean.lem.adapter.LoraPair;
import io.lethean.lem.adapter.ModelOutline;
import io.lethean.lem.internal.engine.AdapterSpec;
import io.lethean.lem.internal.engine.AdapterWeights;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.train.options.FineTuneType;
import io.lethean.lem.train.options.Target;
import io.lethean.lem.train.options.TrainingOptions;
import io.lethean.lem.train.options.TuningOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The adapter that a training starts from, which decides rank, scale, layers and targets.
 *
 * @param path as the options name it
 * @param files its files
 * @param adapter its values, all finite
 * @param form what it updates
 * @param modelLayers of the model that it belongs to
 */
record StartingAdapter(Path path, List<Path> files, Adapter adapter, AdapterSpec form, int modelLayers) {

    /** Relative difference of two scales that are the same number with different rounding. */
    private static final float ROUNDING = 1e-6f;

    /**
     * The adapter that the options name, if they do.
     *
     * @throws InvalidModelException if it is malformed, has values that are not finite, belongs to another model, or
     *     has a form that cannot be trained
     */
    static Optional<StartingAdapter> of(TuningOptions tuning, GgufFile model) throws IOException {
        Path path = tuning.resumeAdapterFile();
        return path == null ? Optional.empty() : Optional.of(read(path, ModelOutline.of(model)));
    }

    private static StartingAdapter read(Path path, ModelOutline model) throws IOException {
        LocatedAdapter located = AdapterFiles.locate(path);
        try {
            Adapter adapter = located.read(model);
            AdapterSpec form = form(adapter, model.layers());
            adapter.pairs().forEach(StartingAdapter::requireFinite);
            return new StartingAdapter(path, located.files(), adapter, form, model.layers());
        } catch (InvalidModelException unfit) {
            throw new InvalidModelException(
                    unfit.rule(), "A training cannot start from " + path + ": " + unfit.getMessage(), unfit);
        }
    }

    private static void requireFinite(LoraPair pair) {
        requireFinite(pair.tensor() + ".lora_a", pair.a());
        requireFinite(pair.tensor() + ".lora_b", pair.b());
        Factor magnitude = pair.magnitude();
        if (magnitude != null) {
            requireFinite(pair.tensor() + ".lora_magnitude", magnitude);
        }
    }

    private static void requireFinite(String name, Factor factor) {
        float[] values = factor.values();
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new InvalidModelException(
                        "adapter-values",
                        "the value " + i + " of " + name + " is " + values[i]
                                + ", so every result of the adapter would be NaN; use an earlier adapter of that"
                                + " training.");
            }
        }
    }

    /** A training adapts the same matrices, with one rank, in all layers from the first adapted one to the last. */
    private static AdapterSpec form(Adapter adapter, int modelLayers) {
        requirePlain(adapter);
        int rank = adapter.pairs().getFirst().rank();
        Set<String> updated = new HashSet<>();
        for (LoraPair pair : adapter.pairs()) {
            if (pair.rank() != rank) {
                throw unfit(pair.tensor() + " has the rank " + pair.rank() + " and "
                        + adapter.pairs().getFirst().tensor() + " the rank " + rank
                        + "; a training gives all matrices one rank.");
            }
            if (pair.hasMagnitude() != adapter.hasMagnitudes()) {
                throw unfit(pair.tensor() + " has no magnitude (DoRA), and others have one; a training gives one to all"
                        + " matrices or to no matrix.");
            }
            updated.add(pair.tensor());
        }
        Set<Target> targets = EnumSet.noneOf(Target.class);
        int first = modelLayers;
        for (int layer = modelLayers - 1; layer >= 0; layer--) {
            for (Target target : Target.values()) {
                if (isIn(updated, target, layer)) {
                    targets.add(target);
                    first = layer;
                }
            }
        }
        requireEachIn(updated, targets, first, modelLayers);
        AdapterSpec plain = new AdapterSpec(rank, adapter.scale(adapter.pairs().getFirst()), targets, first);
        return adapter.hasMagnitudes() ? plain.withMagnitudes() : plain;
    }

    private static boolean isIn(Set<String> updated, Target target, int layer) {
        boolean gateOrUp = target == Target.GATE || target == Target.UP;
        return updated.contains(target.weightName(layer))
                || updated.contains(target.expertsName(layer))
                || gateOrUp && updated.contains(Target.gateUpExpertsName(layer));
    }

    private static void requirePlain(Adapter adapter) {
        if (!adapter.invocationTokens().isEmpty()) {
            throw unfit("it is an activated LoRA, which changes only what follows its invocation tokens; a training"
                    + " would change every token.");
        }
        if (adapter.alpha() < 0) {
            throw unfit("its alpha is " + adapter.alpha() + ", and a training needs a positive one.");
        }
        for (LoraPair pair : adapter.pairs()) {
            if (Target.ofWeight(pair.tensor()).isEmpty()) {
                throw unfit("it updates " + pair.tensor()
                        + ", and only q, k, v, o, gate, up, down and the router of the layers can be trained.");
            }
        }
    }

    private static void requireEachIn(Set<String> updated, Set<Target> targets, int first, int modelLayers) {
        for (int layer = first; layer < modelLayers; layer++) {
            for (Target target : targets) {
                if (!isIn(updated, target, layer)) {
                    throw unfit("it does not update " + target.weightName(layer) + "; a training adapts the same"
                            + " matrices in every layer from the first adapted one, " + first + ", to the last.");
                }
            }
        }
    }

    private static InvalidModelException unfit(String why) {
        return new InvalidModelException("adapter-form", why);
    }

    /**
     * The options with rank, scale, layers and targets of the file.
     *
     * @throws IllegalArgumentException if a value that is given is another one, naming both
     */
    TrainingOptions completed(TrainingOptions options) {
        TuningOptions tuning = options.tuning();
        int layers = modelLayers - form.firstLayer();
        FineTuneType type = form.dora() ? FineTuneType.DORA : FineTuneType.LORA;
        if (tuning.fineTuneType() != type) {
            throw new IllegalArgumentException("The fine-tune type is given as " + text(tuning.fineTuneType())
                    + ", and the adapter " + path + " that the training starts from is one of " + text(type)
                    + "; use the type " + text(type) + ", or start with a new adapter.");
        }
        requireSame("rank", tuning.rank() == 0 || tuning.rank() == form.rank(), tuning.rank(), form.rank());
        requireSame("scale", tuning.scale() == 0 || isScale(tuning.scale()), tuning.scale(), form.scale());
        int wanted = tuning.layers() == TrainingOptions.ALL ? modelLayers : Math.min(tuning.layers(), modelLayers);
        requireSame("number of layers", wanted == 0 || wanted == layers, wanted, layers);
        requireSame(
                "set of targets",
                tuning.targets().isEmpty() || tuning.targets().equals(form.targets()),
                tuning.targets(),
                form.targets());
        return new TrainingOptions(
                options.files(),
                new TuningOptions(
                        tuning.fineTuneType(),
                        form.rank(),
                        form.scale(),
                        tuning.dropout(),
                        layers,
                        form.targets(),
                        path),
                options.batch(),
                options.optimizer(),
                options.seed(),
                options.samples(),
                options.evaluation(),
                options.resources());
    }

    private boolean isScale(float scale) {
        return Math.abs(scale - form.scale()) <= ROUNDING * form.scale();
    }

    private void requireSame(String what, boolean same, Object wanted, Object found) {
        if (!same) {
            throw new IllegalArgumentException("The " + what + " is given as " + text(wanted) + ", and the adapter "
                    + path + " that the training starts from has " + text(found)
                    + "; leave the option out, or start with a new adapter.");
        }
    }

    private static String text(Object value) {
        return value.toString().toLowerCase(Locale.ROOT);
    }

    /** Copies the values; the optimizer's moments become zero. */
    void loadInto(AdapterWeights weights) {
        weights.load(adapter);
    }

    /** For people: what it is, and what there is to know of how it was read. */
    @Override
    public String toString() {
        return path + (form.dora() ? " (DoRA, rank " : " (rank ") + form.rank() + ", scale " + form.scale() + ", "
                + adapter.pairs().size() + " matrices)"
                + adapter.notes().stream().map(note -> ". " + note).collect(Collectors.joining());
    }
}
