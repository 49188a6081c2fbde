package io.lethean.lem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What identifies a training is every option that is not excluded by name. */
class NamedOptionsTest {

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

    record Inner(int rank, boolean newOption) {}

    record Outer(Inner inner, long seed) {}

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

    record WithoutText(Object option) {}

    record Twice(Inner inner, int rank) {}

    @Test
    void optionsThatCannotBeNamed_areRefused() {
        assertThatThrownBy(() -> NamedOptions.of(new WithoutText(new Object())))
                .hasMessage("The option option has the type java.lang.Object, which has no text form in NamedOptions.");
        assertThatThrownBy(() -> NamedOptions.of(new Twice(new Inner(1, true), 2)))
                .hasMessage("Two options have the name rank.");
    }

    @Test
    void builder_hasAMethodForEveryOption() {
        List<String> components = new ArrayList<>();
        addLeaves(TrainingOptions.class, components);
        components.removeAll(List.of("model", "data", "adapterFolder"));

        assertThat(Arrays.stream(TrainingOptions.Builder.class.getMethods())
                        .filter(method -> method.getReturnType() == TrainingOptions.Builder.class)
                        .map(java.lang.reflect.Method::getName))
                .containsAll(components)
                .hasSize(components.size() + 1);
    }

    private static void addLeaves(Class<?> record, List<String> into) {
        for (RecordComponent component : record.getRecordComponents()) {
            if (component.getType().isRecord()) {
                addLeaves(component.getType(), into);
            } else {
                into.add(component.getName());
            }
        }
    }

    @Test
    void builder_setsEachOptionUnderItsOwnName_andOthersKeepTheirDefault() {
        TrainingOptions options = TrainingOptions.builder(Path.of("m"), Path.of("d"), Path.of("a"))
                .fineTuneType(FineTuneType.LORA)
                .rank(3)
                .scale(4)
                .dropout(0.5)
                .layers(6)
                .targets(Set.of(Target.V, Target.Q))
                .epochs(7)
                .batchSize(8)
                .gradientAccumulation(9)
                .optimizer(OptimizerStep.Method.SGD)
                .learningRate(10)
                .schedule(LearningRateSchedule.COSINE)
                .finalLearningRate(11)
                .warmupUpdates(12)
                .weightDecay(13)
                .clipNorm(14)
                .seed(15)
                .maxSequenceLength(16)
                .truncate(true)
                .pack(true)
                .maskPrompt(true)
                .reportEvery(17)
                .evalEvery(18)
                .validationBatches(19)
                .patience(20)
                .saveEvery(21)
                .threads(22)
                .transposed(TransposedType.NONE)
                .maxMemoryBytes(23)
                .build();

        assertThat(options.named().values())
                .containsExactly(
                        "m", "d", "a", "lora", "3", "4.0", "0.5", "6", "[q, v]", "0", "7", "8", "9", "sgd", "10.0",
                        "cosine", "11.0", "12", "13.0", "14.0", "15", "16", "true", "true", "true", "17", "18", "19",
                        "20", "21", "22", "none", "23");
        assertThat(TrainingOptions.builder(Path.of("m"), Path.of("d"), Path.of("a"))
                        .build())
                .isEqualTo(DEFAULTS);
    }

    @Test
    void valuesOutOfRange_areRefusedByName() {
        TrainingOptions.Builder builder = TrainingOptions.builder(Path.of("m"), Path.of("d"), Path.of("a"));

        assertThatThrownBy(builder.rank(0)::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The rank is 0 and must be at least 1.");
        assertThatThrownBy(builder.rank(1).learningRate(Double.NaN)::build)
                .hasMessage("The learning rate is NaN and must be a number of at least 0.");
    }
}
