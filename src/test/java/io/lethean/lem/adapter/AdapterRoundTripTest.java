package io.lethean.lem.adapter;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdapterRoundTripTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral3", "gemma2", "gemma3", "qwen2", "qwen3"})
    void ggufThroughPeftAndBackIsTheSameFile(String architecture) throws IOException {
        assertSameAfter(AdapterFormat.PEFT, AdapterExamples.model(architecture), 0.8f);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral3", "gemma2", "gemma3", "qwen2", "qwen3"})
    void ggufThroughMlxAndBackIsTheSameFile(String architecture) throws IOException {
        assertSameAfter(AdapterFormat.MLX, AdapterExamples.model(architecture), 80f);
    }

    private void assertSameAfter(AdapterFormat format, ModelOutline model, float alpha) throws IOException {
        Path first = folder.resolve("first.gguf");
        AdapterFiles.writeGguf(AdapterExamples.everything(model, alpha, 1), first);
        Path other = folder.resolve("other");
        AdapterFiles.write(AdapterFiles.read(first, model), model, format, other, "base");
        assertThat(AdapterFiles.format(other)).isEqualTo(format);
        Path second = folder.resolve("second.gguf");
        AdapterFiles.writeGguf(AdapterFiles.read(other, model), second);
        assertThat(Files.readAllBytes(second)).isEqualTo(Files.readAllBytes(first));
        assertThat(AdapterFiles.readGguf(second).alpha()).isEqualTo(alpha);
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
