package io.lethean.lem.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterFormat;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.adapter.Factor;
import io.lethean.lem.adapter.LoraPair;
import io.lethean.lem.adapter.ModelOutline;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufType;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FuseTest {

    private static final String Q = ExampleModel.Q;
    private static final String DOWN = ExampleModel.DOWN;

    @TempDir
    Path folder;

    private Path model;
    private Path output;

    @BeforeEach
    void writeModel() throws IOException {
        model = ExampleModel.write(folder.resolve("model.gguf"));
        output = folder.resolve("merged.gguf");
    }

    private Path adapterFile(Adapter adapter) throws IOException {
        return ExampleModel.writeAdapter(folder.resolve("adapter.gguf"), adapter);
    }

    private static void assertClose(float[] found, double[] wanted, double tolerance) {
        for (int i = 0; i < wanted.length; i++) {
            if (!(Math.abs(found[i] - wanted[i]) <= tolerance * Math.max(1, Math.abs(wanted[i])))) {
                assertThat((double) found[i]).as("number " + i).isCloseTo(wanted[i], Offset.offset(tolerance));
            }
        }
        assertThat(found).hasSize(wanted.length);
    }

    /** Rank 5 leaves a remainder of the rows added four at a time. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4, 5, 16})
    void mergedTensorIsTheBasePlusTheScaledProduct(int rank) throws IOException {
        Adapter adapter = ExampleModel.adapter(16, rank, 0.1, 2, Q, DOWN);
        Fuse.run(FuseOptions.of(model, adapterFile(adapter), output));
        for (String tensor : List.of(Q, DOWN)) {
            double[] wanted = ExampleModel.merged(ExampleModel.floats(model, tensor), adapter, tensor, 1);
            assertClose(ExampleModel.floats(output, tensor), wanted, 1e-6);
        }
    }

    @Test
    void untouchedTensorsAndMetadataAreTheSameBytes() throws IOException {
        Fuse.run(FuseOptions.of(model, adapterFile(ExampleModel.adapter(16, 4, 0.1, 2, Q)), output));
        GgufFile before = GgufFile.read(model);
        GgufFile after = GgufFile.read(output);
        assertThat(after.metadata().asMap()).isEqualTo(before.metadata().asMap());
        assertThat(after.tensors()).isEqualTo(before.tensors());
        for (GgufTensor tensor : before.tensors()) {
            boolean same =
                    Arrays.equals(ExampleModel.bytes(model, tensor.name()), ExampleModel.bytes(output, tensor.name()));
            assertThat(same).as(tensor.name()).isEqualTo(!tensor.name().equals(Q));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"f16", "F16", "attn_q=f16", "blk.*.attn_q.weight=F16"})
    void halfPrecisionIsTheNearestNumber(String types) throws IOException {
        Adapter adapter = ExampleModel.adapter(16, 4, 0.1, 2, Q);
        Fuse.run(FuseOptions.of(model, adapterFile(adapter), output).withTypes(OutputTypes.parse(types)));
        assertThat(ExampleModel.tensor(output, Q).type()).isEqualTo(GgmlType.F16);
        double[] wanted = ExampleModel.merged(ExampleModel.floats(model, Q), adapter, Q, 1);
        byte[] bytes = ExampleModel.bytes(output, Q);
        float[] found = new float[wanted.length];
        for (int i = 0; i < found.length; i++) {
            found[i] = Float.float16ToFloat((short) (bytes[2 * i] & 0xFF | bytes[2 * i + 1] << 8));
        }
        assertClose(found, wanted, 1.0 / 2048 + 1e-6);
        assertThat(ExampleModel.tensor(output, ExampleModel.NORM).type()).isEqualTo(GgmlType.F32);
    }

    @Test
    void brainFloatsRoundToTheNearestEven() {
        RowCodec codec = RowCodec.of(GgmlType.BF16).orElseThrow();
        float[] values = {
            Float.intBitsToFloat(0x3F808000), Float.intBitsToFloat(0x3F818000), Float.intBitsToFloat(0x3F808001), -2
        };
        try (var arena = Arena.ofConfined()) {
            RowScratch scratch = new RowScratch(arena, 4, 4);
            MemorySegment bytes = arena.allocate(8);
            codec.put(values, bytes, 0, scratch, 4);
            float[] read = new float[4];
            codec.get(bytes, 0, scratch, read, 4);
            assertThat(read)
                    .containsExactly(
                            Float.intBitsToFloat(0x3F800000),
                            Float.intBitsToFloat(0x3F820000),
                            Float.intBitsToFloat(0x3F810000),
                            -2f);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 8})
    void rowsOfDoraHaveTheLengthsOfTheMagnitude(int rank) throws IOException {
        Adapter adapter = ExampleModel.withMagnitudes(ExampleModel.adapter(16, rank, 0.1, 2, Q, DOWN), 6);
        FuseReport report = Fuse.run(FuseOptions.of(model, adapterFile(adapter), output));
        double square = 0;
        for (String tensor : List.of(Q, DOWN)) {
            float[] base = ExampleModel.floats(model, tensor);
            double[] wanted = ExampleModel.mergedDora(base, adapter, tensor);
            assertClose(ExampleModel.floats(output, tensor), wanted, 1e-6);
            for (int i = 0; i < wanted.length; i++) {
                square += (wanted[i] - base[i]) * (wanted[i] - base[i]);
            }
        }
        assertThat(report.updateNorm()).isCloseTo(Math.sqrt(square), Offset.offset(1e-3));
    }

    /** The update of each is what it changes in the base, in whichever order they are given. */
    @Test
    void adaptersOfDoraAddUpWithOthers() throws IOException {
        Adapter plain = ExampleModel.adapter(16, 3, 0.1, 2, Q);
        Adapter dora = ExampleModel.withMagnitudes(ExampleModel.adapter(3, 2, 0.2, 3, Q, DOWN), 6);
        Adapter other = ExampleModel.withMagnitudes(ExampleModel.adapter(8, 4, 0.2, 4, Q), 7);
        List<AdapterUse> uses = List.of(
                new AdapterUse(ExampleModel.writeAdapter(folder.resolve("dora.gguf"), dora), 0.5f),
                new AdapterUse(ExampleModel.writeAdapter(folder.resolve("plain.gguf"), plain), -2),
                new AdapterUse(ExampleModel.writeAdapter(folder.resolve("other.gguf"), other), 1));
        Fuse.run(new FuseOptions(model, uses, output, OutputTypes.KEEP, 2, ConvertProgress.NONE));
        float[] base = ExampleModel.floats(model, Q);
        double[] wanted = ExampleModel.merged(base, plain, Q, -2);
        double[] one = ExampleModel.mergedDora(base, dora, Q);
        double[] two = ExampleModel.mergedDora(base, other, Q);
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] += 0.5 * (one[i] - base[i]) + (two[i] - base[i]);
        }
        assertClose(ExampleModel.floats(output, Q), wanted, 2e-6);
    }

    @Test
    void severalAdaptersAddUpWithTheirStrengths() throws IOException {
        Adapter first = ExampleModel.adapter(16, 4, 0.1, 2, Q);
        Adapter second = ExampleModel.adapter(3, 2, 0.2, 3, Q, DOWN);
        Path one = ExampleModel.writeAdapter(folder.resolve("one.gguf"), first);
        Path two = ExampleModel.writeAdapter(folder.resolve("two.gguf"), second);
        List<AdapterUse> uses = List.of(new AdapterUse(one, 0.5f), new AdapterUse(two, -2));
        Fuse.run(new FuseOptions(model, uses, output, OutputTypes.KEEP, 1, ConvertProgress.NONE));
        float[] base = ExampleModel.floats(model, Q);
        double[] wanted = ExampleModel.merged(base, first, Q, 0.5);
        double[] other = ExampleModel.merged(base, second, Q, -2);
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] += other[i] - base[i];
        }
        assertClose(ExampleModel.floats(output, Q), wanted, 2e-6);
        double[] down = ExampleModel.merged(ExampleModel.floats(model, DOWN), second, DOWN, -2);
        assertClose(ExampleModel.floats(output, DOWN), down, 2e-6);
    }

    @Test
    void activatedAdapterIsRefused() throws IOException {
        Adapter plain = ExampleModel.adapter(16, 4, 0.1, 2, Q);
        Adapter activated = new Adapter("qwen2", 16, plain.pairs(), List.of(7, 8), List.of());
        assertThatThrownBy(() -> Fuse.run(FuseOptions.of(model, adapterFile(activated), output)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("activated LoRA");
        assertThat(output).doesNotExist();
    }

    @Test
    void threadsAndFormatOfTheAdapterChangeNothing() throws IOException {
        Adapter adapter = ExampleModel.adapter(16, 4, 0.1, 2, Q, DOWN);
        Fuse.run(FuseOptions.of(model, adapterFile(adapter), output));
        byte[] one = Files.readAllBytes(output);
        Fuse.run(FuseOptions.of(model, folder.resolve("adapter.gguf"), output).withThreads(3));
        assertThat(Files.readAllBytes(output)).isEqualTo(one);
        for (AdapterFormat format : List.of(AdapterFormat.PEFT, AdapterFormat.MLX)) {
            Path other = folder.resolve(format.name());
            AdapterFiles.write(adapter, ModelOutline.read(model), format, other, "base");
            Fuse.run(FuseOptions.of(model, other, output));
            assertThat(Files.readAllBytes(output)).isEqualTo(one);
        }
    }

    /** A matrix of several blocks, the last one smaller than the others. */
    @Test
    void rowsOfManyBlocksStayInOrder() throws IOException {
        int rows = 2 * (int) RowStream.BLOCK_NUMBERS / ExampleModel.INPUTS + 77;
        float[] weights = ExampleModel.values(rows * ExampleModel.INPUTS, new SplittableRandom(8));
        GgufWriter writer = new GgufWriter()
                .put("general.architecture", "qwen2")
                .put("qwen2.attention.head_count", GgufValue.uint32(1));
        ExampleModel.add(writer, Q, weights, List.of((long) ExampleModel.INPUTS, (long) rows));
        writer.write(model);
        float[] a = new float[ExampleModel.INPUTS];
        Arrays.fill(a, 1);
        float[] b = new float[rows];
        for (int row = 0; row < rows; row++) {
            b[row] = row;
        }
        LoraPair pair = new LoraPair(Q, Factor.of(1, ExampleModel.INPUTS, a), Factor.of(rows, 1, b));
        Fuse.run(FuseOptions.of(model, adapterFile(Adapter.of("qwen2", 1, List.of(pair))), output)
                .withThreads(2));
        float[] found = ExampleModel.floats(output, Q);
        for (int i = 0; i < found.length; i++) {
            if (found[i] != weights[i] + (float) (i / ExampleModel.INPUTS)) {
                assertThat(found[i]).as("number " + i).isEqualTo(weights[i] + (float) (i / ExampleModel.INPUTS));
            }
        }
    }

    @Test
    void splitModelBecomesOneFile() throws IOException {
        List<GgufTensor> tensors = GgufFile.read(model).tensors();
        for (int part = 0; part < 2; part++) {
            GgufWriter writer = new GgufWriter();
            if (part == 0) {
                writer.putAll(GgufFile.read(model).metadata());
            }
            writer.put("split.no", GgufValue.integer(GgufType.UINT16, part));
            writer.put("split.count", GgufValue.integer(GgufType.UINT16, 2));
            writer.put("split.tensors.count", GgufValue.integer(GgufType.INT32, tensors.size()));
            for (GgufTensor tensor : part == 0 ? tensors.subList(0, 2) : tensors.subList(2, tensors.size())) {
                writer.tensor(
                        tensor.name(),
                        tensor.dims(),
                        tensor.type(),
                        GgufWriter.TensorSource.of(ExampleModel.bytes(model, tensor.name())));
            }
            writer.write(folder.resolve("split-0000" + (part + 1) + "-of-00002.gguf"));
        }
        Path adapter = adapterFile(ExampleModel.adapter(16, 4, 0.1, 2, Q, DOWN));
        Fuse.run(FuseOptions.of(model, adapter, output));
        byte[] whole = Files.readAllBytes(output);
        Fuse.run(FuseOptions.of(folder.resolve("split-00001-of-00002.gguf"), adapter, output));
        assertThat(Files.readAllBytes(output)).isEqualTo(whole);
        Path second = folder.resolve("split-00002-of-00002.gguf");
        assertThatThrownBy(() -> Fuse.run(FuseOptions.of(folder.resolve("split-00001-of-00002.gguf"), adapter, second)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void outputIsAFileInAFolder() throws IOException {
        Path adapter = adapterFile(ExampleModel.adapter(16, 4, 0.1, 2, Q));
        for (Path noFile : List.of(folder, Path.of("/"), Path.of(""))) {
            assertThatThrownBy(() -> Fuse.run(FuseOptions.of(model, adapter, noFile)))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("it is a folder; name a file");
        }
        assertThatThrownBy(() -> Fuse.run(FuseOptions.of(model, adapter, model.resolve("x.gguf"))))
                .isInstanceOf(NotDirectoryException.class);
    }

    @Test
    void outputIsNeverAnInput() throws IOException {
        Path adapter = adapterFile(ExampleModel.adapter(16, 4, 0.1, 2, Q));
        byte[] before = Files.readAllBytes(model);
        Path link = Files.createLink(folder.resolve("link.gguf"), model);
        for (Path input : List.of(model, link, adapter, folder.resolve("x/../model.gguf"))) {
            Files.createDirectories(folder.resolve("x"));
            assertThatThrownBy(() -> Fuse.run(FuseOptions.of(model, adapter, input)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("never overwritten");
        }
        assertThat(model).hasBinaryContent(before);
    }

    @Test
    void numberThatIsNoneEndsTheMergeAndLeavesTheOldOutput() throws IOException {
        float[] b = new float[ExampleModel.OUTPUTS];
        b[7] = Float.NaN;
        LoraPair pair =
                new LoraPair(Q, Factor.of(1, ExampleModel.INPUTS, new float[ExampleModel.INPUTS]), Factor.of(96, 1, b));
        Files.writeString(output, "old");
        Path adapter = adapterFile(Adapter.of("qwen2", 1, List.of(pair)));
        assertThatThrownBy(() -> Fuse.run(FuseOptions.of(model, adapter, output)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining(Q)
                .hasMessageContaining("NaN");
        assertThat(output).hasContent("old");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrder(model, adapter, output);
        }
    }

    @Test
    void numberTooLargeForTheTypeIsRefused() throws IOException {
        Adapter adapter = ExampleModel.adapter(1e7f, 1, 1, 2, Q);
        Path file = adapterFile(adapter);
        Fuse.run(FuseOptions.of(model, file, output));
        assertThatThrownBy(() -> Fuse.run(FuseOptions.of(model, file, output).withTypes(OutputTypes.parse("f16"))))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("do not fit into f16");
    }

    @Test
    void reportMeasuresUpdateAndErrorOfWriting() throws IOException {
        Adapter adapter = ExampleModel.adapter(16, 4, 0.1, 2, Q);
        Path file = adapterFile(adapter);
        FuseReport exact = Fuse.run(FuseOptions.of(model, file, output));
        float[] base = ExampleModel.floats(model, Q);
        double[] wanted = ExampleModel.merged(base, adapter, Q, 1);
        double update = 0;
        double error = 0;
        for (int i = 0; i < base.length; i++) {
            update += Math.pow(wanted[i] - base[i], 2);
            double rounded = Float.float16ToFloat(Float.floatToFloat16((float) wanted[i]));
            error += Math.pow(rounded - wanted[i], 2);
        }
        assertThat(exact.updateNorm()).isCloseTo(Math.sqrt(update), Offset.offset(1e-4));
        assertThat(exact.errorNorm()).isZero();
        assertThat(exact.warnings()).isEmpty();
        assertThat(exact.copied()).isEqualTo(3);
        assertThat(exact.bytes()).isEqualTo(Files.size(output));
        FuseReport half = Fuse.run(FuseOptions.of(model, file, output).withTypes(OutputTypes.parse("f16")));
        assertThat(half.errorNorm()).isCloseTo(Math.sqrt(error), Offset.offset(1e-4));
        assertThat(half.errorPerUpdate()).isCloseTo(Math.sqrt(error / update), Offset.offset(1e-4));
        assertThat(half.text()).contains(Q, "f32 -> f16").doesNotContain("warning");
    }

    @Test
    void quantizationThatEatsTheAdapterIsWarnedOf() throws IOException {
        Path gentle = adapterFile(ExampleModel.adapter(16, 4, 1e-5, 2, Q));
        FuseReport report = Fuse.run(FuseOptions.of(model, gentle, output).withTypes(OutputTypes.parse("bf16")));
        assertThat(report.errorPerUpdate()).isGreaterThan(1);
        assertThat(report.warnings())
                .singleElement()
                .asString()
                .contains("Quantization error is large compared with the adapter's update");
        assertThat(report.text()).contains("warning: Quantization error is large compared with the adapter's update");
        Path nothing = adapterFile(ExampleModel.adapter(16, 4, 0, 2, Q));
        assertThat(Fuse.run(FuseOptions.of(model, nothing, output)).warnings())
                .singleElement()
                .asString()
                .contains("changes nothing");
    }

    @Test
    void tensorWithAScaleOfItsOwnIsRefused() throws IOException {
        GgufWriter writer = ExampleModel.writer();
        ExampleModel.add(writer, "blk.0.attn_q.scale", new float[] {0.5f}, List.of(1L));
        writer.write(model);
        Path adapter = adapterFile(ExampleModel.adapter(16, 4, 0.1, 2, Q));
        assertThatThrownBy(() -> Fuse.run(FuseOptions.of(model, adapter, output)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("blk.0.attn_q.scale");
    }

    @Test
    void fileTypeFollowsFromWhatMostNumbersAre() throws IOException {
        Path adapter = adapterFile(ExampleModel.adapter(16, 4, 0.1, 2, Q, DOWN));
        Fuse.run(FuseOptions.of(model, adapter, output).withTypes(OutputTypes.parse("attn_q=f16,ffn_down=bf16")));
        assertThat(ExampleModel.tensor(output, DOWN).type()).isEqualTo(GgmlType.BF16);
        assertThat(GgufFile.read(output).metadata().integer("general.file_type").getAsLong())
                .isIn(1L, 32L);
        Fuse.run(FuseOptions.of(model, adapter, output).withTypes(OutputTypes.parse("attn_q=keep,f16")));
        assertThat(ExampleModel.tensor(output, Q).type()).isEqualTo(GgmlType.F32);
        assertThat(ExampleModel.tensor(output, DOWN).type()).isEqualTo(GgmlType.F16);
    }

    @Test
    void progressNamesEveryTensorOnce() throws IOException {
        List<String> seen = new ArrayList<>();
        Path adapter = adapterFile(ExampleModel.adapter(16, 4, 0.1, 2, Q));
        Fuse.run(FuseOptions.of(model, adapter, output)
                .withProgress((tensor, done, total) -> seen.add(tensor + " " + done + "/" + total)));
        assertThat(seen)
                .containsExactly(ExampleModel.NORM + " 1/4", Q + " 2/4", DOWN + " 3/4", "blk.1.ffn_up.weight 4/4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"q9_0", "i8", "f64", "q8_1", "nvfp4", "=f16", "attn_q=", "q4_0_4_4"})
    void typeThatCannotBeWrittenIsRefusedByName(String types) {
        assertThatThrownBy(() -> OutputTypes.parse(types))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(types);
    }
}
