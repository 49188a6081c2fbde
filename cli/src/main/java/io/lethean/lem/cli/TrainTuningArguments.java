package io.lethean.lem.cli;

import io.lethean.lem.train.options.FineTuneType;
import io.lethean.lem.train.options.Target;
import io.lethean.lem.train.options.TrainingOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which weights are trained. */
@Command(optionListHeading = "%nAdapter:%n")
final class TrainTuningArguments {

    private final TrainingOptions.Builder options;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec command;

    @Option(
            names = "--resume-adapter-file",
            paramLabel = "PATH",
            description = "Start from this adapter, with a fresh optimizer: GGUF, a folder of PEFT or mlx-lm, or a name"
                    + " on the hub. Rank, scale, layers and targets are those of the file.")
    private @Nullable Path start;

    TrainTuningArguments(TrainingOptions.Builder options) {
        this.options = options;
    }

    @Option(
            names = "--fine-tune-type",
            paramLabel = "TYPE",
            description = "lora, dora (LoRA with magnitudes; merge the result with 'lem fuse'), or full for all weights"
                    + " of an f32 model. Default: ${DEFAULT-VALUE}.")
    void fineTuneType(FineTuneType value) {
        options.fineTuneType(value);
    }

    @Option(names = "--rank", paramLabel = "N", description = "LoRA rank (PEFT: r). Default: ${DEFAULT-VALUE}.")
    void rank(int value) {
        options.rank(value);
    }

    @Option(
            names = "--scale",
            paramLabel = "X",
            description = "LoRA scale (PEFT: lora_alpha / r). Default: ${DEFAULT-VALUE}.")
    void scale(float value) {
        options.scale(value);
    }

    @Option(
            names = "--alpha",
            paramLabel = "X",
            description = "Instead of --scale, PEFT's lora_alpha: the scale is alpha / rank.")
    private @Nullable Float alpha;

    @Option(names = "--rslora", description = "The scale is alpha / sqrt(rank) (PEFT: use_rslora). Needs --alpha.")
    private boolean rankStabilized;

    @Option(names = "--dropout", paramLabel = "P", description = "LoRA dropout probability. Default: ${DEFAULT-VALUE}.")
    void dropout(double value) {
        options.dropout(value);
    }

    @Option(
            names = "--num-layers",
            paramLabel = "N",
            description = "Adapt the last N layers; -1 for all. Default: ${DEFAULT-VALUE}.")
    void layers(int value) {
        options.layers(value);
    }

    @Option(
            names = "--targets",
            split = ",",
            paramLabel = "NAME",
            description =
                    "Matrices to adapt: q, k, v, o, gate, up, down, and router of a mixture of experts. Default: all but"
                            + " the router.")
    void targets(List<Target> value) {
        if (!value.isEmpty()) {
            options.targets(EnumSet.copyOf(value));
        }
    }

    /** The scale by its other name. */
    void addAlpha() {
        if (alpha == null) {
            if (rankStabilized) {
                throw new IllegalArgumentException(
                        "--rslora needs --alpha X: the scale is X / sqrt(rank); a scale of its own is given by --scale.");
            }
            return;
        }
        if (isGiven("scale")) {
            throw new IllegalArgumentException("--scale and --alpha both set the LoRA scale; give one of them.");
        }
        options.alpha(alpha, rankStabilized);
    }

    /** Leaves what is not given to the adapter to start from. */
    void addStart() throws IOException {
        if (start == null) {
            return;
        }
        options.resumeAdapterFile(HubNames.of(command).adapter(start));
        if (!isGiven("rank")) {
            options.rank(0);
        }
        if (!isGiven("scale")) {
            options.scale(0);
        }
        if (!isGiven("num-layers")) {
            options.layers(0);
        }
        if (!isGiven("targets")) {
            options.targets(Set.of());
        }
    }

    /** On the command line or in a configuration file. */
    private boolean isGiven(String name) {
        return command.commandLine().getParseResult().hasMatchedOption("--" + name)
                || command.commandLine().getDefaultValueProvider() instanceof TrainDefaults defaults
                        && defaults.isGiven(name);
    }
}
