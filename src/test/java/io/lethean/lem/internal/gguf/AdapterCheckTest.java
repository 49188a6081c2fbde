package io.lethean.lem.internal.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.InvalidModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AdapterCheckTest {

    @TempDir
    Path folder;

    private GgufFile base;

    @BeforeEach
    void writeBase() throws IOException {
        Path path = folder.resolve("base.gguf");
        RandomModel.llama(1, 32, 4, 2, 48, 400).write(path, 1);
        base = GgufFile.read(path);
    }

    @Test
    void fittingAdapterPasses() throws IOException {
        check(writer -> writer);
        check(writer -> writer.tensor("blk.0.attn_norm.weight", List.of(32L), GgmlType.F32, zeros(32 * 4)));
        check(writer -> writer.remove("adapter.lora.alpha"));
    }

    @Test
    void embeddingPairIsTheOtherWayRound() throws IOException {
        check(writer -> pair(writer, "token_embd.weight", GgmlType.F32, List.of(4L, 400L), List.of(4L, 32L)));
        assertRefused(
                GgufRule.ADAPTER_BASE,
                writer -> pair(writer, "token_embd.weight", GgmlType.F32, List.of(4L, 400L), List.of(8L, 32L)));
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16", "Q8_0"})
    void matrixTypesPass(GgmlType type) throws IOException {
        check(writer -> pair(writer, "blk.0.attn_v.weight", type, List.of(32L, 32L), List.of(32L, 16L)));
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "I8", "I32", "I64", "Q8_1"})
    void otherTypesAreRefused(GgmlType type) {
        assertRefused(
                GgufRule.ADAPTER_TENSORS,
                writer -> pair(writer, "blk.0.attn_v.weight", type, List.of(32L, 32L), List.of(32L, 16L)));
    }

    @Test
    void keysHaveToBeThereAndOfTheirType() {
        assertRefused(GgufRule.ADAPTER_KEYS, writer -> writer.put("general.type", "model"));
        assertRefused(GgufRule.ADAPTER_KEYS, writer -> writer.put("general.type", GgufValue.uint32(1)));
        assertRefused(GgufRule.ADAPTER_KEYS, writer -> writer.remove("adapter.type"));
        assertRefused(GgufRule.ADAPTER_KEYS, writer -> writer.put("adapter.lora.alpha", GgufValue.of(8.0)));
        assertRefused(
                GgufRule.ADAPTER_KEYS,
                writer -> writer.put("adapter.alora.invocation_tokens", GgufArray.ofIntegers(GgufType.INT32, 1)));
        assertRefused(GgufRule.ADAPTER_BASE, writer -> writer.put("general.architecture", "gemma3"));
        assertRefused(GgufRule.ADAPTER_BASE, writer -> writer.put("general.architecture", GgufValue.uint32(1)));
    }

    @Test
    void pairsHaveToBeCompleteAndFit() {
        String value = "blk.0.attn_v.weight";
        assertRefused(
                GgufRule.ADAPTER_TENSORS,
                writer -> writer.tensor(value + ".lora_a", List.of(32L, 4L), GgmlType.F32, zeros(512)));
        assertRefused(
                GgufRule.ADAPTER_TENSORS,
                writer -> writer.tensor(value + ".lora_b", List.of(4L, 16L), GgmlType.F32, zeros(256)));
        assertRefused(GgufRule.ADAPTER_TENSORS, writer -> writer.tensor(value, List.of(1L), GgmlType.F32, zeros(4)));
        assertRefused(
                GgufRule.ADAPTER_BASE,
                writer -> pair(writer, "blk.7.attn_v.weight", GgmlType.F32, List.of(32L, 4L), List.of(4L, 16L)));
        assertRefused(
                GgufRule.ADAPTER_BASE, writer -> pair(writer, value, GgmlType.F32, List.of(32L, 4L), List.of(4L, 32L)));
        assertRefused(
                GgufRule.ADAPTER_BASE, writer -> pair(writer, value, GgmlType.F32, List.of(32L, 4L), List.of(8L, 16L)));
        assertRefused(
                GgufRule.ADAPTER_BASE,
                writer -> pair(writer, value, GgmlType.F32, List.of(32L, 4L, 2L), List.of(4L, 16L)));
    }

    @Test
    void whatLlamaCppWouldIgnoreOrMultiplyWronglyIsRefused() throws IOException {
        assertRefused(
                GgufRule.ADAPTER_TENSORS,
                writer -> pair(writer, "blk.0.attn_norm.weight", GgmlType.F32, List.of(32L, 4L), List.of(4L, 1L)));
        assertRefused(
                GgufRule.ADAPTER_TENSORS,
                writer -> new GgufWriter()
                        .put("general.type", "adapter")
                        .put("general.architecture", "llama")
                        .put("adapter.type", "lora"));
        assertRefused(GgufRule.ADAPTER_KEYS, writer -> writer.put("adapter.lora.alpha", GgufValue.of(Float.NaN)));
        Path tied = folder.resolve("tied.gguf");
        RandomModel.llama(1, 32, 4, 2, 48, 400).tied(true).write(tied, 1);
        base = GgufFile.read(tied);
        assertRefused(
                GgufRule.ADAPTER_BASE,
                writer -> pair(writer, "token_embd.weight", GgmlType.F32, List.of(4L, 400L), List.of(4L, 32L)));
    }

    @Test
    void layoutIsCheckedToo() throws IOException {
        Path path = folder.resolve("adapter.gguf");
        adapter().write(path);
        byte[] whole = java.nio.file.Files.readAllBytes(path);
        java.nio.file.Files.write(path, java.util.Arrays.copyOf(whole, whole.length - 1000));
        GgufFile file = GgufFile.read(path);
        assertThatThrownBy(() -> GgufCheck.requireAdapter(file, base))
                .isInstanceOfSatisfying(
                        InvalidModelException.class, e -> assertThat(e.rule()).isEqualTo("tensor-data"));
    }

    private void assertRefused(GgufRule rule, UnaryOperator<GgufWriter> change) {
        assertThatThrownBy(() -> check(change))
                .isInstanceOfSatisfying(
                        InvalidModelException.class, e -> assertThat(e.rule()).isEqualTo(rule.id()));
    }

    private void check(UnaryOperator<GgufWriter> change) throws IOException {
        Path path = folder.resolve("adapter.gguf");
        change.apply(adapter()).write(path);
        GgufCheck.requireAdapter(GgufFile.read(path), base);
    }

    private static GgufWriter adapter() {
        GgufWriter writer = new GgufWriter()
                .put("general.type", "adapter")
                .put("general.architecture", "llama")
                .put("adapter.type", "lora")
                .put("adapter.lora.alpha", GgufValue.of(8f));
        return pair(writer, "blk.0.attn_q.weight", GgmlType.F32, List.of(32L, 4L), List.of(4L, 32L));
    }

    private static GgufWriter pair(GgufWriter writer, String name, GgmlType type, List<Long> a, List<Long> b) {
        return writer.tensor(name + ".lora_a", a, type, zeros(bytes(type, a)))
                .tensor(name + ".lora_b", b, type, zeros(bytes(type, b)));
    }

    private static long bytes(GgmlType type, List<Long> dims) {
        return new GgufTensor("x", dims, type, 0, 0).bytes();
    }

    private static GgufWriter.TensorSource zeros(long bytes) {
        return GgufWriter.TensorSource.of(new byte[(int) bytes]);
    }
}
