package io.lethean.lem.train.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Options by name, and a builder with all of them. */
class NamedOptionsTest {

    private static final TrainingOptions DEFAULTS =
            TrainingOptions.defaults(new TrainingFiles(Path.of("m"), Path.of("d"), Path.of("a")));

    record Inner(int rank, boolean newOption) {}

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
                .hasSize(components.size() + 3);
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
                .resumeAdapterFile(Path.of("r"))
                .epochs(7)
                .batchSize(8)
                .gradientAccumulation(9)
                .optimizer(OptimizerMethod.SGD)
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
                .device("cuda0")
                .threads(22)
                .maxMemoryBytes(23)
                .build();

        assertThat(options.named().values())
                .containsExactly(
                        "m", "d", "a", "lora", "3", "4.0", "0.5", "6", "[q, v]", "r", "0", "7", "8", "9", "sgd", "10.0",
                        "cosine", "11.0", "12", "13.0", "14.0", "15", "16", "true", "true", "true", "17", "18", "19",
                        "20", "21", "cuda0", "22", "23");
        assertThat(TrainingOptions.builder(Path.of("m"), Path.of("d"), Path.of("a"))
                        .build())
                .isEqualTo(DEFAULTS);
    }

    @Test
    void optionsByName_areThoseOfTheNamedMap() {
        TrainingOptions.Builder builder = TrainingOptions.builder(Path.of("m"), Path.of("d"), Path.of("a"));
        TrainingOptions changed = TrainingOptions.builder(Path.of("m"), Path.of("d"), Path.of("a"))
                .targets(Set.of(Target.V, Target.Q))
                .iterations(7)
                .optimizer(OptimizerMethod.SGD)
                .learningRate(3e-4)
                .scale(2)
                .maskPrompt(true)
                .seed(9)
                .build();

        changed.named().forEach((name, text) -> {
            if (!text.isEmpty() && !name.equals("epochs")) {
                builder.option(name, text);
            }
        });
        assertThat(builder.build()).isEqualTo(changed);
        assertThat(builder.option("epochs", "3").build().batch().iterations()).isZero();
        assertThat(builder.option("optimizer", "adam").build().optimizer().optimizer())
                .isEqualTo(OptimizerMethod.ADAMW);
    }

    @Test
    void alpha_isDividedByTheRankOrItsRoot() {
        TrainingOptions.Builder builder = TrainingOptions.builder(Path.of("m"), Path.of("d"), Path.of("a"));

        assertThat(builder.alpha(16, false).build().tuning().scale()).isEqualTo(2);
        assertThat(builder.alpha(16, true).rank(64).build().tuning().scale()).isEqualTo(2);
        assertThat(builder.rank(16).build().tuning().scale())
                .as("the rank that is set last")
                .isEqualTo(4);
        assertThatThrownBy(builder.alpha(-1, true)::build)
                .hasMessage("The scale is -0.25 and must be a positive number.");
    }

    @Test
    void unknownNamesAndTextsThatAreNoValues_areRefused() {
        TrainingOptions.Builder builder = TrainingOptions.builder(Path.of("m"), Path.of("d"), Path.of("a"));

        assertThatThrownBy(() -> builder.option("learning-rat", "1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("There is no option learning-rat; the options are model, data, ");
        assertThatThrownBy(() -> builder.option("iters", "many"))
                .hasMessage("The option iters is 'many' and should be a whole number.");
        assertThatThrownBy(() -> builder.option("mask-prompt", "yes"))
                .hasMessage("The option mask-prompt is 'yes' and should be true or false.");
        assertThatThrownBy(() -> builder.option("targets", "q,head"))
                .hasMessage(
                        "The option targets is 'q,head' and should be one or more of q, k, v, o, gate, up, down, router.");
        assertThatThrownBy(() -> builder.option("lr-schedule", "step"))
                .hasMessage("The option lr-schedule is 'step' and should be one of constant, linear, cosine.");
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
