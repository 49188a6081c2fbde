package io.lethean.lem.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.TensorCodec;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufTensorData;
import io.lethean.lem.internal.gguf.GgufWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Gradients over a quantized base against those over the same weights as f32. */
class QuantizedBaseIT {

    private static final EngineOptions EXACT = EngineOptions.defaults();
    private static final int Q8_BLOCK = 32;
    /**
     * Makes the logits' gradients as small as a loss scale of 1e-3 on the mean over 288 tokens would with a
     * vocabulary of 32,000, of which this one has a hundredth.
     */
    private static final float TOO_SMALL = 1e-3f / 288 * 384 / 32_000;

    private static final double EXACTLY = 1 - 1e-9;
    /** For devices that round one side of a product to the type that suits the other. */
    static final double ROUNDING = 0.995;

    @TempDir
    Path folder;

    /** Products of our own expand the numbers exactly; those of a device may round. */
    double bound() {
        return System.getProperty("lem.test.device") == null ? EXACTLY : ROUNDING;
    }

    /** Where it is computed; the device named by {@code lem.test.device} if that is set, else the CPU. */
    Backend backend(EngineOptions options) {
        String name = System.getProperty("lem.test.device");
        return name == null ? Backend.cpu(options.threads()) : Backend.named(name, options.threads());
    }

    @ParameterizedTest
    @EnumSource(
            value = TestModel.class,
            names = {"LLAMA", "GEMMA2", "GEMMA3", "GEMMA4", "QWEN3", "QWEN3MOE"})
    void gradientsOfAQ8BasePointWhereThoseOfItsExpandedNumbersDo(TestModel model) throws IOException {
        GradientCase quantized = GradientCase.of(model, model.write(folder, GgmlType.Q8_0), this::backend);
        Map<String, double[]> exact =
                GradientCase.of(model, expanded(quantized.file())).gradients(EXACT);
        double cosine = GradientCase.worstCosine(exact, quantized.gradients(EngineOptions.defaults()));
        assertThat(cosine).isGreaterThan(bound());
    }

    /** GPT-OSS keeps its experts as MXFP4. */
    @Test
    void gradientsOfMxfp4ExpertsPointWhereThoseOfTheirExpandedNumbersDo() throws IOException {
        GgufFile file = encoded(TestModel.GPT_OSS.write(folder), GgmlType.MXFP4);
        GradientCase quantized = GradientCase.of(TestModel.GPT_OSS, file, this::backend);
        Map<String, double[]> exact =
                GradientCase.of(TestModel.GPT_OSS, decoded(file)).gradients(EXACT);
        assertThat(GradientCase.worstCosine(exact, quantized.gradients(EngineOptions.defaults())))
                .isGreaterThan(bound());
    }

    @Test
    void allWeightsOfAModelWithMxfp4ExpertsAreRefusedByTheTensorsName() throws IOException {
        GgufFile file = encoded(TestModel.GPT_OSS.write(folder), GgmlType.MXFP4);
        assertThatThrownBy(() ->
                        GradientCase.of(TestModel.GPT_OSS, file, this::backend).openWhole(EXACT))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("_exps.weight")
                .hasMessageContaining("is mxfp4, and all weights can be trained only where they are f32");
    }

    /** A copy of the model with its experts in another type. */
    private GgufFile encoded(GgufFile file, GgmlType type) throws IOException {
        return rewritten(file, "encoded", tensor -> tensor.name().endsWith("_exps.weight") ? type : tensor.type());
    }

    /** A copy of the model with every number as f32. */
    private GgufFile decoded(GgufFile file) throws IOException {
        return rewritten(file, "decoded", tensor -> GgmlType.F32);
    }

    private GgufFile rewritten(GgufFile file, String name, Function<GgufTensor, GgmlType> types) throws IOException {
        Path path = folder.resolve(name + ".gguf");
        GgufWriter writer = new GgufWriter().putAll(file.metadata());
        try (GgufTensorData data = GgufTensorData.open(file);
                Arena arena = Arena.ofConfined()) {
            for (GgufTensor tensor : file.tensors()) {
                GgmlType type = types.apply(tensor);
                MemorySegment packed = arena.allocate(tensor.bytes(), 64);
                packed.copyFrom(MemorySegment.ofArray(data.bytes(tensor)));
                MemorySegment floats = arena.allocate(tensor.elements() * Float.BYTES, 64);
                new TensorCodec(tensor.type()).decode(packed, floats, tensor.elements());
                MemorySegment result = arena.allocate(type.rowBytes(tensor.dim(0)) * tensor.rows(), 64);
                new TensorCodec(type).encode(floats, result, tensor.rows(), tensor.dim(0));
                writer.tensor(
                        tensor.name(),
                        tensor.dims(),
                        type,
                        GgufWriter.TensorSource.of(result.toArray(ValueLayout.JAVA_BYTE)));
            }
            writer.write(path);
        }
        return GgufFile.read(path);
    }

    /** The mean over a large batch, not scaled up: gradients that vanish in half precision do not vanish here. */
    @Test
    void smallGradientsNeedNoScaling() throws IOException {
        assertThat(worstCosineUnscaled()).isGreaterThan(bound());
    }

    /** The worst cosine without scaling the loss up. */
    double worstCosineUnscaled() throws IOException {
        GradientCase quantized =
                GradientCase.of(TestModel.LLAMA, TestModel.LLAMA.write(folder, GgmlType.Q8_0, 2), this::backend);
        Map<String, double[]> exact =
                GradientCase.of(TestModel.LLAMA, expanded(quantized.file())).gradients(EXACT);
        EngineOptions unscaled = EngineOptions.defaults().withLossScale(TOO_SMALL);
        return GradientCase.worstCosine(exact, quantized.gradients(unscaled));
    }

    /** A copy of the model with every q8_0 value written as f32. */
    private GgufFile expanded(GgufFile file) throws IOException {
        Path path = folder.resolve("expanded.gguf");
        GgufWriter writer = new GgufWriter().putAll(file.metadata());
        try (GgufTensorData data = GgufTensorData.open(file)) {
            for (GgufTensor tensor : file.tensors()) {
                byte[] bytes = data.bytes(tensor);
                writer.tensor(
                        tensor.name(),
                        tensor.dims(),
                        GgmlType.F32,
                        GgufWriter.TensorSource.of(tensor.type() == GgmlType.Q8_0 ? expand(bytes) : bytes));
            }
            writer.write(path);
        }
        return GgufFile.read(path);
    }

    private static byte[] expand(byte[] packed) {
        ByteBuffer in = ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer out =
                ByteBuffer.allocate(packed.length / 34 * Q8_BLOCK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            float scale = Float.float16ToFloat(in.getShort());
            for (int i = 0; i < Q8_BLOCK; i++) {
                out.putFloat(scale * in.get());
            }
        }
        return out.array();
    }
}
