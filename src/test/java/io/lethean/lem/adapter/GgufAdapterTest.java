package io.lethean.lem.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GgufAdapterTest {

    private static final String V = "blk.0.attn_v.weight";

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("adapter.gguf");
    }

    private static GgufWriter valid() {
        return new GgufWriter()
                .put("general.type", "adapter")
                .put("general.architecture", "llama")
                .put("adapter.type", "lora")
                .put("adapter.lora.alpha", GgufValue.of(6f));
    }

    private static GgufWriter tensor(GgufWriter writer, String name, GgmlType type, long... dims) {
        List<Long> shape = Arrays.stream(dims).boxed().toList();
        long elements = Arrays.stream(dims).reduce(1, Math::multiplyExact);
        int bytes = (int) (type.rowBytes(dims[0]) * (elements / dims[0]));
        return writer.tensor(name, shape, type, GgufWriter.TensorSource.of(new byte[bytes]));
    }

    private static GgufWriter withPair(GgufWriter writer) {
        tensor(writer, V + ".lora_a", GgmlType.F32, 16, 2);
        return tensor(writer, V + ".lora_b", GgmlType.F32, 2, 12);
    }

    private void assertRefused(GgufWriter writer, String rule, String message) throws IOException {
        writer.write(file());
        assertThatThrownBy(() -> AdapterFiles.read(file(), AdapterExamples.model("llama")))
                .isInstanceOfSatisfying(
                        InvalidModelException.class, e -> assertThat(e.rule()).isEqualTo(rule))
                .hasMessageContaining(message);
    }

    @Test
    void keysAndShapesAreThoseThatLlamaCppWants() throws IOException {
        ModelOutline model = AdapterExamples.model("qwen3");
        AdapterFiles.writeGguf(AdapterExamples.everything(model, 16, 4), file());
        GgufFile gguf = GgufFile.read(file());
        assertThat(gguf.metadata().text("general.type")).hasValue("adapter");
        assertThat(gguf.metadata().text("general.architecture")).hasValue("qwen3");
        assertThat(gguf.metadata().text("adapter.type")).hasValue("lora");
        assertThat(gguf.metadata().asMap().get("adapter.lora.alpha")).isEqualTo(GgufValue.of(16f));
        assertThat(gguf.tensor("blk.2.ffn_down.weight.lora_a").orElseThrow().dims())
                .containsExactly(20L, 4L);
        assertThat(gguf.tensor("blk.2.ffn_down.weight.lora_b").orElseThrow().dims())
                .containsExactly(4L, 16L);
        assertThat(gguf.tensor("token_embd.weight.lora_a").orElseThrow().dims()).containsExactly(4L, 11L);
        assertThat(gguf.tensor("token_embd.weight.lora_b").orElseThrow().dims()).containsExactly(4L, 16L);
    }

    @ParameterizedTest
    @EnumSource(
            value = GgmlType.class,
            names = {"F32", "F16", "BF16"})
    void floatTypesAreAccepted(GgmlType type) throws IOException {
        tensor(tensor(valid(), V + ".lora_a", type, 16, 2), V + ".lora_b", type, 2, 12)
                .write(file());
        Adapter adapter = AdapterFiles.read(file(), AdapterExamples.model("llama"));
        assertThat(adapter.pairs().getFirst().a().values()).hasSize(32).containsOnly(0f);
    }

    @Test
    void quantizedFactorIsReadBlockByBlock() {
        // Two blocks of Q8_0: scales 0.5 and -2, bytes 0..31 each.
        byte[] bytes = new byte[68];
        bytes[1] = 0x38;
        bytes[35] = (byte) 0xC0;
        for (int i = 0; i < 32; i++) {
            bytes[2 + i] = (byte) i;
            bytes[36 + i] = (byte) -i;
        }
        float[] values = new float[64];
        AdapterTensorType.Q8_0.decode(ByteBuffer.wrap(bytes), values, 0, 64);
        for (int i = 0; i < 32; i++) {
            assertThat(values[i]).isEqualTo(i * 0.5f);
            assertThat(values[32 + i]).isEqualTo(i * 2f);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = GgmlType.class,
            names = {"F64", "I32", "I8"})
    void typeThatWouldEndTheProcessIsRefusedByName(GgmlType type) throws IOException {
        GgufWriter writer = tensor(valid(), V + ".lora_a", type, 16, 2);
        assertRefused(tensor(writer, V + ".lora_b", GgmlType.F32, 2, 12), "adapter-tensor-type", type.ggmlName());
    }

    @Test
    void modelIsNoAdapter() throws IOException {
        assertRefused(withPair(valid().remove("general.type")), "adapter-metadata", "general.type");
        assertRefused(withPair(valid().put("adapter.type", "control")), "adapter-metadata", "is control");
        assertRefused(withPair(valid().put("general.type", GgufValue.of(1f))), "adapter-metadata", "general.type");
        assertRefused(withPair(valid().remove("general.architecture")), "adapter-metadata", "architecture");
    }

    @Test
    void alphaOfAnotherTypeIsRefusedBecauseLlamaCppWouldAbort() throws IOException {
        assertRefused(withPair(valid().put("adapter.lora.alpha", GgufValue.uint32(6))), "adapter-metadata", "FLOAT32");
        assertRefused(withPair(valid().put("adapter.lora.alpha", "6")), "adapter-metadata", "FLOAT32");
        assertRefused(withPair(valid().put("adapter.lora.alpha", GgufValue.of(Float.NaN))), "adapter-scale", "NaN");
    }

    @Test
    void missingAlphaMeansThatTheRankDoesNotDivide() throws IOException {
        List<Consumer<GgufWriter>> variants = List.of(
                writer -> writer.remove("adapter.lora.alpha"),
                writer -> writer.put("adapter.lora.alpha", GgufValue.of(0f)));
        for (Consumer<GgufWriter> variant : variants) {
            GgufWriter writer = withPair(valid());
            variant.accept(writer);
            writer.write(file());
            Adapter adapter = AdapterFiles.readGguf(file());
            assertThat(adapter.alpha()).isEqualTo(2f);
            assertThat(adapter.scale(adapter.pairs().getFirst())).isEqualTo(1f);
        }
    }

    @Test
    void tensorsThatAreNoFactorsAreRefusedAndNormsAreNoted() throws IOException {
        assertRefused(tensor(withPair(valid()), "blk.0.attn_q.bias", GgmlType.F32, 24), "adapter-tensor-name", "bias");
        assertRefused(tensor(valid(), V + ".lora_a", GgmlType.F32, 16, 2), "adapter-pair", "only the factor A");
        tensor(withPair(valid()), "blk.0.attn_norm.weight", GgmlType.F32, 16).write(file());
        assertThat(AdapterFiles.readGguf(file()).notes())
                .singleElement()
                .asString()
                .contains("attn_norm");
    }

    @Test
    void shapesThatDoNotFitAreRefused() throws IOException {
        GgufWriter ranks = tensor(valid(), V + ".lora_a", GgmlType.F32, 16, 3);
        assertRefused(tensor(ranks, V + ".lora_b", GgmlType.F32, 2, 12), "adapter-rank", "3 for A and 2 for B");
        GgufWriter cube = tensor(valid(), V + ".lora_a", GgmlType.F32, 16, 2, 2);
        assertRefused(
                tensor(cube, V + ".lora_b", GgmlType.F32, 2, 12),
                "adapter-shape",
                "factor of 2 and another of 1 matrix");
        GgufWriter four = tensor(valid(), V + ".lora_a", GgmlType.F32, 16, 2, 2, 2);
        assertRefused(tensor(four, V + ".lora_b", GgmlType.F32, 2, 12), "adapter-tensor-shape", "16 x 2 x 2 x 2");
        GgufWriter uneven = tensor(valid(), V + ".lora_a", GgmlType.F32, 16, 2, 2);
        assertRefused(tensor(uneven, V + ".lora_b", GgmlType.F32, 3, 12, 2), "adapter-rank", "3 for B with 2 experts");
        GgufWriter other = tensor(valid(), V + ".lora_a", GgmlType.F32, 17, 2);
        assertRefused(tensor(other, V + ".lora_b", GgmlType.F32, 2, 12), "adapter-shape", "17 x 12");
        assertRefused(valid(), "adapter-empty", "no LoRA tensors");
    }

    @Test
    void adapterForAnotherArchitectureIsRefused() throws IOException {
        assertRefused(withPair(valid().put("general.architecture", "gemma3")), "adapter-architecture", "gemma3");
    }

    @Test
    void trainedFolderIsReadByItsAdapterFile() throws IOException {
        withPair(valid()).write(file());
        assertThat(AdapterFiles.format(folder)).isEqualTo(AdapterFormat.GGUF);
        assertThat(AdapterFiles.readGguf(folder).pairs()).hasSize(1);
    }

    @Test
    void nothingThereIsAMissingFile() {
        assertThatThrownBy(() -> AdapterFiles.format(folder.resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void failedWriteLeavesTheOldAdapter() throws IOException {
        withPair(valid()).write(file());
        byte[] before = Files.readAllBytes(file());
        Factor broken = Factor.reading(1, 16, false, (into, at) -> {
            throw new IOException("no space left");
        });
        LoraPair pair = new LoraPair(V, broken, Factor.of(12, 1, new float[12]));
        assertThatThrownBy(() -> AdapterFiles.writeGguf(Adapter.of("llama", 1, List.of(pair)), file()))
                .hasMessageContaining("no space left");
        assertThat(file()).hasBinaryContent(before);
    }
}
