package io.lethean.lem.internal.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.Fixtures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufWriterTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "models/stories260K-f32.gguf",
                "models/stories260K-q8_0.gguf",
                "models/stories260K-q4_0.gguf",
                "robustness/tiny-llama-f32.gguf"
            })
    void writesWhatItReadByteForByte(String fixture) throws IOException {
        Path original = Fixtures.require(fixture);
        Path copy = folder.resolve("copy.gguf");
        GgufFile file = GgufFile.read(original);

        try (GgufTensorData data = GgufTensorData.open(file)) {
            GgufWriter writer = new GgufWriter().version(file.version()).putAll(file.metadata());
            file.tensors().forEach(tensor -> writer.copy(tensor, data));
            writer.write(copy);
        }

        assertThat(copy).hasSameBinaryContentAs(original);
    }

    @Test
    void everyValueTypeSurvives() throws IOException {
        Map<String, GgufValue> values = Map.ofEntries(
                Map.entry("u8", GgufValue.integer(GgufType.UINT8, 255)),
                Map.entry("i8", GgufValue.integer(GgufType.INT8, -128)),
                Map.entry("u16", GgufValue.integer(GgufType.UINT16, 65_535)),
                Map.entry("i16", GgufValue.integer(GgufType.INT16, -32_768)),
                Map.entry("u32", GgufValue.uint32(4_294_967_295L)),
                Map.entry("i32", GgufValue.integer(GgufType.INT32, Integer.MIN_VALUE)),
                Map.entry("u64", GgufValue.integer(GgufType.UINT64, -1)),
                Map.entry("i64", GgufValue.integer(GgufType.INT64, Long.MIN_VALUE)),
                Map.entry("f32", GgufValue.of(1.5f)),
                Map.entry("f32 NaN with a payload", new GgufScalar(GgufType.FLOAT32, 0x7F80_0001)),
                Map.entry("f64", GgufValue.of(Math.PI)),
                Map.entry("bool", GgufValue.of(true)),
                Map.entry("bool stored as 7", new GgufScalar(GgufType.BOOL, 7)),
                Map.entry("str", GgufValue.of("naïve 🙂")),
                Map.entry("str that is no UTF-8", GgufText.ofBytes(new byte[] {(byte) 0xFF, 0})),
                Map.entry("arr u8", GgufArray.ofIntegers(GgufType.UINT8, 0, 255)),
                Map.entry("arr i8", GgufArray.ofIntegers(GgufType.INT8, -128, 127)),
                Map.entry("arr u16", GgufArray.ofIntegers(GgufType.UINT16, 65_535)),
                Map.entry("arr i16", GgufArray.ofIntegers(GgufType.INT16, -1)),
                Map.entry("arr u32", GgufArray.ofIntegers(GgufType.UINT32, 4_294_967_295L)),
                Map.entry("arr i32", GgufArray.ofIntegers(GgufType.INT32, -5, 5)),
                Map.entry("arr u64", GgufArray.ofIntegers(GgufType.UINT64, -1)),
                Map.entry("arr i64", GgufArray.ofIntegers(GgufType.INT64, Long.MIN_VALUE)),
                Map.entry("arr f32", GgufArray.ofFloats(1, -2.5f)),
                Map.entry("arr f64", GgufArray.ofDoubles(Math.E)),
                Map.entry("arr bool", GgufArray.ofIntegers(GgufType.BOOL, 1, 0)),
                Map.entry("arr str", GgufArray.ofStrings(List.of("", "a", "ä"))),
                Map.entry("arr empty", GgufArray.ofIntegers(GgufType.INT32)));
        Path path = folder.resolve("values.gguf");
        GgufWriter writer = new GgufWriter();
        values.forEach(writer::put);
        writer.write(path);

        assertThat(GgufFile.read(path).metadata().asMap()).isEqualTo(values);
        assertThat(GgufFile.read(path).metadata().find("u64").orElseThrow()).hasToString("18446744073709551615");
        assertThat(((GgufScalar) values.get("u64")).asDouble()).isEqualTo(0x1p64);
    }

    @Test
    void padsTensorsToTheAlignment() throws IOException {
        Path path = folder.resolve("aligned.gguf");
        new GgufWriter()
                .put("general.alignment", GgufValue.uint32(64))
                .tensor("a", List.of(3L), GgmlType.I8, GgufWriter.TensorSource.of(new byte[] {1, 2, 3}))
                .tensor("b", List.of(1L), GgmlType.I8, GgufWriter.TensorSource.of(new byte[] {4}))
                .write(path);

        GgufFile file = GgufFile.read(path);
        assertThat(file.dataOffset() % 64).isZero();
        assertThat(file.tensors()).extracting(GgufTensor::offset).containsExactly(0L, 64L);
        byte[] bytes = Files.readAllBytes(path);
        assertThat(bytes).hasSize((int) file.dataOffset() + 128);
        assertThat(bytes[(int) file.dataOffset() + 3]).isZero();
        assertThat(bytes[(int) file.dataOffset() + 64]).isEqualTo((byte) 4);
    }

    @Test
    void failureLeavesTheOlderFileAndNothingElse() throws IOException {
        Path path = folder.resolve("kept.gguf");
        Files.writeString(path, "older");
        GgufWriter tooShort =
                new GgufWriter().tensor("a", List.of(3L), GgmlType.I8, GgufWriter.TensorSource.of(new byte[] {1, 2}));

        assertThatThrownBy(() -> tooShort.write(path))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("tensor a (3, i8) takes 3 bytes, but its source wrote 2");

        assertThat(path).hasContent("older");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(path);
        }
    }

    @Test
    void streamsTensorsInPieces() throws IOException {
        Path path = folder.resolve("pieces.gguf");
        long elements = 3 << 20;
        new GgufWriter()
                .tensor("a", List.of(elements), GgmlType.I8, channel -> {
                    for (int i = 0; i < 3; i++) {
                        ByteBuffer piece = ByteBuffer.allocate(1 << 20);
                        piece.put(0, (byte) i);
                        channel.write(piece);
                    }
                })
                .write(path);

        GgufFile file = GgufFile.read(path);
        try (GgufTensorData data = GgufTensorData.open(file)) {
            byte[] bytes = data.bytes(file.tensors().getFirst());
            assertThat(new byte[] {bytes[0], bytes[1 << 20], bytes[2 << 20]}).containsExactly(0, 1, 2);
        }
    }

    @Test
    void refusesNamesShapesAndValuesThatNoFileCanHold() {
        GgufWriter writer = new GgufWriter().tensor("a", List.of(1L), GgmlType.I8, channel -> {});

        assertThatThrownBy(() -> writer.tensor("a", List.of(1L), GgmlType.I8, channel -> {}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> writer.tensor("x".repeat(64), List.of(1L), GgmlType.I8, channel -> {}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> writer.tensor("b", List.of(0L), GgmlType.I8, channel -> {}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> writer.tensor("b", List.of(33L), GgmlType.Q8_0, channel -> {}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> writer.put("", "value")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> writer.version(4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> GgufValue.integer(GgufType.UINT8, 256)).isInstanceOf(IllegalArgumentException.class);
    }
}
