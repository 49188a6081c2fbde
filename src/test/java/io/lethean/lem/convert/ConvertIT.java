package io.lethean.lem.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.Fixtures;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.io.Sha256;
import io.lethean.lem.quantize.Quantize;
import io.lethean.lem.quantize.QuantizeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders of Hugging Face against what the pinned converter of llama.cpp writes and what transformers computes. */
class ConvertIT {

    @TempDir
    private Path folder;

    private Path convert(Path model, String type) throws IOException {
        Path output = folder.resolve(type + ".gguf");
        Convert.run(ConvertOptions.of(model, output).withType(type).withThreads(2));
        return output;
    }

    @ParameterizedTest
    @CsvSource({"llama3-spm, 16, 6", "llama-bpe, 15, 5", "gemma3-spm, 15, 13"})
    void everyValueAndEveryByte_isThatOfLlamaCppsConverter(String name, int matrices, int vectors) throws IOException {
        Path model = Fixtures.require("hf/" + name);
        Path output = folder.resolve("model.gguf");

        ConvertReport report =
                Convert.run(ConvertOptions.of(model, output).withType("bf16").withThreads(2));

        ExpectedGguf.assertSame(output, model);
        assertThat(report.tensors()).isEqualTo(Map.of("bf16", matrices, "f32", vectors));
        assertThat(convert(model, "auto")).hasSameBinaryContentAs(output);
    }

    /** The bounds of the issue. Gemma's is wider because llama.cpp looks its GELU up in a table of 16-bit values. */
    @ParameterizedTest
    @CsvSource({"llama3-spm, 1e-4", "llama-bpe, 1e-4", "gemma3-spm, 2e-3"})
    void logits_areThoseOfTransformers(String name, double bound) throws IOException {
        Path model = Fixtures.require("hf/" + name);

        assertThat(ExpectedLogits.of(model).largestDifference(convert(model, "f32")))
                .isLessThan(bound);
    }

    /** Logits that a wrong order of query and key rows, or one rope factor, would move past the bound. */
    @Test
    void logitsOfAnotherModel_areOutsideTheBound() throws IOException {
        Path model = Fixtures.require("hf/llama3-spm");

        assertThat(ExpectedLogits.of(Fixtures.require("hf/gemma3-spm")).largestDifference(convert(model, "f32")))
                .isGreaterThan(0.1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"q4_K_M", "q6_K", "ffn_down=q8_0,q5_0"})
    void quantizedType_givesTheFileThatTwoCommandsGive(String type) throws IOException {
        Path model = Fixtures.require("hf/llama-bpe");
        Path wide = convert(model, "bf16");
        Path twice = folder.resolve("twice.gguf");
        Quantize.run(QuantizeOptions.of(wide, twice, type));
        Path once = folder.resolve("once.gguf");

        ConvertReport report =
                Convert.run(ConvertOptions.of(model, once).withType(type).withThreads(2));

        assertThat(once).hasSameBinaryContentAs(twice);
        assertThat(report.type()).isEqualTo(type);
        assertThat(report.bytes()).isEqualTo(Files.size(once));
        assertThat(report.tensors().values().stream()
                        .mapToInt(Integer::intValue)
                        .sum())
                .isEqualTo(GgufFile.read(once).tensors().size());
        assertThat(folder.toFile().list()).noneMatch(name -> name.endsWith(".part") || name.endsWith(".lock"));
    }

    @Test
    void conversionToAnotherType_replacesAnOlderOutput_andAFailureKeepsIt() throws IOException {
        Path model = Fixtures.require("hf/llama-bpe");
        Path output = Files.writeString(folder.resolve("model.gguf"), "older");
        Convert.run(ConvertOptions.of(model, output));
        String whole = Sha256.of(output);

        assertThatThrownBy(() -> Convert.run(ConvertOptions.of(folder, output)))
                .hasMessageContaining("has no config.json");
        assertThat(Sha256.of(output)).isEqualTo(whole);
    }

    @Test
    void temporaryFilesOfAKilledConversion_areRemoved_andOthersStay() throws IOException {
        Path output = folder.resolve("model.gguf");
        String part = ".01234567-89ab-cdef-0123-456789abcdef.part";
        Path left = Files.writeString(folder.resolve("model.gguf" + part), "half");
        Path leftTwice = Files.writeString(folder.resolve("model.gguf" + part + part), "half");
        Path other = Files.writeString(folder.resolve("other.gguf" + part), "of another conversion");
        Path own = Files.writeString(folder.resolve("model.gguf.part"), "a user's");

        Convert.run(ConvertOptions.of(Fixtures.require("hf/llama-bpe"), output));

        assertThat(left).doesNotExist();
        assertThat(leftTwice).doesNotExist();
        assertThat(other).exists();
        assertThat(own).exists();
    }
}
