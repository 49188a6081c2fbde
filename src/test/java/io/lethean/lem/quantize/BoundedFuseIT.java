package io.lethean.lem.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.Fixtures;
import io.lethean.lem.InvalidModelException;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.adapter.RandomAdapter;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.model.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Types that are chosen by a bound, with the divergence of each result measured again in another way. */
class BoundedFuseIT {

    private static final String TEXT = "Once upon a time there was a little girl who had a red ball. She liked to play"
            + " with it in the park every day, and her friend Tim came with his dog to play, too.";

    @TempDir
    Path folder;

    private Path model = Path.of("");
    private Path adapter = Path.of("");
    private Path output = Path.of("");

    @BeforeEach
    void prepare() throws IOException {
        model = Fixtures.require("models/stories260K-f32.gguf");
        adapter = RandomAdapter.write(folder.resolve("adapter.gguf"), model, 0.02, 3);
        output = Files.createDirectories(folder.resolve("out")).resolve("merged.gguf");
    }

    private FuseOptions options() {
        return FuseOptions.of(model, adapter, output).withTypes(OutputTypes.parse("q4_0"));
    }

    private BoundedMerge merge(double bound) throws IOException {
        return BoundedFuse.run(options(), bound, new MergeParity(TEXT, 1));
    }

    /** The mean divergence by the definition, of logits that llama.cpp gives token by token. */
    private double divergence(Path merged) throws IOException {
        int[] tokens;
        try (Tokenizer tokenizer = Tokenizer.load(model)) {
            tokens = tokenizer.encode(TEXT, true, false).stream()
                    .mapToInt(Integer::intValue)
                    .toArray();
        }
        try (NativeLogits one = new NativeLogits(model, List.of(AdapterUse.of(adapter)));
                NativeLogits other = new NativeLogits(merged, List.of())) {
            List<float[]> wanted = new ArrayList<>();
            List<float[]> found = new ArrayList<>();
            one.evaluate(tokens, row -> wanted.add(row.clone()));
            other.evaluate(tokens, row -> found.add(row.clone()));
            double sum = 0;
            for (int i = 0; i < tokens.length; i++) {
                double[] p = probabilities(wanted.get(i));
                double[] q = probabilities(found.get(i));
                for (int k = 0; k < p.length; k++) {
                    sum += p[k] * Math.log(p[k] / q[k]);
                }
            }
            return sum / tokens.length;
        }
    }

    private static double[] probabilities(float[] logits) {
        double total = 0;
        double[] p = new double[logits.length];
        for (int i = 0; i < p.length; i++) {
            p[i] = Math.exp(logits[i]);
            total += p[i];
        }
        for (int i = 0; i < p.length; i++) {
            p[i] /= total;
        }
        return p;
    }

    private Map<String, String> types(Path file) throws IOException {
        Map<String, String> types = new HashMap<>();
        GgufFile.read(file)
                .tensors()
                .forEach(tensor -> types.put(tensor.name(), tensor.type().ggmlName()));
        return types;
    }

    @Test
    void resultMeetsTheBound_withAMixtureOfTypes_andFewerWouldNotMeetIt() throws IOException {
        double coarse = merge(10).parity().divergence();
        Fuse.run(options().withTypes(OutputTypes.parse("q5_0")));
        double finer = divergence(output);
        assertThat(finer).isLessThan(coarse / 2);
        double bound = Math.sqrt(coarse * finer);

        BoundedMerge merge = merge(bound);
        assertThat(merge.parity().divergence()).isLessThanOrEqualTo(bound);
        assertThat(divergence(output)).isCloseTo(merge.parity().divergence(), within(0.02 * bound));
        Map<String, String> written = types(output);
        merge.report().merged().forEach(tensor -> assertThat(tensor.to()).isEqualTo(written.get(tensor.tensor())));
        assertThat(merge.report().merged()).extracting(TensorReport::to).contains("q4_0", "q5_0");

        // The choice with one tensor less was measured, too, and is too far.
        Map<String, String> chosen = new HashMap<>();
        merge.report().merged().forEach(tensor -> chosen.put(tensor.tensor(), tensor.to()));
        assertThat(merge.trials()).anySatisfy(trial -> {
            assertThat(trial.divergence()).isGreaterThan(bound);
            assertThat(chosen.keySet())
                    .filteredOn(name -> !chosen.get(name).equals(trial.types().get(name)))
                    .hasSize(1);
        });
        assertThat(merge.text()).contains("chosen ", " q4_0, ", " q5_0: KL ");
        GgufFile file = GgufFile.read(output);
        assertThat(file.metadata().real("lem.merge.kl")).hasValue(merge.parity().divergence());
        assertThat(file.metadata().real("lem.merge.max_kl")).hasValue(bound);
    }

    @Test
    void coarseTypesAreKept_ifTheyMeetTheBound() throws IOException {
        BoundedMerge merge = merge(10);
        assertThat(merge.trials()).hasSize(1);
        // Rows that are not whole blocks are f16.
        assertThat(merge.report().merged()).extracting(TensorReport::to).containsOnly("q4_0", "f16");
        assertThat(onlyFile()).isEqualTo(output);
    }

    @Test
    void boundThatNothingMeets_isRefused_andNothingIsWritten() throws IOException {
        Files.writeString(output, "older");
        assertThatThrownBy(() -> merge(1e-30))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("No types of the ")
                .hasMessageContaining("below 1.000e-30 nats: with 32-bit floats in all of them it is ");
        assertThat(output).hasContent("older");
        assertThat(onlyFile()).isEqualTo(output);
        for (double bound : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> merge(bound)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void outputThatIsAnInput_isRefused() throws IOException {
        byte[] before = Files.readAllBytes(adapter);
        assertThatThrownBy(() -> BoundedFuse.run(options().withOutput(adapter), 1, new MergeParity(TEXT, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is never overwritten");
        assertThat(adapter).hasBinaryContent(before);
    }

    private Path onlyFile() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("out"))) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.getFirst();
        }
    }
}
