package io.lethean.lem.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.Fixtures;
import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuantizeIT {

    @TempDir
    Path folder;

    private Path output() {
        return folder.resolve("out.gguf");
    }

    /** The fixtures were written by llama-quantize from the F32 file: every tensor's type and bytes have to agree. */
    @ParameterizedTest
    @ValueSource(strings = {"q8_0", "q4_0"})
    void everyTensorIsAsLlamaQuantizeWritesIt(String type) throws IOException {
        Path source = Fixtures.require("models/stories260K-f32.gguf");
        Path expected = Fixtures.require("models/stories260K-" + type + ".gguf");
        QuantizeReport report = Quantize.run(QuantizeOptions.of(source, output(), type));
        GgufFile wanted = GgufFile.read(expected);
        GgufFile found = GgufFile.read(output());
        assertThat(found.tensors()).hasSameSizeAs(wanted.tensors());
        for (GgufTensor tensor : wanted.tensors()) {
            assertThat(found.tensor(tensor.name()).orElseThrow().type())
                    .as(tensor.name())
                    .isEqualTo(tensor.type());
            assertThat(Arrays.equals(
                            ExampleModel.bytes(output(), tensor.name()), ExampleModel.bytes(expected, tensor.name())))
                    .as(tensor.name())
                    .isTrue();
        }
        assertThat(found.metadata().integer("general.file_type"))
                .isEqualTo(wanted.metadata().integer("general.file_type"));
        assertThat(found.metadata().integer("general.quantization_version").getAsLong())
                .isEqualTo(2);
        assertThat(report.notes()).anyMatch(note -> note.contains("ffn_down") && note.contains("f16"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bf16", "f16", "q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "q2_K", "q3_K", "q4_K", "q5_K", "q6_K", "iq4_nl",
                "iq4_xs", "iq3_xxs", "iq3_s", "tq1_0", "tq2_0", "mxfp4", "q1_0", "q2_0"
            })
    void everyTypeKeepsTheNumbersAboutAsItsBitsAllow(String type) throws IOException {
        Path model = ExampleModel.write(folder.resolve("model.gguf"));
        QuantizeReport report =
                Quantize.run(QuantizeOptions.of(model, output(), type).withThreads(2));
        GgufTensor tensor = ExampleModel.tensor(output(), ExampleModel.Q);
        assertThat(tensor.type().ggmlName()).isEqualTo(type);
        // Numbers spread evenly over -1..1 cannot be kept better than by 2^bits even steps: an error of 2^-bits.
        double bits = type.endsWith("f16")
                ? (type.equals("f16") ? 12 : 9)
                : tensor.type().typeSize() * 8.0 / tensor.type().blockSize();
        assertThat(report.relativeError()).isBetween(0.4 * Math.pow(2, -bits), 6 * Math.pow(2, -bits));
        assertThat(ExampleModel.bytes(output(), ExampleModel.NORM))
                .isEqualTo(ExampleModel.bytes(model, ExampleModel.NORM));
    }

    @Test
    void quantizingTwiceIsNoted() throws IOException {
        Path q4 = Fixtures.require("models/stories260K-q4_0.gguf");
        assertThat(Quantize.run(QuantizeOptions.of(q4, output(), "q8_0")).notes())
                .anyMatch(note -> note.contains("quantized already"));
    }

    @Test
    void namesComeBeforeRules() throws IOException {
        Path source = Fixtures.require("models/stories260K-f32.gguf");
        Quantize.run(QuantizeOptions.of(source, output(), "output=q4_0,attn_v=keep,blk.0.*=f16,q8_0"));
        assertThat(ExampleModel.tensor(output(), "output.weight").type()).isEqualTo(GgmlType.Q4_0);
        assertThat(ExampleModel.tensor(output(), "blk.0.attn_v.weight").type()).isEqualTo(GgmlType.F32);
        assertThat(ExampleModel.tensor(output(), "blk.0.attn_q.weight").type()).isEqualTo(GgmlType.F16);
        assertThat(ExampleModel.tensor(output(), "blk.1.attn_q.weight").type()).isEqualTo(GgmlType.Q8_0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"iq2_xxs", "iq2_xs", "iq1_s"})
    void typeThatNeedsAnImportanceMatrixIsRefusedByName(String type) throws IOException {
        Path model = ExampleModel.write(folder.resolve("model.gguf"));
        Files.writeString(output(), "old");
        assertThatThrownBy(() -> Quantize.run(QuantizeOptions.of(model, output(), type)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining(type)
                .hasMessageContaining("importance matrix")
                .hasMessageEndingWith("give it another type, such as q2_K or q3_K.");
        assertThat(output()).hasContent("old");
    }

    @Test
    void typeWhoseBlocksDoNotFitANamedTensorIsRefused() throws IOException {
        Path source = Fixtures.require("models/stories260K-f32.gguf");
        assertThatThrownBy(() -> Quantize.run(QuantizeOptions.of(source, output(), "blk.0.attn_q.weight=q4_K")))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("blk.0.attn_q.weight")
                .hasMessageContaining("rows of 64");
    }

    @Test
    void inputIsNeverTheOutput() throws IOException {
        Path model = ExampleModel.write(folder.resolve("model.gguf"));
        assertThatThrownBy(() -> Quantize.run(QuantizeOptions.of(model, model, "q8_0")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
