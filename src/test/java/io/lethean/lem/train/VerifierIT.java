package io.lethean.lem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.Fixtures;
import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.engine.AdapterSpec;
import io.lethean.lem.internal.engine.EngineOptions;
import io.lethean.lem.internal.engine.ModelExcerpt;
import io.lethean.lem.internal.engine.TestModel;
import io.lethean.lem.internal.engine.TrainingEngine;
import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.RandomModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class VerifierIT {

    private static final AdapterSpec ADAPTER = AdapterSpec.everywhere(4, 2);

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(TestModel.class)
    void everyArchitecturePassesQuantized(TestModel model) throws IOException {
        Verification found = verify(model.write(folder, GgmlType.Q8_0, 3), EngineOptions.defaults());
        assertThat(found.checks())
                .as(model.name())
                .allMatch(Verification.Check::passed)
                .hasSize(2);
        assertThat(found.layers()).isEqualTo(2);
        assertThat(found.device()).isEqualTo("CPU");
    }

    @Test
    void aTrainedModelPasses() throws IOException {
        GgufFile stories = GgufFile.read(Fixtures.require("models/stories260K-f32.gguf"));
        assertThat(verify(stories, EngineOptions.defaults()).checks()).allMatch(Verification.Check::passed);
    }

    @Test
    void vanishingGradientsFail() throws IOException {
        Verification found = verify(
                TestModel.LLAMA.write(folder, GgmlType.Q8_0, 2),
                EngineOptions.defaults().withLossScale(1e-42f));
        assertThat(found.passed()).isFalse();
        assertThat(found.checks().getFirst().toString()).startsWith("FAILED: worst relative error");
    }

    @ParameterizedTest
    @ValueSource(strings = {"blk.1.ffn_up.weight.lora_b", "blk.0.attn_k.weight.lora_a"})
    void aWrongGradientIsNamed(String name) throws IOException {
        GgufFile model = TestModel.GEMMA3.write(folder, GgmlType.Q8_0, 2);
        Verification stretched = verify(model, engine -> spoil(engine, name, (g, i) -> 1.01f * g[i]));
        assertThat(stretched.passed()).isFalse();
        assertThat(stretched.checks().getFirst().toString())
                .startsWith("FAILED: worst relative error of a gradient against finite differences, f32, of " + name);

        Verification turned = verify(model, engine -> spoil(engine, name, (g, i) -> i % 10 == 0 ? -g[i] : g[i]));
        assertThat(turned.checks().getFirst().toString()).contains("FAILED").contains(name);

        Verification notANumber = verify(model, engine -> spoil(engine, name, (g, i) -> Float.NaN));
        assertThat(notANumber.checks())
                .as("gradients after it, which are right, do not hide it")
                .allSatisfy(
                        check -> assertThat(check.toString()).contains("FAILED").contains(name));
    }

    /** Its loss jumps next to some points, and that hides nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"blk.1.attn_output.weight.lora_a", "blk.0.ffn_gate_exps.weight.lora_a"})
    void aWrongGradientOfAMixtureIsNamed(String name) throws IOException {
        GgufFile model = TestModel.MIXTRAL.write(folder, GgmlType.Q8_0, 3);
        Verification stretched = verify(model, engine -> spoil(engine, name, (g, i) -> 1.02f * g[i]));
        assertThat(stretched.checks().getFirst().toString())
                .startsWith("FAILED: worst relative error of a gradient against finite differences, f32, of " + name);
        Verification turned = verify(model, engine -> spoil(engine, name, (g, i) -> i % 10 == 0 ? -g[i] : g[i]));
        assertThat(turned.checks().getFirst().toString()).contains("FAILED").contains(name);
    }

    private static void spoil(TrainingEngine engine, String name, Spoiling spoiling) {
        Tensor gradient = engine.adapter().find(name).orElseThrow().gradient();
        float[] g = gradient.floats();
        float[] wrong = new float[g.length];
        for (int i = 0; i < g.length; i++) {
            wrong[i] = spoiling.at(g, i);
        }
        gradient.set(wrong);
    }

    private interface Spoiling {
        float at(float[] gradient, int index);
    }

    private static Verification verify(GgufFile model, Consumer<TrainingEngine> afterGradients) throws IOException {
        return Verifier.verify(model, ADAPTER, EngineOptions.defaults(), () -> Backend.cpu(1), afterGradients);
    }

    @Test
    void whatBlocksTrainingIsNamed() throws IOException {
        Path path = folder.resolve("blocked.gguf");
        RandomModel.llama(1, 64, 4, 2, 96, 384)
                .writer(1)
                .tensor(
                        "blk.0.ffn_gate_inp.weight",
                        List.of(1L),
                        GgmlType.F32,
                        channel -> channel.write(java.nio.ByteBuffer.allocate(4)))
                .write(path);
        assertThatThrownBy(() -> verify(GgufFile.read(path), EngineOptions.defaults()))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("blk.0.ffn_gate_inp.weight");
    }

    @Test
    void anExcerptAsF32HasTheNumbersOfItsModel() throws IOException {
        GgufFile whole = TestModel.LLAMA.write(folder);
        GgufFile part = new ModelExcerpt(whole, 1, 300).writeExpanded(folder.resolve("part.gguf"));
        assertThat(part.tensors()).noneMatch(tensor -> tensor.name().startsWith("blk.1."));
        assertThat(part.tensor("output.weight").orElseThrow().dims()).containsExactly(64L, 300L);
        var all = TestModel.weights(whole);
        TestModel.weights(part)
                .forEach((name, values) ->
                        assertThat(values).isEqualTo(java.util.Arrays.copyOf(all.get(name), values.length)));
    }

    @Test
    void nothingIsLeftBehind() throws IOException {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        long before = verifyFolders(temporary);
        verify(TestModel.LLAMA.write(folder), EngineOptions.defaults());
        assertThat(verifyFolders(temporary)).isEqualTo(before);
    }

    private static long verifyFolders(Path temporary) throws IOException {
        try (var entries = Files.list(temporary)) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith(Verifier.TEMPORARY))
                    .count();
        }
    }

    private static Verification verify(GgufFile model, EngineOptions options) throws IOException {
        return Verifier.verify(model, ADAPTER, options, () -> Backend.cpu(1));
    }
}
