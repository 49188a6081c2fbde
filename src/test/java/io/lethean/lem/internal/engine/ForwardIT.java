package io.lethean.lem.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufTensorData;
import io.lethean.lem.internal.gguf.GgufType;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The forward pass against the reference in double precision and against llama.cpp's own graphs. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForwardIT {

    private static final int LENGTH = 24;
    private static final int WINDOW = 5;

    private final ProofTable proof =
            new ProofTable("proof-logits-" + getClass().getSimpleName(), "largest difference to llama.cpp's logits");

    @TempDir
    Path folder;

    /** Where it is computed; the device named by {@code lem.test.device} if that is set, else the CPU. */
    Backend backend(EngineOptions options) {
        String name = System.getProperty("lem.test.device");
        return name == null ? Backend.cpu(options.threads()) : Backend.named(name, options.threads());
    }

    @ParameterizedTest
    @EnumSource(TestModel.class)
    void logitsEqualTheReference(TestModel model) throws IOException {
        GgufFile file = model.write(folder);
        double[][] expected = new ReferenceDecoder(model.config(), TestModel.weights(file), 1, 1).logits(tokens(model));
        assertThat(largestDifference(logits(file, model, false), expected, LENGTH))
                .isLessThan(2e-5);
    }

    @ParameterizedTest
    @EnumSource(value = TestModel.class, mode = EnumSource.Mode.EXCLUDE, names = "MISTRAL")
    void logitsEqualThoseOfLlamaCpp(TestModel model) throws IOException {
        GgufFile file = model.write(folder);
        float[] logits = logits(file, model, model.isGemma());
        double[][] expected = llamaCpp(file.path(), tokens(model));
        proof.add(model, largestDifference(logits, expected, LENGTH));
        assertThat(largestDifference(logits, expected, LENGTH)).isLessThan(model.isGemma() ? 2e-3 : 1e-4);
        assertThat(medianDifference(logits, expected)).isLessThan(3e-5);
    }

    /** llama.cpp's graph for Llama and Mistral has no window; up to the window's length that makes no difference. */
    @Test
    void mistralEqualsLlamaCppUpToItsWindowAndNotBeyond() throws IOException {
        GgufFile file = TestModel.MISTRAL.write(folder);
        float[] logits = logits(file, TestModel.MISTRAL, false);
        double[][] expected = llamaCpp(file.path(), tokens(TestModel.MISTRAL));
        assertThat(largestDifference(logits, expected, WINDOW)).isLessThan(1e-4);
        assertThat(largestDifference(logits, expected, WINDOW + 1)).isGreaterThan(1e-2);
    }

    /** Granite with a window and neutral scales is a Mistral with a window, and llama.cpp has a graph for it. */
    @Test
    void mistralBeyondItsWindowEqualsTheSameWeightsInLlamaCppsGraphWithAWindow() throws IOException {
        GgufFile file = TestModel.MISTRAL.write(folder);
        float[] logits = logits(file, TestModel.MISTRAL, false);
        double[][] expected = llamaCpp(asGranite(file), tokens(TestModel.MISTRAL));
        proof.add(TestModel.MISTRAL, largestDifference(logits, expected, LENGTH));
        assertThat(largestDifference(logits, expected, LENGTH)).isLessThan(1e-4);
    }

    @ParameterizedTest
    @EnumSource(
            value = TestModel.class,
            names = {"LLAMA", "QWEN2", "GEMMA3", "GEMMA4_KEYS_AS_VALUES", "MIXTRAL", "GPT_OSS"})
    void quantizedLogitsEqualThoseOfLlamaCppUpToRoundedActivations(TestModel model) throws IOException {
        GgufFile file = model.write(folder, GgmlType.Q8_0);
        float[] logits = logits(file, model, model.isGemma());
        double[][] expected = llamaCpp(file.path(), tokens(model));
        assertThat(relativeRms(logits, expected)).isLessThan(3e-2);
    }

    private Path asGranite(GgufFile file) throws IOException {
        Path path = folder.resolve("granite.gguf");
        GgufWriter writer = new GgufWriter();
        file.metadata()
                .asMap()
                .forEach((key, value) -> writer.put(key.replaceFirst("^llama\\.", "granite_swa."), value));
        writer.put("general.architecture", "granite_swa")
                .put("granite_swa.logit_scale", GgufValue.of(1f))
                .put("granite_swa.attention.sliding_window_pattern", GgufArray.ofIntegers(GgufType.INT32, 1, 1));
        try (GgufTensorData data = GgufTensorData.open(file)) {
            for (GgufTensor tensor : file.tensors()) {
                writer.copy(tensor, data);
            }
            for (int layer = 0; layer < 2; layer++) {
                ByteBuffer off = ByteBuffer.allocate(4 * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                off.asFloatBuffer().put(new float[] {-1e30f, -1e30f, -1e30f, -1e30f});
                writer.tensor(
                        "blk." + layer + ".attn_sinks.weight",
                        List.of(4L),
                        GgmlType.F32,
                        GgufWriter.TensorSource.of(off.array()));
            }
            writer.write(path);
        }
        return path;
    }

    private float[] logits(GgufFile file, TestModel model, boolean tabledGelu) throws IOException {
        EngineOptions options = EngineOptions.defaults().withTabledGelu(tabledGelu);
        try (TrainingEngine engine =
                TrainingEngine.open(file, AdapterSpec.everywhere(4, 2), options, 1, backend(options))) {
            SampleBatch batch = new SampleBatch(LENGTH, tokens(model), new int[LENGTH]);
            return engine.bucket(batch).logits(batch);
        }
    }

    private static double[][] llamaCpp(Path model, int[] tokens) {
        return Arrays.stream(LibllamaLogits.of(model, tokens))
                .map(GradientCase::doubles)
                .toArray(double[][]::new);
    }

    private static int[] tokens(TestModel model) {
        return new SplittableRandom(5).ints(LENGTH, 0, model.vocabulary()).toArray();
    }

    private static double largestDifference(float[] logits, double[][] expected, int rows) {
        double largest = 0;
        int at = 0;
        for (int row = 0; row < rows; row++) {
            for (double value : expected[row]) {
                largest = Math.max(largest, Math.abs(logits[at++] - value));
            }
        }
        return largest;
    }

    /** The median, over the rows, of a row's largest difference: the table of GELU moves single rows only. */
    private static double medianDifference(float[] logits, double[][] expected) {
        double[] rows = new double[expected.length];
        int at = 0;
        for (int row = 0; row < rows.length; row++) {
            for (double value : expected[row]) {
                rows[row] = Math.max(rows[row], Math.abs(logits[at++] - value));
            }
        }
        Arrays.sort(rows);
        return rows[rows.length / 2];
    }

    private static double relativeRms(float[] logits, double[][] expected) {
        double difference = 0;
        double size = 0;
        int at = 0;
        for (double[] row : expected) {
            for (double value : row) {
                difference += (logits[at] - value) * (logits[at++] - value);
                size += value * value;
            }
        }
        return Math.sqrt(difference / size);
    }
}
