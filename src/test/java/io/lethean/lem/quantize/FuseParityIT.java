package io.lethean.lem.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterFormat;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.adapter.Factor;
import io.lethean.lem.adapter.LoraPair;
import io.lethean.lem.adapter.ModelOutline;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.RandomModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters and merged models as llama.cpp itself reads them. */
class FuseParityIT {

    private static final List<int[]> SEQUENCES = List.of(
            new int[] {1, 403, 407, 261, 378, 320, 17, 300, 12, 440}, new int[] {1, 90, 91, 92, 93, 94, 95, 96});

    @TempDir
    Path folder;

    private Path output() {
        return folder.resolve("merged.gguf");
    }

    /** An adapter of every matrix, the embedding and the head too where the head is not tied. */
    private static Adapter adapter(Path model, double size, long seed) throws IOException {
        ModelOutline outline = ModelOutline.read(model);
        SplittableRandom random = new SplittableRandom(seed);
        List<LoraPair> pairs = new ArrayList<>();
        outline.shapes().keySet().stream().sorted().forEach(tensor -> {
            List<Long> shape = outline.shape(tensor).orElseThrow();
            if (shape.size() == 2 && !(tensor.startsWith("token_embd") && outline.hasTiedHead())) {
                int inputs = shape.get(0).intValue();
                int outputs = shape.get(1).intValue();
                float[] b = ExampleModel.values(outputs * 3, random);
                for (int i = 0; i < b.length; i++) {
                    b[i] *= (float) size;
                }
                float[] a = ExampleModel.values(3 * inputs, random);
                pairs.add(new LoraPair(tensor, Factor.of(3, inputs, a), Factor.of(outputs, 3, b)));
            }
        });
        return Adapter.of(outline.architecture(), 12, pairs);
    }

    private static LogitParity compare(Path base, List<AdapterUse> uses, Path merged, List<AdapterUse> mergedUses) {
        try (NativeLogits adapted = new NativeLogits(base, uses);
                NativeLogits other = new NativeLogits(merged, mergedUses)) {
            return LogitParity.compare(adapted, other, SEQUENCES);
        }
    }

    @ParameterizedTest
    @CsvSource({"f32, 1e-4", "f16, 1e-2", "q8_0, 0.2"})
    void mergedModelAnswersAsBaseAndAdapter(String type, double rms) throws IOException {
        Path model = Fixtures.require("models/stories260K-f32.gguf");
        Path file = ExampleModel.writeAdapter(folder.resolve("a.gguf"), adapter(model, 0.01, 1));
        OutputTypes types = OutputTypes.parse("ffn_down=" + (type.equals("q8_0") ? "f16" : type) + "," + type);
        Fuse.run(FuseOptions.of(model, file, output()).withTypes(types));
        List<AdapterUse> uses = List.of(AdapterUse.of(file));
        LogitParity parity = compare(model, uses, output(), List.of());
        LogitParity effect = compare(model, uses, model, List.of());
        assertThat(parity.rmsDifference()).isLessThan(rms);
        assertThat(effect.rmsDifference()).as("the adapter does something").isGreaterThan(0.5);
    }

    @Test
    void adapterThatWentThroughPeftOrMlxAnswersTheSame() throws IOException {
        Path model = Fixtures.require("models/stories260K-f32.gguf");
        Path file = ExampleModel.writeAdapter(folder.resolve("a.gguf"), adapter(model, 0.01, 2));
        ModelOutline outline = ModelOutline.read(model);
        for (AdapterFormat format : List.of(AdapterFormat.PEFT, AdapterFormat.MLX)) {
            Path other = folder.resolve(format.name());
            AdapterFiles.write(AdapterFiles.read(file, outline), outline, format, other, "base");
            Path back = folder.resolve(format + ".gguf");
            AdapterFiles.writeGguf(AdapterFiles.read(other, outline), back);
            LogitParity parity = compare(model, List.of(AdapterUse.of(file)), model, List.of(AdapterUse.of(back)));
            assertThat(parity.largestDifference()).isZero();
        }
    }

    @Test
    void severalAdaptersWithStrengthsAddUpAsLlamaCppAddsThem() throws IOException {
        Path model = Fixtures.require("models/stories260K-f32.gguf");
        Path one = ExampleModel.writeAdapter(folder.resolve("one.gguf"), adapter(model, 0.01, 3));
        Path two = ExampleModel.writeAdapter(folder.resolve("two.gguf"), adapter(model, 0.01, 4));
        List<AdapterUse> uses = List.of(new AdapterUse(one, 0.5f), new AdapterUse(two, -0.75f));
        Fuse.run(new FuseOptions(model, uses, output(), OutputTypes.KEEP, 1, ConvertProgress.NONE));
        assertThat(compare(model, uses, output(), List.of()).largestDifference())
                .isLessThan(1e-3);
    }

    @Test
    void tiedModelIsMergedToo() throws IOException {
        Path model = folder.resolve("gemma.gguf");
        RandomModel.gemma3(2, 64, 4, 1, 128, 400).type(GgmlType.F32).tied(true).write(model, 5);
        Path file = ExampleModel.writeAdapter(folder.resolve("a.gguf"), adapter(model, 0.01, 5));
        Fuse.run(FuseOptions.of(model, file, output()));
        try (NativeLogits adapted = new NativeLogits(model, List.of(AdapterUse.of(file)));
                NativeLogits merged = new NativeLogits(output(), List.of())) {
            LogitParity parity = LogitParity.compare(adapted, merged, List.of(new int[] {2, 5, 80, 81, 200, 7}));
            assertThat(parity.largestDifference()).isLessThan(1e-3);
        }
    }
}
