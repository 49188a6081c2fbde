package io.lethean.lem.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A trained adapter outside the engine: in llama.cpp, in a file, in a checkpoint. */
class AdapterWeightsIT {

    private static final EngineOptions OPTIONS = EngineOptions.defaults();

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(value = TestModel.class, mode = EnumSource.Mode.EXCLUDE, names = "MISTRAL")
    void llamaCppWithTheAdapterHasTheTrainersLoss(TestModel model) throws IOException {
        GgufFile file = model.write(folder);
        assertSameLoss(GradientCase.of(model, file), 1e-4);
    }

    @Test
    void llamaCppWithTheAdapterOnAQuantizedBaseHasTheTrainersLoss() throws IOException {
        assertSameLoss(GradientCase.of(TestModel.LLAMA, TestModel.LLAMA.write(folder, GgmlType.Q8_0, 2)), 2e-2);
    }

    private void assertSameLoss(GradientCase testCase, double bound) throws IOException {
        Path path = folder.resolve("adapter.gguf");
        double before;
        double after;
        try (TrainingEngine engine = trained(testCase, 20)) {
            engine.adapter().parameters();
            after = engine.evaluate(testCase.batch()).mean();
            AdapterFiles.writeGguf(engine.adapter().toAdapter(), path);
            engine.adapter().initialize(1);
            before = engine.evaluate(testCase.batch()).mean();
        }
        assertThat(after).isLessThan(before / 2);
        assertThat(libllamaLoss(testCase, testCase.file().path(), path)).isCloseTo(after, within(bound));
    }

    private static TrainingEngine trained(GradientCase testCase, int steps) throws IOException {
        TrainingEngine engine =
                TrainingEngine.open(testCase.file(), AdapterSpec.everywhere(4, 2), OPTIONS.withTabledGelu(true), 1);
        for (int step = 1; step <= steps; step++) {
            engine.accumulate(testCase.batch());
            engine.step(OptimizerStep.adamW(1e-2f, step));
        }
        return engine;
    }

    /** The loss of a batch as llama.cpp has it with a model and, if there is one, an adapter. */
    static double libllamaLoss(GradientCase testCase, Path model, @Nullable Path adapter) {
        SampleBatch batch = testCase.batch();
        return LibllamaLogits.summedLoss(model, adapter, batch) / batch.targetCount();
    }

    @Test
    void anAdapterReadFromItsFileIsTheSame() throws IOException {
        GradientCase llama = GradientCase.of(TestModel.LLAMA, TestModel.LLAMA.write(folder));
        Path path = folder.resolve("adapter.gguf");
        try (TrainingEngine engine = trained(llama, 3);
                TrainingEngine other = TrainingEngine.open(llama.file(), AdapterSpec.everywhere(4, 2), OPTIONS, 9)) {
            AdapterFiles.writeGguf(engine.adapter().toAdapter(), path);
            Adapter read = AdapterFiles.readGguf(path);
            other.adapter().load(read);
            for (int i = 0; i < engine.adapter().parameters().size(); i++) {
                assertThat(other.adapter().parameters().get(i).value().floats())
                        .isEqualTo(engine.adapter().parameters().get(i).value().floats());
            }
            assertThat(other.evaluate(llama.batch())).isEqualTo(engine.evaluate(llama.batch()));
        }
    }

    @Test
    void anAdapterOfAnotherRankIsRefused() throws IOException {
        GradientCase llama = GradientCase.of(TestModel.LLAMA, TestModel.LLAMA.write(folder));
        try (TrainingEngine engine = trained(llama, 1);
                TrainingEngine other = TrainingEngine.open(llama.file(), AdapterSpec.everywhere(3, 2), OPTIONS, 9)) {
            LossSum before = other.evaluate(llama.batch());
            assertThatThrownBy(() -> other.adapter().load(engine.adapter().toAdapter()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("rank 4")
                    .hasMessageContaining("rank 3");
            assertThatThrownBy(() -> other.adapter().restore(engine.adapter().copy()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(other.evaluate(llama.batch())).isEqualTo(before);
        }
    }

    @Test
    void trainingGoesOnBitForBitFromACopiedState() throws IOException {
        GradientCase llama = GradientCase.of(TestModel.LLAMA, TestModel.LLAMA.write(folder));
        try (TrainingEngine engine = trained(llama, 3);
                TrainingEngine resumed = TrainingEngine.open(
                        llama.file(), AdapterSpec.everywhere(4, 2), OPTIONS.withTabledGelu(true), 9)) {
            resumed.adapter().restore(engine.adapter().copy());
            for (int step = 4; step <= 6; step++) {
                engine.accumulate(llama.batch());
                engine.step(OptimizerStep.adamW(1e-2f, step));
                resumed.accumulate(llama.batch());
                resumed.step(OptimizerStep.adamW(1e-2f, step));
            }
            for (int i = 0; i < engine.adapter().parameters().size(); i++) {
                TrainableState.Numbers one = engine.adapter().copy().tensors().get(i);
                TrainableState.Numbers other =
                        resumed.adapter().copy().tensors().get(i);
                assertThat(other.values()).isEqualTo(one.values());
                assertThat(other.m()).isEqualTo(one.m());
                assertThat(other.v()).isEqualTo(one.v());
            }
        }
    }
}
