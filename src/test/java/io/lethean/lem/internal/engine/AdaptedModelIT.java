package io.lethean.lem.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.adapter.LoraPair;
import io.lethean.lem.adapter.RandomAdapter;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.model.FlashAttention;
import io.lethean.lem.model.KvType;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A served model with adapters against a decoder in double precision with weights changed by the definition. */
class AdaptedModelIT {

    private static final int[] TOKENS = {1, 300, 17, 42, 200, 9, 350, 128};

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"LLAMA, 1e-4", "QWEN2, 1e-4", "QWEN3, 1e-4", "GEMMA2, 3e-3", "GEMMA3, 3e-3"})
    void logitsWithTwoAdaptersAreThoseOfTheChangedWeights(TestModel model, double bound) throws IOException {
        GgufFile file = model.write(folder);
        Adapter one = RandomAdapter.of(file.path(), 0.01, 1);
        Adapter two = RandomAdapter.of(file.path(), 0.01, 2, tensor -> tensor.contains("attn_"));
        List<AdapterUse> uses =
                List.of(new AdapterUse(written("one", one), 0.5f), new AdapterUse(written("two", two), -1.25f));
        Map<String, double[]> weights = TestModel.weights(file);
        double[] bare = lastRow(model, weights);
        add(weights, one, 0.5);
        add(weights, two, -1.25);

        float[] found;
        try (LemModel served = LemModel.load(file.path(), exact())) {
            served.setAdapters(uses);
            found = served.logits(Arrays.stream(TOKENS).boxed().toList());
        }

        double[] wanted = lastRow(model, weights);
        assertThat(largestDifference(wanted, found)).isLessThan(bound);
        assertThat(largestDifference(bare, found))
                .as("the adapters do something")
                .isGreaterThan(50 * bound);
    }

    private Path written(String name, Adapter adapter) throws IOException {
        Path path = folder.resolve(name + ".gguf");
        AdapterFiles.writeGguf(adapter, path);
        return path;
    }

    private static double[] lastRow(TestModel model, Map<String, double[]> weights) {
        return new ReferenceDecoder(model.config(), weights, 0, 0).logits(TOKENS)[TOKENS.length - 1];
    }

    private static void add(Map<String, double[]> weights, Adapter adapter, double strength) {
        for (LoraPair pair : adapter.pairs()) {
            double[] matrix = weights.get(pair.tensor());
            float[] a = pair.a().values();
            float[] b = pair.b().values();
            double scale = strength * adapter.alpha() / pair.rank();
            for (int at = 0; at < matrix.length; at++) {
                int row = at / pair.inputs();
                int column = at % pair.inputs();
                for (int k = 0; k < pair.rank(); k++) {
                    matrix[at] += scale * b[row * pair.rank() + k] * a[k * pair.inputs() + column];
                }
            }
        }
    }

    private static double largestDifference(double[] wanted, float[] found) {
        return IntStream.range(0, wanted.length)
                .mapToDouble(i -> Math.abs(wanted[i] - found[i]))
                .max()
                .orElseThrow();
    }

    private static ModelOptions exact() {
        return ModelOptions.builder()
                .threads(1)
                .contextTokens(256)
                .device("cpu")
                .kvType(KvType.F32)
                .flashAttention(FlashAttention.OFF)
                .build();
    }
}
