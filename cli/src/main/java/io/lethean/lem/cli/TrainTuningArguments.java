package io.lethean.lem.cli;

import io.lethean.lem.train.options.FineTuneType;
import io.lethean.lem.train.options.Target;
import io.lethean.lem.train.options.TrainingOptions;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Which weights are trained. */
@Command(optionListHeading = "%nAdapter:%n")
final class TrainTuningArguments {

    /** mlx-lm's kinds of fine-tuning, of which {@link FineTuneType} has those that can be trained. */
    enum FineTuneName {
        LORA,
        DORA,
        FULL
    }

    private final TrainingOptions.Builder options;
    private FineTuneName type = FineTuneName.LORA;

    TrainTuningArguments(TrainingOptions.Builder options) {
        this.options = options;
    }

    @Option(
            names = "--fine-tune-type",
            paramLabel = "TYPE",
            description = "lora, or full for all weights of an f32 model. Default: ${DEFAULT-VALUE}.")
    void fineTuneType(FineTuneName value) {
        type = value;
        options.fineTuneType(value == FineTuneName.FULL ? FineTuneType.FULL : FineTuneType.LORA);
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
            description = "Matrices to adapt: q, k, v, o, gate, up, down. Default: all.")
    void targets(List<Target> value) {
        if (!value.isEmpty()) {
            options.targets(EnumSet.copyOf(value));
        }
    }

    void requireTrainable() {
        if (type == FineTuneName.DORA) {
            throw new IllegalArgumentException("--fine-tune-type " + type.name().toLowerCase(Locale.ROOT)
                    + " cannot be trained, because a GGUF adapter cannot store it; use lora or full.");
        }
    }
}
