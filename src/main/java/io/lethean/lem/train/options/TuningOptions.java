package io.lethean.lem.train.options;

import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which weights are trained. Rank, scale, dropout, layers and targets apply to adapters only.
 *
 * <p>PEFT calls the rank {@code r}, the scale {@code lora_alpha / r}, the targets {@code target_modules} (q_proj,
 * k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj), the dropout {@code lora_dropout}; {@code layers} is a {@code
 * layers_to_transform} that names the last ones.
 *
 * <p>A training can start from an existing adapter, in any format that {@link io.lethean.lem.adapter} reads. Its
 * rank, scale, layers and targets are then those of the file; a value that is given must agree with the file.
 *
 * @param fineTuneType an adapter of LoRA, the default, one of DoRA, or all weights
 * @param rank LoRA rank of each update, at least 1, default 8; 0 for that of the adapter to start from
 * @param scale LoRA scale: factor of the product of the two matrices, positive, default 20; the file stores alpha,
 *     which is scale times rank; 0 for that of the adapter to start from
 * @param dropout LoRA dropout probability, from 0 to below 1, default 0; must be 0 if all weights are trained
 * @param layers number of adapted layers, counted from the last, at least 1, default 16; -1 for all; 0 for
 *     those of the adapter to start from
 * @param targets which matrices of these layers are adapted, at least one, default all but the router; empty for
 *     those of the adapter to start from
 * @param resumeAdapterFile adapter to start from, with a fresh optimizer; null, the default, for a new one. It is only
 *     read
 */
public record TuningOptions(
        FineTuneType fineTuneType,
        int rank,
        float scale,
        double dropout,
        int layers,
        Set<Target> targets,
        @Nullable Path resumeAdapterFile) {

    /**
     * Checks the values and copies the sets.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public TuningOptions {
        Objects.requireNonNull(fineTuneType, "fineTuneType");
        boolean starts = resumeAdapterFile != null;
        OptionCheck.requireAtLeast("rank", rank, starts ? 0 : 1);
        OptionCheck.require(
                Float.isFinite(scale) && (scale > 0 || starts && scale == 0), "scale", scale, "a positive number");
        OptionCheck.require(dropout >= 0 && dropout < 1, "dropout", dropout, "at least 0 and below 1");
        OptionCheck.require(
                dropout == 0 || fineTuneType.isAdapter(),
                "dropout",
                dropout,
                "0 if all weights are trained, because only adapters have dropout");
        if (!starts || layers != 0) {
            OptionCheck.requireCountOrAll("number of adapted layers", layers);
        }
        OptionCheck.require(
                starts || !targets.isEmpty(),
                "set of targets",
                targets,
                "at least one of q, k, v, o, gate, up, down and router");
        OptionCheck.require(
                !starts || fineTuneType.isAdapter(),
                "adapter to start from",
                "" + resumeAdapterFile,
                "left out if all weights are trained, because only a training of an adapter starts from one");
        targets = targets.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(targets));
    }

    /** {@return the defaults of mlx-lm, on all seven matrices} */
    public static TuningOptions defaults() {
        return new TuningOptions(FineTuneType.LORA, 8, 20, 0, 16, Target.usual(), null);
    }
}
