package io.lethean.lem.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Training all weights of a model, and the model that comes of it in llama.cpp. */
class ModelWeightsIT {

    private static final EngineOptions OPTIONS = EngineOptions.defaults();

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(TestModel.class)
    void everyTensorButTheRotationsFactorsIsTrained(TestModel model) throws IOException {
        GgufFile file = model.write(folder);
        try (TrainingEngine engine = TrainingEngine.openWhole(file, OPTIONS)) {
            engine.accumulate(GradientCase.of(model, file).batch());
            assertThat(engine.trainable().parameters())
                    .extracting(Trainable.Parameter::name)
                    .containsExactlyElementsOf(file.tensors().stream()
                            .map(GgufTensor::name)
                            .filter(name -> !name.equals("rope_freqs.weight"))
                            .toList());
            assertThat(engine.trainable().parameters())
                    .allSatisfy(parameter -> assertThat(norm(parameter)).isGreaterThan(0));
        }
    }

    private static double norm(Trainable.Parameter parameter) {
        return GradientCase.norm(GradientCase.doubles(parameter.gradient().floats()));
    }

    @ParameterizedTest
    @EnumSource(value = TestModel.class, mode = EnumSource.Mode.EXCLUDE, names = "MISTRAL")
    void llamaCppHasTheTrainersLossWithTheWrittenModel(TestModel model) throws IOException {
        GgufFile file = model.write(folder);
        GradientCase testCase = GradientCase.of(model, file);
        Path written = folder.resolve("trained.gguf");
        try (TrainingEngine engine = TrainingEngine.openWhole(file, OPTIONS.withTabledGelu(true))) {
            double before = engine.evaluate(testCase.batch()).mean();
            for (int step = 1; step <= 30; step++) {
                engine.accumulate(testCase.batch());
                engine.step(OptimizerStep.adamW(1e-3f, step));
            }
            double after = engine.evaluate(testCase.batch()).mean();
            engine.trainable().write(written);
            assertThat(after).isLessThan(before / 10);
            assertThat(AdapterWeightsIT.libllamaLoss(testCase, written, null)).isCloseTo(after, within(1e-4));
        }
        GgufFile reread = GgufFile.read(written);
        assertThat(reread.metadata().asMap()).isEqualTo(file.metadata().asMap());
        Map<String, double[]> then = TestModel.weights(file);
        TestModel.weights(reread)
                .forEach((name, now) -> assertThat(Arrays.equals(now, then.get(name)))
                        .as(name)
                        .isEqualTo(name.equals("rope_freqs.weight")));
    }

    @Test
    void aModelThatIsNotF32IsRefusedByTheTensorsName() throws IOException {
        GgufFile quantized = TestModel.LLAMA.write(folder, GgmlType.Q8_0, 2);
        assertThatThrownBy(() -> TrainingEngine.openWhole(quantized, OPTIONS))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("token_embd.weight")
                .hasMessageContaining("q8_0")
                .hasMessageContaining("write the model as f32, or train an adapter");
    }

    @Test
    void thereIsNoAdapterToAskFor() throws IOException {
        try (TrainingEngine engine = TrainingEngine.openWhole(TestModel.LLAMA.write(folder), OPTIONS)) {
            assertThatThrownBy(engine::adapter).isInstanceOf(IllegalStateException.class);
        }
    }
}
