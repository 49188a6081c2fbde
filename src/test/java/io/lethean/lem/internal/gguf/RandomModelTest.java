package io.lethean.lem.internal.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RandomModelTest {

    @TempDir
    Path folder;

    private final RandomModel small = RandomModel.llama(2, 64, 4, 2, 96, 400);

    @Test
    void sameSeedGivesTheSameFileAndAnotherSeedAnother() throws IOException {
        Path first = write(small, "first", 1);
        assertThat(write(small, "again", 1)).hasSameBinaryContentAs(first);
        assertThat(Files.mismatch(first, write(small, "other", 2)))
                .isGreaterThanOrEqualTo(GgufFile.read(first).dataOffset());
    }

    @ParameterizedTest
    @EnumSource(Architecture.class)
    void everyArchitectureNamesItselfInItsKeys(Architecture architecture) throws IOException {
        GgufFile file = GgufFile.read(write(small.architecture(architecture), "model", 1));

        assertThat(file.metadata().architecture()).isEqualTo(architecture.id());
        assertThat(file.metadata().integer(architecture.id() + ".block_count")).hasValue(2);
        assertThat(file.tensor("blk.1.attn_k.weight").orElseThrow().dims()).containsExactly(64L, 32L);
        assertThat(file.parameterCount())
                .isEqualTo(small.architecture(architecture).parameterCount());
    }

    @Test
    void presetsHaveTheAnnouncedSize() {
        assertThat(RandomModel.hundredMillion().parameterCount()).isEqualTo(99_496_704);
        assertThat(RandomModel.oneBillion().parameterCount()).isEqualTo(1_100_048_384);
    }

    @Test
    void weightsHaveTheirMeanAndDeviation() throws IOException {
        GgufFile file = GgufFile.read(write(small, "model", 1));
        assertThat(moments(file, "blk.0.attn_q.weight").deviation).isCloseTo(1 / 8.0, within(0.01));
        assertThat(moments(file, "blk.0.attn_q.weight").mean).isCloseTo(0, within(0.01));
        assertThat(moments(file, "output_norm.weight").mean).isCloseTo(1, within(0.05));
    }

    @Test
    void matricesAreStoredInTheTypeAndVectorsAsF32() throws IOException {
        GgufFile file =
                GgufFile.read(write(RandomModel.llama(1, 64, 4, 2, 100, 400).type(GgmlType.Q4_0), "model", 1));
        assertThat(file.tensor("blk.0.ffn_up.weight").orElseThrow().type()).isEqualTo(GgmlType.Q4_0);
        assertThat(file.tensor("blk.0.ffn_down.weight").orElseThrow().type()).isEqualTo(GgmlType.F16);
        assertThat(file.tensor("output_norm.weight").orElseThrow().type()).isEqualTo(GgmlType.F32);
    }

    @Test
    void vocabulariesAreCompleteAndUnique() throws IOException {
        GgufArray pieces = tokens(small);
        assertThat(pieces.size()).isEqualTo(400);
        assertThat(List.of(pieces.textAt(0), pieces.textAt(1), pieces.textAt(2), pieces.textAt(4)))
                .containsExactly("<unk>", "<s>", "</s>", "<|im_end|>");
        assertThat(texts(pieces)).doesNotHaveDuplicates().contains("<0x00>", "<0xFF>", "\u2581", "~");

        GgufArray bytePairs = tokens(small.tokenizer(RandomVocabulary.Kind.BYTE_PAIR));
        assertThat(texts(bytePairs)).doesNotHaveDuplicates().contains("!", "\u0120", "\u010A", "\u00FF", "\u0143");
    }

    @Test
    void refusesShapesThatNoModelHas() {
        assertThatThrownBy(() -> RandomModel.llama(1, 64, 4, 3, 64, 400)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RandomModel.llama(1, 60, 4, 2, 64, 400)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> small.type(GgmlType.Q6_K)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RandomModel.llama(1, 64, 4, 2, 64, 300).writer(1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("starts with 358");
    }

    private GgufArray tokens(RandomModel model) throws IOException {
        return GgufFile.read(write(model, "tokens", 1))
                .metadata()
                .array("tokenizer.ggml.tokens")
                .orElseThrow();
    }

    private static List<String> texts(GgufArray array) {
        return java.util.stream.IntStream.range(0, array.size())
                .mapToObj(array::textAt)
                .toList();
    }

    private Path write(RandomModel model, String name, long seed) throws IOException {
        Path path = folder.resolve(name + ".gguf");
        model.write(path, seed);
        return path;
    }

    private static org.assertj.core.data.Offset<Double> within(double offset) {
        return org.assertj.core.data.Offset.offset(offset);
    }

    private record Moments(double mean, double deviation) {}

    private static Moments moments(GgufFile file, String name) throws IOException {
        try (GgufTensorData data = GgufTensorData.open(file)) {
            ByteBuffer bytes =
                    ByteBuffer.wrap(data.bytes(file.tensor(name).orElseThrow())).order(ByteOrder.LITTLE_ENDIAN);
            int count = bytes.remaining() / 4;
            double sum = 0;
            double squares = 0;
            while (bytes.hasRemaining()) {
                float value = bytes.getFloat();
                sum += value;
                squares += (double) value * value;
            }
            return new Moments(sum / count, Math.sqrt(squares / count - sum * sum / count / count));
        }
    }
}
