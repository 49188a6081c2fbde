package io.lethean.lem.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.train.options.NamedOptions;
import io.lethean.lem.train.options.TrainingFiles;
import io.lethean.lem.train.options.TrainingOptions;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What identifies a training is every option that is not excluded by name. */
public class RunFactsTest {

    /** The names and their order in the checkpoints of version 0.4, after the hashes of the files. */
    private static final List<String> RECORDED = List.of(
            "fine-tune-type",
            "rank",
            "scale",
            "dropout",
            "num-layers",
            "targets",
            "iters",
            "epochs",
            "batch-size",
            "grad-accumulation-steps",
            "optimizer",
            "learning-rate",
            "lr-schedule",
            "final-learning-rate",
            "warmup",
            "weight-decay",
            "clip-norm",
            "seed",
            "max-seq-length",
            "truncate",
            "pack",
            "mask-prompt",
            "steps-per-eval",
            "val-batches",
            "patience");

    private static final TrainingOptions DEFAULTS =
            TrainingOptions.defaults(new TrainingFiles(Path.of("m"), Path.of("d"), Path.of("a")));

    @Test
    void identityOfATraining_hasTheRecordedNamesInTheRecordedOrder() {
        assertThat(RunFacts.identity(DEFAULTS.named()).keySet()).containsExactlyElementsOf(RECORDED);
    }

    @Test
    void recordedValues_areThoseOfTheFirstCheckpoints() {
        assertThat(RunFacts.identity(DEFAULTS.named()))
                .containsEntry("fine-tune-type", "lora")
                .containsEntry("scale", "20.0")
                .containsEntry("dropout", "0.0")
                .containsEntry("targets", "[down, gate, k, o, q, up, v]")
                .containsEntry("optimizer", "adamw")
                .containsEntry("learning-rate", "1.0E-5")
                .containsEntry("lr-schedule", "constant")
                .containsEntry("truncate", "false")
                .containsEntry("seed", "0");
    }

    @Test
    void excludedNames_areOptions() {
        assertThat(DEFAULTS.named().keySet()).containsAll(RunFacts.EXCLUDED);
    }

    @Test
    void everyOption_isRecordedOrExcluded() {
        assertThat(undecided(DEFAULTS.named())).isEmpty();
    }

    public record Inner(int rank, boolean newOption) {}

    public record Outer(Inner inner, long seed) {}

    @Test
    void anOptionThatNobodyDecidedOn_isFoundInNestedRecords() {
        Map<String, String> named = NamedOptions.of(new Outer(new Inner(8, true), 0));

        assertThat(undecided(named)).containsExactly("new-option");
        assertThat(RunFacts.identity(named)).containsEntry("new-option", "true");
    }

    /** In neither list, and without a value for older checkpoints. */
    private static Set<String> undecided(Map<String, String> named) {
        Set<String> names = new HashSet<>(named.keySet());
        names.removeAll(RECORDED);
        names.removeAll(RunFacts.EXCLUDED);
        names.removeAll(RunFacts.BEFORE.keySet());
        return names;
    }
}
