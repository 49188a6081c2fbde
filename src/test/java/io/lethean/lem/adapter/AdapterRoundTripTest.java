package io.lethean.lem.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.safetensors.SafetensorsEntry;
import io.lethean.lem.internal.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdapterRoundTripTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral3", "gemma2", "gemma3", "gemma4", "qwen2", "qwen3"})
    void ggufThroughPeftAndBackIsTheSameFile(String architecture) throws IOException {
        assertSameAfter(AdapterFormat.PEFT, AdapterExamples.model(architecture), 0.8f);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral3", "gemma2", "gemma3", "gemma4", "qwen2", "qwen3"})
    void ggufThroughMlxAndBackIsTheSameFile(String architecture) throws IOException {
        assertSameAfter(AdapterFormat.MLX, AdapterExamples.model(architecture), 80f);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "qwen3moe", "gpt-oss"})
    void adaptersOfExpertsAndRoutersThroughPeftAndMlxAreTheSameFile(String architecture) throws IOException {
        assertSameAfter(AdapterFormat.PEFT, AdapterExamples.mixture(architecture), 0.8f);
        assertSameAfter(AdapterFormat.MLX, AdapterExamples.mixture(architecture), 80f);
    }

    /** With ranks that differ, the two updates of one matrix in PEFT get one scale. */
    @ParameterizedTest
    @CsvSource({"PEFT, llama", "PEFT, gpt-oss", "MLX, llama", "MLX, gpt-oss"})
    void expertsOfDifferentRankKeepTheirUpdate(AdapterFormat format, String architecture) throws IOException {
        ModelOutline model = AdapterExamples.mixture(architecture);
        SplittableRandom random = new SplittableRandom(3);
        List<LoraPair> pairs = new ArrayList<>();
        pairs.add(AdapterExamples.pair(model, "blk.0.ffn_gate_exps.weight", 4, random));
        pairs.add(AdapterExamples.pair(model, "blk.0.ffn_up_exps.weight", 6, random));
        pairs.add(AdapterExamples.pair(model, "blk.0.ffn_down_exps.weight", 4, random));
        pairs.add(AdapterExamples.pair(model, "blk.1.ffn_up_exps.weight", 3, random));
        pairs.add(AdapterExamples.pair(model, "blk.2.ffn_gate_exps.weight", 4, random));
        pairs.add(AdapterExamples.pair(model, "blk.2.ffn_gate_inp.weight", 2, random));
        Adapter adapter = Adapter.of(architecture, 8, pairs);
        Path path = folder.resolve("ranks");
        AdapterFiles.write(adapter, model, format, path, "base");
        Adapter read = AdapterFiles.read(path, model);
        assertThat(read.pairs()).hasSize(pairs.size());
        for (LoraPair pair : pairs) {
            assertUpdates(read, adapter, pair.tensor());
        }
    }

    @ParameterizedTest
    @CsvSource({"PEFT, llama", "PEFT, gpt-oss", "MLX, qwen3moe"})
    void halfPrecisionOfExpertsSurvives(AdapterFormat format, String architecture) throws IOException {
        ModelOutline model = AdapterExamples.mixture(architecture);
        Adapter adapter = halved(AdapterExamples.everything(model, 8, 5));
        Path path = folder.resolve("half");
        AdapterFiles.write(adapter, model, format, path, "base");
        Adapter read = AdapterFiles.read(path, model);
        for (LoraPair pair : adapter.pairs()) {
            LoraPair same = read.pair(pair.tensor()).orElseThrow();
            assertThat(same.a().isHalf() && same.b().isHalf()).as(pair.tensor()).isTrue();
            assertThat(same.a().values()).containsExactly(pair.a().values());
            assertThat(same.b().values()).containsExactly(pair.b().values());
        }
    }

    private static Adapter halved(Adapter adapter) {
        return Adapter.of(
                adapter.architecture(),
                adapter.alpha(),
                adapter.pairs().stream()
                        .map(pair -> pair.with(halved(pair.a()), halved(pair.b())))
                        .toList());
    }

    private static Factor halved(Factor factor) {
        float[] values = factor.values();
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.float16ToFloat(Float.floatToFloat16(values[i]));
        }
        return Factor.reading(
                factor.rows(),
                factor.columns(),
                true,
                (into, at) -> System.arraycopy(values, 0, into, at, values.length));
    }

    @Test
    void magnitudeOfARouter_hasNoFormInPeft() {
        ModelOutline model = AdapterExamples.mixture("qwen3moe");
        LoraPair plain = AdapterExamples.pair(model, "blk.1.ffn_gate_inp.weight", 2, new SplittableRandom(1));
        LoraPair scaled = new LoraPair(
                plain.tensor(),
                plain.a(),
                plain.b(),
                Factor.of(AdapterExamples.EXPERTS, 1, new float[AdapterExamples.EXPERTS]));
        Adapter adapter = Adapter.of("qwen3moe", 4, List.of(scaled));
        assertThatThrownBy(
                        () -> AdapterFiles.write(adapter, model, AdapterFormat.PEFT, folder.resolve("router"), "base"))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("magnitude (DoRA) of the router blk.1.ffn_gate_inp.weight")
                .hasMessageContaining("keep the adapter as GGUF");
        assertThat(folder.resolve("router")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"PEFT, ffn_down_exps", "MLX, ffn_down_exps", "PEFT, ffn_gate_inp", "MLX, ffn_gate_inp"})
    void expertsOfAnArchitectureWithOtherNames_areRefusedByName(AdapterFormat format, String part) {
        ModelOutline model = AdapterExamples.mixture("gemma4");
        LoraPair pair = AdapterExamples.pair(model, "blk.1." + part + ".weight", 2, new SplittableRandom(1));
        Adapter adapter = Adapter.of("gemma4", 4, List.of(pair));
        assertThatThrownBy(() -> AdapterFiles.write(adapter, model, format, folder.resolve("other"), "base"))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("blk.1." + part + ".weight")
                .hasMessageContaining("keep it as GGUF");
        assertThat(folder.resolve("other")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral3", "gemma2", "gemma3", "gemma4", "qwen2", "qwen3"})
    void adaptersOfDoraThroughPeftAndMlxAreTheSameFile(String architecture) throws IOException {
        ModelOutline model = AdapterExamples.model(architecture);
        assertSameAfter(AdapterFormat.PEFT, model, AdapterExamples.dora(model, 0.8f, 1));
        assertSameAfter(AdapterFormat.MLX, model, AdapterExamples.dora(model, 80f, 1));
    }

    /** All published sizes are multimodal, and their other parts have modules called q_proj, too. */
    @ParameterizedTest
    @CsvSource({
        "PEFT, base_model.model.model.language_model.layers.1.self_attn.q_proj.lora_A.weight",
        "MLX, language_model.model.layers.1.self_attn.q_proj.lora_a"
    })
    void modulesOfGemma4AreThoseOfTheTextPartOfAMultimodalModel(AdapterFormat format, String name) throws IOException {
        ModelOutline model = AdapterExamples.model("gemma4");
        LoraPair pair = AdapterExamples.pair(model, "blk.1.attn_q.weight", 2, new SplittableRandom(1));
        Path written = folder.resolve("gemma4");
        AdapterFiles.write(Adapter.of("gemma4", 1, List.of(pair)), model, format, written, "base");
        SafetensorsFile file = SafetensorsFile.open(AdapterFiles.locate(written).weights());
        assertThat(file.entries()).extracting(SafetensorsEntry::name).contains(name);
        if (format == AdapterFormat.PEFT) {
            assertThat(Files.readString(written.resolve("adapter_config.json")))
                    .contains("\"target_modules\" : [ \"model.language_model.layers.1.self_attn.q_proj\" ]")
                    .contains("\"layers_to_transform\" : null");
        }
    }

    /** With one column, B has the values of the magnitude, so both must be in the same order everywhere. */
    @ParameterizedTest
    @CsvSource({"PEFT, llama", "PEFT, qwen2", "MLX, llama", "MLX, qwen2"})
    void magnitudesHaveTheOrderOfTheRowsOfB(AdapterFormat format, String architecture) throws IOException {
        ModelOutline model = AdapterExamples.model(architecture);
        int rows = AdapterExamples.HEADS * AdapterExamples.HEAD_ROWS;
        float[] values = AdapterExamples.values(rows, new SplittableRandom(4));
        LoraPair pair = new LoraPair(
                "blk.1.attn_q.weight",
                Factor.of(1, AdapterExamples.INPUTS, new float[AdapterExamples.INPUTS]),
                Factor.of(rows, 1, values),
                Factor.of(rows, 1, values));
        AdapterFiles.write(
                Adapter.of(architecture, 1, List.of(pair)), model, format, folder.resolve("ordered"), "base");
        SafetensorsFile file = SafetensorsFile.open(
                AdapterFiles.locate(folder.resolve("ordered")).weights());
        List<float[]> found = new ArrayList<>();
        for (SafetensorsEntry entry : file.entries()) {
            if (entry.elements() == rows) {
                float[] stored = new float[rows];
                file.copy(entry, stored, 0);
                found.add(stored);
            }
        }
        assertThat(found).hasSize(2);
        assertThat(found.getFirst()).containsExactly(found.getLast());
        if (architecture.equals("qwen2")) {
            assertThat(found.getFirst()).containsExactly(values);
        } else {
            assertThat(found.getFirst()).isNotEqualTo(values);
        }
    }

    @Test
    void doraOfSomeMatricesOnly_hasNoFormInPeft() {
        ModelOutline model = AdapterExamples.model("llama");
        List<LoraPair> pairs = new ArrayList<>(AdapterExamples.dora(model, 4, 1).pairs());
        pairs.set(
                0,
                new LoraPair(
                        pairs.getFirst().tensor(),
                        pairs.getFirst().a(),
                        pairs.getFirst().b()));
        Adapter mixed = Adapter.of("llama", 4, pairs);
        assertThatThrownBy(() -> AdapterFiles.write(mixed, model, AdapterFormat.PEFT, folder.resolve("mixed"), "base"))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("Of the adapter's 21 updates only 20 have a magnitude");
        assertThat(folder.resolve("mixed")).doesNotExist();
    }

    @Test
    void doraIsNotConvertedToGguf_becauseLlamaCppCannotApplyIt() throws IOException {
        ModelOutline model = AdapterExamples.model("llama");
        AdapterFiles.write(
                AdapterExamples.dora(model, 4, 1), model, AdapterFormat.PEFT, folder.resolve("peft"), "base");
        assertThatThrownBy(() -> AdapterFiles.convert(
                        folder.resolve("peft"), model, AdapterFormat.GGUF, folder.resolve("a.gguf"), "base"))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("is one of DoRA")
                .hasMessageContaining("lem fuse");
        assertThat(folder.resolve("a.gguf")).doesNotExist();
        assertThatThrownBy(() -> AdapterFiles.locate(folder.resolve("peft")).readApplicable(model))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("lem fuse");
    }

    private void assertSameAfter(AdapterFormat format, ModelOutline model, float alpha) throws IOException {
        assertSameAfter(format, model, AdapterExamples.everything(model, alpha, 1));
    }

    private void assertSameAfter(AdapterFormat format, ModelOutline model, Adapter adapter) throws IOException {
        Path first = folder.resolve("first.gguf");
        AdapterFiles.writeGguf(adapter, first);
        Path other = folder.resolve("other" + format);
        AdapterFiles.write(AdapterFiles.read(first, model), model, format, other, "base");
        assertThat(AdapterFiles.format(other)).isEqualTo(format);
        Path second = folder.resolve("second.gguf");
        AdapterFiles.writeGguf(AdapterFiles.read(other, model), second);
        assertThat(Files.readAllBytes(second)).isEqualTo(Files.readAllBytes(first));
        assertThat(AdapterFiles.readGguf(second).alpha()).isEqualTo(adapter.alpha());
    }

    @ParameterizedTest
    @EnumSource(AdapterFormat.class)
    void halfPrecisionSurvivesEveryFormat(AdapterFormat format) throws IOException {
        ModelOutline model = AdapterExamples.model("llama");
        Factor a = halfFactor(1, AdapterExamples.INPUTS);
        int outputs = AdapterExamples.HEADS * AdapterExamples.HEAD_ROWS;
        Factor b = halfFactor(outputs, 1);
        Adapter adapter = Adapter.of("llama", 2, List.of(new LoraPair("blk.1.attn_q.weight", a, b)));
        Path path = folder.resolve("half");
        AdapterFiles.write(adapter, model, format, path, "base");
        LoraPair read = AdapterFiles.read(path, model).pairs().getFirst();
        assertThat(read.a().isHalf()).isTrue();
        assertThat(read.b().isHalf()).isTrue();
        assertThat(read.a().values()).containsExactly(halves(AdapterExamples.INPUTS));
        assertThat(read.b().values()).containsExactly(halves(outputs));
    }

    private static Factor halfFactor(int rows, int columns) {
        float[] values = halves(rows * columns);
        return Factor.reading(rows, columns, true, (into, at) -> System.arraycopy(values, 0, into, at, values.length));
    }

    private static float[] halves(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i / 8f;
        }
        return values;
    }

    @ParameterizedTest
    @EnumSource(AdapterFormat.class)
    void tensorsOfDifferentRankKeepTheirUpdate(AdapterFormat format) throws IOException {
        ModelOutline model = AdapterExamples.model("llama");
        SplittableRandom random = new SplittableRandom(3);
        List<LoraPair> pairs = new ArrayList<>();
        pairs.add(AdapterExamples.pair(model, "blk.0.attn_q.weight", 4, random));
        pairs.add(AdapterExamples.pair(model, "blk.0.attn_v.weight", 4, random));
        pairs.add(AdapterExamples.pair(model, "blk.1.ffn_down.weight", 6, random));
        Adapter adapter = Adapter.of("llama", 8, pairs);
        Path path = folder.resolve("ranks");
        AdapterFiles.write(adapter, model, format, path, "base");
        Adapter read = AdapterFiles.read(path, model);
        for (LoraPair pair : pairs) {
            assertUpdates(read, adapter, pair.tensor());
        }
    }

    @Test
    void invocationTokensOfAnActivatedLoraSurvivePeft() throws IOException {
        ModelOutline model = AdapterExamples.model("qwen2");
        Adapter plain = AdapterExamples.everything(model, 4, 2);
        Adapter adapter = new Adapter("qwen2", 4, plain.pairs(), List.of(5, 6, 7), List.of());
        AdapterFiles.write(adapter, model, AdapterFormat.PEFT, folder.resolve("peft"), "base");
        Adapter fromPeft = AdapterFiles.read(folder.resolve("peft"), model);
        AdapterFiles.writeGguf(fromPeft, folder.resolve("a.gguf"));
        assertThat(AdapterFiles.readGguf(folder.resolve("a.gguf")).invocationTokens())
                .containsExactly(5, 6, 7);
    }

    static void assertUpdates(Adapter actual, Adapter expected, String tensor) {
        double[][] found = AdapterExamples.update(actual, tensor);
        double[][] wanted = AdapterExamples.update(expected, tensor);
        for (int row = 0; row < wanted.length; row++) {
            assertThat(found[row]).as(tensor + " row " + row).containsExactly(wanted[row], Offset.offset(1e-6));
        }
    }
}
