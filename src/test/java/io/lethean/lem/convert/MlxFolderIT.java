package io.lethean.lem.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufTensorData;
import io.lethean.lem.internal.safetensors.SafetensorsEntry;
import io.lethean.lem.internal.safetensors.SafetensorsFile;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder of mlx-lm in 4 bits: its values are computed a second time here, in decimal numbers. */
class MlxFolderIT {

    private static final int GROUP = 32;

    @TempDir
    private Path folder;

    private Path convert(String type) throws IOException {
        Path output = folder.resolve("mlx-" + type + ".gguf");
        Convert.run(
                ConvertOptions.of(Fixtures.require("hf/mlx4-llama-bpe"), output).withType(type));
        return output;
    }

    /** Scale times code, rounded to BF16, plus bias, rounded to BF16. */
    @Test
    void values_areScaleTimesCodePlusBias_roundedAsMlxRounds() throws IOException {
        GgufFile file = GgufFile.read(convert("bf16"));
        Path weights = Fixtures.require("hf/mlx4-llama-bpe/model.safetensors");
        SafetensorsFile source = SafetensorsFile.open(weights);
        try (GgufTensorData data = GgufTensorData.open(file)) {
            GgufTensor tensor = file.tensor("blk.1.ffn_down.weight").orElseThrow();
            assertThat(tensor.dims()).isEqualTo(List.of(64L, 32L));
            ByteBuffer found = ByteBuffer.wrap(data.bytes(tensor)).order(ByteOrder.LITTLE_ENDIAN);
            ByteBuffer codes = part(source, "model.layers.1.mlp.down_proj.weight");
            ByteBuffer scales = part(source, "model.layers.1.mlp.down_proj.scales");
            ByteBuffer biases = part(source, "model.layers.1.mlp.down_proj.biases");
            for (int i = 0; i < 64 * 32; i++) {
                int code = codes.getInt(i / 8 * 4) >>> 4 * (i % 8) & 15;
                BigDecimal scale = decimal(scales.getShort(i / GROUP * 2));
                BigDecimal bias = decimal(biases.getShort(i / GROUP * 2));
                short product = nearest(scale.multiply(BigDecimal.valueOf(code)));
                short expected = nearest(decimal(product).add(bias));
                assertThat(decimal(found.getShort(2 * i))).as("value %d", i).isEqualByComparingTo(decimal(expected));
            }
        }
    }

    private static ByteBuffer part(SafetensorsFile source, String name) throws IOException {
        SafetensorsEntry entry = source.entries().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
        byte[] all = Files.readAllBytes(source.path());
        int begin = Math.toIntExact(source.dataStart() + entry.begin());
        return ByteBuffer.wrap(all, begin, Math.toIntExact(entry.end() - entry.begin()))
                .slice()
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    private static BigDecimal decimal(short bits) {
        return new BigDecimal(Float.intBitsToFloat(bits << 16));
    }

    /** The BF16 value that is nearest, found among neighbours; of two equally near ones that with an even last bit. */
    private static short nearest(BigDecimal exact) {
        if (exact.signum() == 0) {
            return 0;
        }
        short start = (short) (Float.floatToRawIntBits(exact.floatValue()) >>> 16);
        short best = start;
        for (short candidate : new short[] {(short) (start - 1), (short) (start + 1)}) {
            int order = distance(candidate, exact).compareTo(distance(best, exact));
            if (order < 0 || order == 0 && (candidate & 1) == 0) {
                best = candidate;
            }
        }
        return best;
    }

    private static BigDecimal distance(short bits, BigDecimal exact) {
        return decimal(bits).subtract(exact).abs();
    }

    /** Everything but the values of the matrices is that of the folder that mlx-lm quantized. */
    @Test
    void metadataAndNorms_areThoseOfTheFolderBeforeItWasQuantized() throws IOException {
        GgufFile quantized = GgufFile.read(convert("bf16"));
        Path plain = folder.resolve("plain.gguf");
        Convert.run(ConvertOptions.of(Fixtures.require("hf/llama-bpe"), plain).withName("mlx4-llama-bpe"));
        GgufFile original = GgufFile.read(plain);

        assertThat(quantized.metadata().asMap())
                .containsExactlyEntriesOf(original.metadata().asMap());
        assertThat(quantized.tensors().stream()
                        .map(tensor -> tensor.name() + tensor.dims() + tensor.type())
                        .sorted())
                .containsExactlyElementsOf(original.tensors().stream()
                        .map(tensor -> tensor.name() + tensor.dims() + tensor.type())
                        .sorted()
                        .toList());
    }

    /**
     * mlx computes activations and logits in BF16, which near 1 has steps of 1/256; here they are 32-bit floats. The bound
     * is eight such steps for the roundings of two layers, and half a step for the mean.
     */
    @Test
    void logits_areMlxsUpToTheRoundingOfItsActivations() throws IOException {
        List<Double> differences =
                ExpectedLogits.of(Fixtures.require("hf/mlx4-llama-bpe")).differences(convert("f32"));

        assertThat(differences.stream().mapToDouble(Double::doubleValue).max().orElseThrow())
                .isLessThan(8 / 256.0);
        assertThat(differences.stream()
                        .mapToDouble(Double::doubleValue)
                        .average()
                        .orElseThrow())
                .isLessThan(1 / 256.0);
    }
}
