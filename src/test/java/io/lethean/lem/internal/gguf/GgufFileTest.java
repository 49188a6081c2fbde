package io.lethean.lem.internal.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.Fixtures;
import io.lethean.lem.InvalidModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class GgufFileTest {

    @TempDir
    Path folder;

    @Test
    void readsHeaderOfStories260K() throws IOException {
        GgufFile file = GgufFile.read(Fixtures.require("models/stories260K-f32.gguf"));

        assertThat(file.version()).isEqualTo(3);
        assertThat(file.alignment()).isEqualTo(32);
        assertThat(file.fileSize()).isEqualTo(1_185_536);
        assertThat(file.dataOffset()).isEqualTo(14_336);
        assertThat(file.metadata().asMap()).hasSize(24);
        assertThat(file.tensors()).hasSize(48);
        assertThat(file.tensors().getFirst())
                .isEqualTo(new GgufTensor("token_embd.weight", List.of(64L, 512L), GgmlType.F32, 0, 0));
        assertThat(file.tensor("blk.4.ffn_up.weight"))
                .contains(new GgufTensor("blk.4.ffn_up.weight", List.of(64L, 172L), GgmlType.F32, 1_127_168, 0));
        assertThat(file.parameterCount()).isEqualTo(292_800);
        assertThat(file.tensorBytes()).isEqualTo(4 * 292_800);
    }

    @Test
    void readsMetadataOfEachKind() throws IOException {
        GgufMetadata metadata =
                GgufFile.read(Fixtures.require("models/stories260K-f32.gguf")).metadata();

        assertThat(metadata.architecture()).isEqualTo("llama");
        assertThat(metadata.integer("llama.block_count")).hasValue(5);
        assertThat(metadata.real("llama.attention.layer_norm_rms_epsilon")).hasValue(1e-5f);
        assertThat(metadata.bool("tokenizer.ggml.add_eos_token")).contains(false);
        assertThat(metadata.text("general.license")).contains("mit");
        GgufArray tokens = metadata.array("tokenizer.ggml.tokens").orElseThrow();
        assertThat(tokens.size()).isEqualTo(512);
        assertThat(List.of(tokens.textAt(0), tokens.textAt(1), tokens.textAt(3), tokens.textAt(258)))
                .containsExactly("<unk>", "<s>", "<0x00>", "<0xFF>");
        assertThat(metadata.array("tokenizer.ggml.token_type").orElseThrow().longAt(3))
                .isEqualTo(6);
    }

    @Test
    void answersEmptyForMissingKeysAndOtherKinds() throws IOException {
        GgufMetadata metadata =
                GgufFile.read(Fixtures.require("models/stories260K-f32.gguf")).metadata();

        assertThat(metadata.text("llama.block_count")).isEmpty();
        assertThat(metadata.integer("general.name")).isEmpty();
        assertThat(metadata.real("llama.block_count")).isEmpty();
        assertThat(metadata.array("general.name")).isEmpty();
        assertThat(metadata.text("no.such.key")).isEmpty();
    }

    @Test
    void readsTensorData() throws IOException {
        Path path = Fixtures.require("models/stories260K-f32.gguf");
        GgufFile file = GgufFile.read(path);
        byte[] whole = Files.readAllBytes(path);
        GgufTensor tensor = file.tensor("blk.4.ffn_up.weight").orElseThrow();

        try (GgufTensorData data = GgufTensorData.open(file)) {
            byte[] bytes = data.bytes(tensor);
            int at = 14_336 + 1_127_168;
            assertThat(bytes).isEqualTo(java.util.Arrays.copyOfRange(whole, at, at + 64 * 172 * 4));

            ByteBuffer some = ByteBuffer.allocate(8);
            data.read(tensor, 16, some);
            assertThat(some.array()).isEqualTo(java.util.Arrays.copyOfRange(whole, at + 16, at + 24));

            assertThatThrownBy(() -> data.read(tensor, tensor.bytes() - 4, ByteBuffer.allocate(8)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void fileCutShortWhileReadingIsAnException() throws IOException {
        Path path = folder.resolve("short.gguf");
        Files.copy(Fixtures.require("models/stories260K-f32.gguf"), path);
        GgufFile file = GgufFile.read(path);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(20_000);
        }
        try (GgufTensorData data = GgufTensorData.open(file)) {
            GgufTensor tensor = file.tensor("token_embd.weight").orElseThrow();
            assertThatThrownBy(() -> data.bytes(tensor))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("token_embd.weight");
        }
    }

    @Test
    void missingFileIsNoInvalidModel() {
        assertThatThrownBy(() -> GgufFile.read(folder.resolve("none.gguf"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void folderIsRefused() {
        assertThatThrownBy(() -> GgufFile.read(folder)).isInstanceOf(InvalidModelException.class);
    }

    @Test
    @Timeout(60)
    void vocabularyOf262144TokensIsReadInUnderHalfASecond() throws IOException {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < 262_144; i++) {
            tokens.add("token" + i);
        }
        Path path = folder.resolve("vocabulary.gguf");
        new GgufWriter()
                .put("tokenizer.ggml.tokens", GgufArray.ofStrings(tokens))
                .write(path);

        long fastest = Long.MAX_VALUE;
        for (int reading = 0; reading < 5; reading++) {
            long start = System.nanoTime();
            GgufArray read = GgufFile.read(path)
                    .metadata()
                    .array("tokenizer.ggml.tokens")
                    .orElseThrow();
            fastest = Math.min(fastest, System.nanoTime() - start);
            assertThat(read.textAt(262_143)).isEqualTo("token262143");
        }

        assertThat(Duration.ofNanos(fastest)).isLessThan(Duration.ofMillis(500));
    }

    /** A sparse file: only the header and the last bytes are really there. */
    @Test
    void readsTensorsBeyondTwoGigabytes() throws IOException {
        long rows = 700_000;
        Path path = folder.resolve("large.gguf");
        ByteBuffer header = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
        header.put("GGUF".getBytes()).putInt(3).putLong(2).putLong(0);
        header.putLong(1)
                .put((byte) 'a')
                .putInt(2)
                .putLong(1024)
                .putLong(rows)
                .putInt(0)
                .putLong(0);
        header.putLong(1).put((byte) 'b').putInt(1).putLong(2).putInt(0).putLong(rows * 4096);
        long dataOffset = (header.position() + 31) / 32 * 32;
        header.flip();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(header, 0);
            channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}), dataOffset + rows * 4096);
        }

        GgufFile file = GgufFile.read(path);
        assertThat(file.fileSize()).isGreaterThan(2_800_000_000L);
        try (GgufTensorData data = GgufTensorData.open(file)) {
            assertThat(data.bytes(file.tensor("b").orElseThrow())).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
        }
    }

    @Test
    void splitModelIsReadAsOne() throws IOException {
        Path first = writeParts("model", 0, 1, 2);

        GgufFile file = GgufFile.read(first);

        assertThat(file.tensors()).extracting(GgufTensor::name).containsExactly("t0", "t1", "t2");
        assertThat(file.paths()).hasSize(3);
        try (GgufTensorData data = GgufTensorData.open(file)) {
            assertThat(data.bytes(file.tensor("t2").orElseThrow())).containsExactly(2, 2, 2, 2);
        }
    }

    @Test
    void splitModelIsRefusedUnlessItsPartsAreThereInOrderAndComplete() throws IOException {
        Path first = writeParts("wrong-order", 0, 2, 1);
        assertSplitRefused(first, "split.no");

        Path complete = writeParts("part-missing", 0, 1, 2);
        Files.delete(folder.resolve("part-missing-00003-of-00003.gguf"));
        assertSplitRefused(complete, "missing");

        writeParts("second", 0, 1, 2);
        assertSplitRefused(folder.resolve("second-00002-of-00003.gguf"), "first part");

        Path renamed = folder.resolve("renamed.gguf");
        Files.move(writeParts("any", 0, 1, 2), renamed);
        assertSplitRefused(renamed, "-00001-of-00003.gguf");

        Path signed = writeParts("signed", 0, 1, 2);
        part(1, GgufType.INT16, 1).write(folder.resolve("signed-00002-of-00003.gguf"));
        assertSplitRefused(signed, "split.no");

        Path twice = writeParts("twice", 0, 1, 2);
        part(1, GgufType.UINT16, 0).write(folder.resolve("twice-00002-of-00003.gguf"));
        assertSplitRefused(twice, "t0");

        Path fewer = writeParts("fewer", 0, 1, 2);
        part(0, GgufType.UINT16, 0)
                .put("split.tensors.count", GgufValue.integer(GgufType.INT32, 4))
                .write(fewer);
        assertSplitRefused(fewer, "split.tensors.count");
    }

    private static void assertSplitRefused(Path path, String reason) {
        assertThatThrownBy(() -> GgufFile.read(path))
                .isInstanceOfSatisfying(
                        InvalidModelException.class, e -> assertThat(e.rule()).isEqualTo("split"))
                .hasMessageContaining(reason);
    }

    private Path writeParts(String prefix, int... numbers) throws IOException {
        for (int i = 0; i < numbers.length; i++) {
            part(numbers[i], GgufType.UINT16, i)
                    .write(folder.resolve(
                            String.format(Locale.ROOT, "%s-%05d-of-%05d.gguf", prefix, i + 1, numbers.length)));
        }
        return folder.resolve(String.format(Locale.ROOT, "%s-00001-of-%05d.gguf", prefix, numbers.length));
    }

    private static GgufWriter part(int number, GgufType numberType, int tensor) {
        byte value = (byte) tensor;
        return new GgufWriter()
                .put("split.no", GgufValue.integer(numberType, number))
                .put("split.count", GgufValue.integer(GgufType.UINT16, 3))
                .put("split.tensors.count", GgufValue.integer(GgufType.INT32, 3))
                .tensor("t" + tensor, List.of(4L), GgmlType.I8, GgufWriter.TensorSource.of(new byte[] {
                    value, value, value, value
                }));
    }
}
