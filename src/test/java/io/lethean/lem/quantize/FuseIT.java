package io.lethean.lem.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FuseIT {

    private static final String Q = ExampleModel.Q;

    @TempDir
    Path folder;

    private Path base;
    private Path output;

    @BeforeEach
    void writeModel() throws IOException {
        base = ExampleModel.write(folder.resolve("base.gguf"));
        output = folder.resolve("merged.gguf");
    }

    private Path quantized(String type) throws IOException {
        Path model = folder.resolve(type + ".gguf");
        Quantize.run(QuantizeOptions.of(base, model, type));
        return model;
    }

    private Path adapterFile(Adapter adapter) throws IOException {
        return ExampleModel.writeAdapter(folder.resolve("adapter.gguf"), adapter);
    }

    /** Read by the formats' definitions, not by ggml. */
    private static float[] dequantized(Path model) throws IOException {
        byte[] bytes = ExampleModel.bytes(model, Q);
        GgufTensor tensor = ExampleModel.tensor(model, Q);
        float[] values = new float[Math.toIntExact(tensor.elements())];
        int blockBytes = tensor.type().typeSize();
        for (int i = 0; i < values.length; i++) {
            int block = i / 32 * blockBytes;
            float scale = Float.float16ToFloat((short) (bytes[block] & 0xFF | bytes[block + 1] << 8));
            int at = block + 2 + (tensor.type() == GgmlType.Q8_0 ? i % 32 : i % 16);
            int high = i % 32 < 16 ? bytes[at] & 15 : (bytes[at] & 0xFF) >> 4;
            values[i] = scale * (tensor.type() == GgmlType.Q8_0 ? bytes[at] : high - 8);
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(strings = {"q8_0", "q4_0"})
    void quantizedModelIsMergedInItsOwnTypeWithTheErrorReported(String type) throws IOException {
        Path model = quantized(type);
        Adapter adapter = ExampleModel.adapter(16, 4, 0.1, 2, Q);
        FuseReport report =
                Fuse.run(FuseOptions.of(model, adapterFile(adapter), output).withThreads(2));
        float[] before = dequantized(model);
        float[] after = dequantized(output);
        double[] wanted = ExampleModel.merged(before, adapter, Q, 1);
        double update = 0;
        double error = 0;
        for (int i = 0; i < after.length; i++) {
            update += Math.pow(wanted[i] - before[i], 2);
            error += Math.pow(after[i] - wanted[i], 2);
        }
        assertThat(report.merged())
                .singleElement()
                .satisfies(tensor -> assertThat(tensor.to()).isEqualTo(type));
        assertThat(report.updateNorm()).isCloseTo(Math.sqrt(update), Offset.offset(1e-3));
        assertThat(report.errorNorm()).isCloseTo(Math.sqrt(error), Offset.offset(1e-3));
        assertThat(report.errorPerUpdate()).isLessThan(type.equals("q8_0") ? 0.05 : 0.5);
        assertThat(ExampleModel.bytes(output, ExampleModel.DOWN))
                .isEqualTo(ExampleModel.bytes(model, ExampleModel.DOWN));
    }

    @Test
    void gentleAdapterOnACoarseModelIsWarnedOfAndKeptByAFinerType() throws IOException {
        Path model = quantized("q4_0");
        Path adapter = adapterFile(ExampleModel.adapter(16, 4, 0.003, 2, Q));
        assertThat(Fuse.run(FuseOptions.of(model, adapter, output)).warnings())
                .anyMatch(warning ->
                        warning.startsWith("Quantization error is large compared with the adapter's update"));
        FuseReport finer = Fuse.run(FuseOptions.of(model, adapter, output).withTypes(OutputTypes.parse("f16")));
        assertThat(finer.warnings()).isEmpty();
        assertThat(finer.errorPerUpdate()).isLessThan(0.05);
    }

    @Test
    void tensorThatIsQuantizedTwice_isWarnedOf_unlessItIsWrittenInFloats() throws IOException {
        Path adapter = adapterFile(ExampleModel.adapter(16, 4, 0.1, 2, Q));
        for (String type : new String[] {"q8_0", "q4_0"}) {
            assertThat(Fuse.run(FuseOptions.of(quantized(type), adapter, output))
                            .warnings())
                    .contains("1 merged tensor was quantized already and quantized again, so that the errors add up;"
                            + " merge into a model in f16 or bf16 and quantize the result, or write these tensors in"
                            + " f16.");
        }
        FuseOptions halves = FuseOptions.of(quantized("q8_0"), adapter, output).withTypes(OutputTypes.parse("f16"));
        assertThat(Fuse.run(halves).warnings()).noneMatch(warning -> warning.contains("quantized again"));
    }

    @Test
    void threadsChangeNothing() throws IOException {
        Path adapter = adapterFile(ExampleModel.adapter(16, 4, 0.1, 2, Q, ExampleModel.DOWN));
        FuseOptions options = FuseOptions.of(quantized("q6_K"), adapter, output);
        Fuse.run(options.withThreads(3));
        byte[] three = Files.readAllBytes(output);
        Fuse.run(options.withThreads(1));
        assertThat(Files.readAllBytes(output)).isEqualTo(three);
    }

    @Test
    void modelInATypeThatNeedsAnImportanceMatrixNeedsAnotherTypeNamed() throws IOException {
        Path model = folder.resolve("iq.gguf");
        GgufWriter writer = new GgufWriter().putAll(GgufFile.read(base).metadata());
        GgufTensor tensor = ExampleModel.tensor(base, Q);
        int bytes = (int) (GgmlType.IQ2_XXS.rowBytes(tensor.dim(0)) * tensor.rows());
        writer.tensor(Q, tensor.dims(), GgmlType.IQ2_XXS, GgufWriter.TensorSource.of(new byte[bytes]));
        writer.write(model);
        Path adapter = adapterFile(ExampleModel.adapter(16, 4, 0.1, 2, Q));
        assertThatThrownBy(() -> Fuse.run(FuseOptions.of(model, adapter, output)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining(Q)
                .hasMessageContaining("iq2_xxs");
        Fuse.run(FuseOptions.of(model, adapter, output).withTypes(OutputTypes.parse("q8_0")));
        assertThat(ExampleModel.tensor(output, Q).type()).isEqualTo(GgmlType.Q8_0);
    }

    @Test
    void typeThatKeepsAPartOfItsScaleElsewhereIsRefused() throws IOException {
        Path model = folder.resolve("nvfp4.gguf");
        GgufWriter writer = new GgufWriter().putAll(GgufFile.read(base).metadata());
        GgufTensor tensor = ExampleModel.tensor(base, Q);
        int bytes = (int) (GgmlType.NVFP4.rowBytes(tensor.dim(0)) * tensor.rows());
        writer.tensor(Q, tensor.dims(), GgmlType.NVFP4, GgufWriter.TensorSource.of(new byte[bytes]));
        writer.write(model);
        Path adapter = adapterFile(ExampleModel.adapter(16, 4, 0.1, 2, Q));
        assertThatThrownBy(() -> Fuse.run(FuseOptions.of(model, adapter, output)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("nvfp4");
    }
}
