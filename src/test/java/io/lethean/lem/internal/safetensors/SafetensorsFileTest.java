package io.lethean.lem.internal.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.InvalidModelException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {

    @TempDir
    Path folder;

    private SafetensorsEntry only(SafetensorsFile file) {
        return file.entries().iterator().next();
    }

    @Test
    void everyFloatingTypeIsReadExactly() throws IOException {
        // 1.5 and -2 in each type, written out by hand from the IEEE layouts.
        Path path = new SafetensorsBytes()
                .raw("f64", "F64", "[2]", new byte[] {
                    0, 0, 0, 0, 0, 0, (byte) 0xF8, 0x3F, 0, 0, 0, 0, 0, 0, 0, (byte) 0xC0
                })
                .raw("f32", "F32", "[2]", new byte[] {0, 0, (byte) 0xC0, 0x3F, 0, 0, 0, (byte) 0xC0})
                .raw("f16", "F16", "[2]", new byte[] {0, 0x3E, 0, (byte) 0xC0})
                .raw("bf16", "BF16", "[2]", new byte[] {(byte) 0xC0, 0x3F, 0, (byte) 0xC0})
                .write(folder.resolve("types.safetensors"));
        SafetensorsFile file = SafetensorsFile.open(path);
        assertThat(file.entries()).extracting(SafetensorsEntry::name).containsExactly("f64", "f32", "f16", "bf16");
        for (SafetensorsEntry entry : file.entries()) {
            assertThat(file.floats(entry)).as(entry.name()).containsExactly(1.5f, -2f);
        }
    }

    @Test
    void tensorLargerThanABlockIsReadWhole() throws IOException {
        float[] values = new float[700_001];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        Path path = new SafetensorsBytes().f32("t", 1, values.length, values).write(folder.resolve("large"));
        SafetensorsFile file = SafetensorsFile.open(path);
        assertThat(Arrays.equals(file.floats(only(file)), values)).isTrue();
    }

    @Test
    void writtenFileIsReadBackWithItsPrecision() throws IOException {
        Path path = folder.resolve("out.safetensors");
        NewTensor half = new NewTensor(
                "b", ElementType.F16, List.of(1L, 2L), to -> ElementType.F16.write(to, new float[] {0.5f, -3}));
        NewTensor full = new NewTensor(
                "a", ElementType.F32, List.of(2L, 1L), to -> ElementType.F32.write(to, new float[] {1e-3f, 7f}));
        SafetensorsWriter.write(path, Map.of("format", "pt"), List.of(half, full));
        SafetensorsFile file = SafetensorsFile.open(path);
        List<SafetensorsEntry> entries = List.copyOf(file.entries());
        assertThat(entries.get(0)).isEqualTo(new SafetensorsEntry("a", ElementType.F32, List.of(2L, 1L), 0, 8));
        assertThat(entries.get(1)).isEqualTo(new SafetensorsEntry("b", ElementType.F16, List.of(1L, 2L), 8, 12));
        assertThat(file.floats(entries.get(0))).containsExactly(1e-3f, 7f);
        assertThat(file.floats(entries.get(1))).containsExactly(0.5f, -3f);
    }

    @Test
    void failedWriteLeavesTheOldFileAndNothingElse() throws IOException {
        Path path = Files.writeString(folder.resolve("adapter.safetensors"), "old");
        NewTensor broken = new NewTensor("x", ElementType.F32, List.of(1L), to -> {
            throw new IOException("no space left");
        });
        assertThatThrownBy(() -> SafetensorsWriter.write(path, Map.of(), List.of(broken)))
                .hasMessageContaining("no space left");
        assertThat(path).hasContent("old");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(path);
        }
    }

    @Test
    void fileCutOffAfterItWasOpenedIsAnIoException() throws IOException {
        Path path = new SafetensorsBytes().f32("t", 1, 4, 1, 2, 3, 4).write(folder.resolve("cut"));
        SafetensorsFile file = SafetensorsFile.open(path);
        byte[] bytes = Files.readAllBytes(path);
        Files.write(path, Arrays.copyOf(bytes, bytes.length - 4));
        assertThatThrownBy(() -> file.floats(only(file))).isInstanceOf(EOFException.class);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            not JSON           | safetensors-header-json  | hello
            an array           | safetensors-header-json  | []
            a key twice        | safetensors-header-json  | {"t":{F32,SHAPE:[1],AT:[0,4]},"t":{F32,SHAPE:[1],AT:[0,4]}}
            unknown type       | safetensors-tensor-type  | {"t":{"dtype":"F33",SHAPE:[1],AT:[0,4]}}
            no type            | safetensors-tensor-type  | {"t":{SHAPE:[1],AT:[0,4]}}
            tensor no object   | safetensors-tensor-type  | {"t":7}
            negative dimension | safetensors-tensor-shape | {"t":{F32,SHAPE:[-1],AT:[0,4]}}
            fractional shape   | safetensors-tensor-shape | {"t":{F32,SHAPE:[1.0],AT:[0,4]}}
            shape no list      | safetensors-tensor-shape | {"t":{F32,SHAPE:1,AT:[0,4]}}
            nine dimensions    | safetensors-tensor-shape | {"t":{F32,SHAPE:[1,1,1,1,1,1,1,1,1],AT:[0,4]}}
            overflowing shape  | safetensors-tensor-shape | {"t":{F32,SHAPE:[4294967296,4294967296],AT:[0,4]}}
            backwards range    | safetensors-tensor-range | {"t":{F32,SHAPE:[1],AT:[4,0]}}
            one offset         | safetensors-tensor-range | {"t":{F32,SHAPE:[1],AT:[4]}}
            range too long     | safetensors-tensor-range | {"t":{F32,SHAPE:[1],AT:[0,8]}}
            gap before         | safetensors-tensor-range | {"t":{F32,SHAPE:[1],AT:[4,8]}}
            overlap            | safetensors-tensor-range | {"t":{F32,SHAPE:[1],AT:[0,4]},"u":{F32,SHAPE:[1],AT:[2,6]}}
            huge offset        | safetensors-tensor-data_offsets | {"t":{F32,SHAPE:[1],AT:[0,18446744073709551615]}}
            data left over     | safetensors-length       | {"t":{F32,SHAPE:[1],AT:[0,4]}}
            data missing       | safetensors-length       | {"t":{F32,SHAPE:[4],AT:[0,16]}}
            """)
    void headerThatContradictsItselfIsRefusedByRule(String what, String rule, String shorthand) throws IOException {
        String header = shorthand
                .replace("F32,", "\"dtype\":\"F32\",")
                .replace("SHAPE", "\"shape\"")
                .replace("AT", "\"data_offsets\"");
        Path path = Files.write(folder.resolve("bad"), SafetensorsBytes.bytes(header, new byte[8]));
        assertThatThrownBy(() -> SafetensorsFile.open(path))
                .isInstanceOfSatisfying(
                        InvalidModelException.class, e -> assertThat(e.rule()).isEqualTo(rule))
                .hasMessageContaining(path.toString());
    }

    @ParameterizedTest(name = "length {0}")
    @CsvSource({"0", "1", "9", "16777217", "9223372036854775807", "-1"})
    void headerLengthThatCannotBeIsRefused(long length) throws IOException {
        byte[] bytes = ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .array();
        Path path = Files.write(folder.resolve("length"), bytes);
        assertThatThrownBy(() -> SafetensorsFile.open(path))
                .isInstanceOfSatisfying(
                        InvalidModelException.class, e -> assertThat(e.rule()).isEqualTo("safetensors-header-length"));
    }

    @Test
    void fileShorterThanTheLengthIsRefused() throws IOException {
        Path path = Files.write(folder.resolve("short"), new byte[7]);
        assertThatThrownBy(() -> SafetensorsFile.open(path))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("has 7 bytes");
    }
}
