package io.lethean.lem.internal.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class GgufReportTest {

    @TempDir
    Path folder;

    @Test
    void textShowsHeaderMetadataAndTensors() throws IOException {
        GgufReport report = GgufReport.of(Fixtures.require("models/stories260K-q8_0.gguf"));

        assertThat(report.isAccepted()).isTrue();
        assertThat(report.text())
                .contains(
                        "format    GGUF 3, 370.4 KiB in 25 metadata values and 48 tensors, alignment 32, data from byte",
                        "weights   292800 in 356.2 KiB, 11 x f32, 5 x f16, 32 x q8_0")
                .containsPattern("llama.block_count +u32 +5\n")
                .containsPattern("tokenizer.ggml.tokens +str\\[512] +<unk>, <s>, </s>, <0x00>, <0x01>, <0x02>, ...\n")
                .containsPattern("blk.0.ffn_down.weight +172 x 64 +f16 +21.5 KiB +at 83200\n")
                .endsWith("\nverdict   no rule refuses the file\n");
        assertThat(report.warnings()).containsExactly("The file has no chat template; chats use the plain form.");
    }

    @Test
    void jsonSaysTheSame() throws IOException {
        JsonNode json = JsonMapper.shared()
                .readTree(GgufReport.of(Fixtures.require("models/stories260K-f32.gguf"))
                        .json());

        assertThat(json.at("/version").asInt()).isEqualTo(3);
        assertThat(json.at("/parameters").asLong()).isEqualTo(292_800);
        assertThat(json.at("/metadata/llama.block_count/value").asInt()).isEqualTo(5);
        assertThat(json.at("/metadata/tokenizer.ggml.tokens/size").asInt()).isEqualTo(512);
        assertThat(json.at("/metadata/tokenizer.ggml.tokens/first/1").asString())
                .isEqualTo("<s>");
        assertThat(json.at("/metadata/tokenizer.ggml.add_eos_token/value").asBoolean())
                .isFalse();
        assertThat(json.at("/tensors/1/name").asString()).isEqualTo("output_norm.weight");
        assertThat(json.at("/tensors/1/shape/0").asInt()).isEqualTo(64);
        assertThat(json.at("/verdict/accepted").asBoolean()).isTrue();
    }

    @Test
    void refusedFileIsShownWithTheRule() throws IOException {
        Path path = folder.resolve("bad.gguf");
        RandomModel.llama(1, 32, 4, 2, 48, 400)
                .writer(1)
                .put("llama.block_count", GgufValue.uint32(0))
                .write(path);
        GgufReport report = GgufReport.of(path);

        assertThat(report.isAccepted()).isFalse();
        assertThat(report.text())
                .contains("token_embd.weight", "verdict   The file " + path + " is refused by the rule layers");
        assertThat(report.warnings()).contains("block_count is 0, but there are tensors of 1 blocks.");
        assertThat(JsonMapper.shared()
                        .readTree(report.json())
                        .at("/verdict/rule")
                        .asString())
                .isEqualTo("layers");
    }

    @Test
    void unreadableFileIsAReportToo() throws IOException {
        Path path = Files.writeString(folder.resolve("text.gguf"), "no model at all");
        GgufReport report = GgufReport.of(path);

        assertThat(report.refusal()).get().satisfies(e -> assertThat(e.rule()).isEqualTo("magic"));
        assertThat(report.text()).startsWith("file      " + path + "\n\nverdict   The file ");
        assertThat(JsonMapper.shared()
                        .readTree(report.json())
                        .at("/verdict/accepted")
                        .asBoolean(true))
                .isFalse();
    }

    @Test
    void controlCharactersOfTheFileNeverReachATerminal() throws IOException {
        Path path = folder.resolve("hostile.gguf");
        new GgufWriter()
                .put("general.name\u001b[2J", "a\u001b[31mred\u202e\u009b\r\n" + "x".repeat(100))
                .tensor("t\u0007", List.of(1L), GgmlType.I32, GgufWriter.TensorSource.of(new byte[4]))
                .write(path);

        String text = GgufReport.of(path).text();

        assertThat(text.chars().filter(c -> Character.isISOControl(c) && c != '\n'))
                .isEmpty();
        assertThat(text)
                .contains("general.name\\u001B[2J", "a\\u001B[31mred\\u202E\\u009B\\r\\nx", "... (113 characters)");
    }

    @Test
    void numbersThatJsonCannotHoldBecomeTexts() throws IOException {
        Path path = folder.resolve("numbers.gguf");
        new GgufWriter()
                .put("u64", GgufValue.integer(GgufType.UINT64, -1))
                .put("nan", GgufValue.of(Float.NaN))
                .put("f32", GgufValue.of(0.1f))
                .write(path);
        JsonNode json = JsonMapper.shared().readTree(GgufReport.of(path).json());

        assertThat(json.at("/metadata/u64/value").asString()).isEqualTo("18446744073709551615");
        assertThat(json.at("/metadata/nan/value").asString()).isEqualTo("NaN");
        assertThat(json.at("/metadata/f32/value").toString()).isEqualTo("0.1");
    }

    @Test
    void adapterIsNotMeasuredAsAModel() throws IOException {
        Path path = folder.resolve("adapter.gguf");
        new GgufWriter()
                .put("general.type", "adapter")
                .put("general.architecture", "llama")
                .write(path);
        GgufReport report = GgufReport.of(path);

        assertThat(report.warnings()).isEmpty();
        assertThat(report.text()).contains("whether it fits a model is checked when it is used with one");
    }

    @Test
    void oddVocabulariesAreNamed() throws IOException {
        Path path = Fixtures.require("robustness/tiny-llama-f32.gguf");
        assertThat(GgufReport.of(path).warnings())
                .contains("The vocabulary has no byte tokens, so texts with other characters cannot be tokenized.");
    }
}
