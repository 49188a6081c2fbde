package io.lethean.lem.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.OutputInUseException;
import io.lethean.lem.internal.io.OutputLock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders that are incomplete, contradict themselves or lie: each is refused with a sentence, and nothing is written. */
class BadFolderTest {

    private static final String INDEX = "model.safetensors.index.json";
    private static final String WEIGHTS = "model.safetensors";

    @TempDir
    private Path folder;

    private RandomFolder random;

    @BeforeEach
    void readRandom() throws IOException {
        random = RandomFolder.of("llama-bytes");
    }

    private Path write() throws IOException {
        return random.write(folder.resolve("model"));
    }

    private void refused(Path model, String... parts) throws IOException {
        Path output = Files.writeString(folder.resolve("out.gguf"), "older");
        assertThatThrownBy(() -> Convert.run(ConvertOptions.of(model, output)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContainingAll(parts)
                .message()
                .endsWith(".");
        assertThat(output).hasContent("older");
        assertThat(folder.toFile().list()).noneMatch(name -> name.endsWith(".part") || name.endsWith(".lock"));
    }

    private void edit(Path model, String file, String old, String other) throws IOException {
        String text = Files.readString(model.resolve(file));
        assertThat(text).contains(old);
        Files.writeString(model.resolve(file), text.replace(old, other));
    }

    @Test
    void indexThatNamesAMissingFile_isRefusedWithTheTensor() throws IOException {
        random.files(2);
        Path model = write();
        Files.delete(model.resolve("model-00002-of-00002.safetensors"));
        refused(
                model,
                "places tensor ",
                " in model-00002-of-00002.safetensors, and this file is missing; 1 of 2 files");
    }

    @Test
    void indexThatPlacesATensorInTheWrongFile_isRefused() throws IOException {
        random.files(2);
        Path model = write();
        edit(
                model,
                INDEX,
                "\"model.norm.weight\":\"model-00002-of-00002.safetensors\"",
                "\"model.norm.weight\":\"model-00001-of-00002.safetensors\"");
        refused(model, "model.norm.weight in model-00001-of-00002", "it is in model-00002-of-00002.safetensors");
    }

    @Test
    void indexThatDoesNotKnowATensor_isRefused() throws IOException {
        random.files(2);
        Path model = write();
        edit(model, INDEX, "\"model.norm.weight\":\"model-00002-of-00002.safetensors\"", "\"x\":\"y\"");
        refused(model, "places tensor x in y, and this file is missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../model/model-00002-of-00002.safetensors", "/etc/passwd", "a/b", ".hidden"})
    void indexThatLeavesTheFolder_isRefused(String file) throws IOException {
        random.files(2);
        Path model = write();
        edit(
                model,
                INDEX,
                "\"model.norm.weight\":\"model-00002-of-00002.safetensors\"",
                "\"model.norm.weight\":\"" + file + "\"");
        refused(model, "\"" + file + "\", which is not a file of the folder");
    }

    @Test
    void oneOfThreeFilesWithoutAnIndex_isRefusedWithBothCounts() throws IOException {
        random.files(3);
        Path model = write();
        Files.delete(model.resolve(INDEX));
        Files.delete(model.resolve("model-00003-of-00003.safetensors"));
        refused(model, "has 2 of the 3 files");
    }

    @Test
    void tensorInTwoFiles_isRefused() throws IOException {
        Path model = write();
        Files.copy(model.resolve(WEIGHTS), model.resolve("model2.safetensors"));
        refused(model, " is in ", "model2.safetensors and in model.safetensors", "mixes files of two models");
    }

    @ParameterizedTest
    @CsvSource({
        "hidden_size, 128, hidden_size",
        "intermediate_size, 97, intermediate_size",
        "num_attention_heads, 8, num_attention_heads x head_dim",
        "num_key_value_heads, 4, num_key_value_heads x head_dim",
        "head_dim, 8, head_dim"
    })
    void shapesThatAreNotTheConfigurations_areRefusedWithBoth(String key, long value, String shown) throws IOException {
        random.config(key, value);
        refused(write(), "has the shape ", "by config.json it must be ", shown, "of different models");
    }

    @Test
    void layersThatConfigDoesNotHave_areRefused_andMissingOnesToo() throws IOException {
        random.config("num_hidden_layers", 1);
        refused(write(), "is in layer 1, and config.json gives num_hidden_layers as 1");
        random.config("num_hidden_layers", 3);
        refused(
                random.write(folder.resolve("more")),
                "has no tensor model.layers.2.",
                "the download is incomplete or config.json is of another model");
    }

    @Test
    void missingAndUnknownTensors_areRefusedByName() throws IOException {
        random.without("model.norm.weight");
        refused(write(), "has no tensor model.norm.weight");
        RandomFolder more = RandomFolder.of("llama-bytes").tensor("model.layers.0.mlp.extra.weight", "BF16", 2L, 2L);
        refused(
                more.write(folder.resolve("more")),
                "model.layers.0.mlp.extra.weight",
                "is not a tensor of the architecture");
    }

    @Test
    void twoNamesOfOneTensor_areRefused() throws IOException {
        random.tensor("norm.weight", "BF16", 64L);
        refused(write(), "Two tensors of the checkpoint become output_norm.weight");
    }

    @Test
    void typesThatAreNotNumbersOfOurs_areRefusedByName() throws IOException {
        random.without("model.norm.weight").tensor("model.norm.weight", "F8_E4M3", 64L);
        refused(write(), "model.norm.weight", "is stored as F8_E4M3", "quantized");
    }

    @Test
    void vocabularySmallerThanTheTokenizer_isRefusedWithBothSizes() throws IOException {
        random.config("vocab_size", 200);
        refused(write(), "292", "200");
    }

    @Test
    void vocabularyLargerThanTheEmbedding_isRefusedWithBothSizes() throws IOException {
        random.config("vocab_size", 400);
        refused(write(), ".weight", "292 x 64", "400 x 64 (vocab_size, hidden_size)");
    }

    @ParameterizedTest
    @CsvSource({
        "rms_norm_eps, NaN",
        "rms_norm_eps, Infinity",
        "rms_norm_eps, 1e999",
        "rms_norm_eps, true",
        "hidden_size, NaN",
        "hidden_size, 64.5",
        "hidden_size, -64",
        "hidden_size, 1e3",
        "hidden_size, 18446744073709551616",
        "num_hidden_layers, 4294967296",
        "num_attention_heads, 0",
        "vocab_size, 4294967295",
        "vocab_size, 0",
        "head_dim, 4294967295",
        "head_dim, 0",
        "max_position_embeddings, 99999999999"
    })
    void valuesThatAreNotPossible_areRefusedWithKeyAndValue(String key, String value) throws IOException {
        random.config(key, "VALUE");
        Path model = write();
        edit(model, "config.json", "\"VALUE\"", value);
        Path output = folder.resolve("out.gguf");
        assertThatThrownBy(() -> Convert.run(ConvertOptions.of(model, output)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining(key)
                .message()
                .endsWith(".");
        assertThat(output).doesNotExist();
    }

    @Test
    void hugeNumberOfLayers_isRefusedWithoutCounting() throws IOException {
        random.config("num_hidden_layers", 4_294_967_295L);
        refused(write(), "has no tensor model.layers.2.");
        RandomFolder gemma = RandomFolder.of("gemma4").config("num_hidden_layers", 4_294_967_295L);
        gemma.withoutConfig("layer_types");
        refused(gemma.write(folder.resolve("gemma")), "num_hidden_layers", "4294967295");
    }

    @Test
    void qwenWhoseExpertWeightsAreNotNormalized_isRefused_asIsOneThatDoesNotSay() throws IOException {
        RandomFolder qwen = RandomFolder.of("qwen3-moe").config("norm_topk_prob", false);
        refused(qwen.write(folder.resolve("false")), "has norm_topk_prob false", "only if it is true");
        RandomFolder silent = RandomFolder.of("qwen3-moe").withoutConfig("norm_topk_prob");
        refused(silent.write(folder.resolve("silent")), "does not have norm_topk_prob, which then is false");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{", "null", "\"text\"", "{\"architectures\": [\"LlamaForCausalLM\"", "{}"})
    void configurationThatIsNotAnObject_orSaysNothing_isRefused(String text) throws IOException {
        Path model = write();
        Files.writeString(model.resolve("config.json"), text);
        refused(model, "config.json");
    }

    @Test
    void cutFile_isRefusedWithBothLengths() throws IOException {
        Path model = write();
        byte[] whole = Files.readAllBytes(model.resolve(WEIGHTS));
        Files.write(model.resolve(WEIGHTS), java.util.Arrays.copyOf(whole, whole.length - 100));
        refused(model, "bytes of data and has ", "it is cut off");
        Files.write(model.resolve(WEIGHTS), java.util.Arrays.copyOf(whole, 5));
        refused(model, "has 5 bytes");
    }

    @Test
    void overlappingTensors_areRefused() throws IOException {
        Path model = write();
        String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}";
        Files.write(
                model.resolve(WEIGHTS),
                io.lethean.lem.internal.safetensors.SafetensorsBytes.bytes(header, new byte[12]));
        refused(model, "places tensor \"b\" at byte 4", "the tensor before it ends at 8");
    }

    @Test
    void hugeHeader_isRefusedUnread() throws IOException {
        Path model = write();
        Files.write(
                model.resolve(WEIGHTS),
                new byte[] {-1, -1, -1, -1, -1, -1, -1, 127, '{'},
                StandardOpenOption.TRUNCATE_EXISTING);
        refused(model, "announces a header of 9223372036854775807 bytes");
    }

    @ParameterizedTest
    @CsvSource({
        "Qwen3NextForCausalLM, the nearest that can is Qwen3ForCausalLM",
        "LlamaForSequenceClassification, the nearest that can is LlamaForCausalLM",
        "Gemma3nForConditionalGeneration, the nearest that can is Gemma3For",
        "XYZForCausalLM, These can: LlamaForCausalLM"
    })
    void unknownArchitecture_isRefusedByName_withTheNearestThatCan(String name, String nearest) throws IOException {
        random.config("architectures", java.util.List.of(name));
        refused(write(), "is a " + name + ", which cannot be converted", nearest, "These can: ");
    }

    @Test
    void foldersOfOtherKinds_areRefusedWithWhatHelps() throws IOException {
        Path model = write();
        Files.move(model.resolve(WEIGHTS), model.resolve("pytorch_model.bin"));
        refused(model, "pytorch_model.bin, which is a Python pickle and can run code");
        refused(folder, "name the folder ");
        Files.delete(model.resolve("config.json"));
        refused(model, "has no config.json");
        Files.writeString(model.resolve("adapter_config.json"), "{}");
        refused(model, "contains an adapter, not a model; 'lem adapter convert'");
    }

    @Test
    void quantizedByAnotherProgram_isRefusedByName() throws IOException {
        random.config("quantization_config", java.util.Map.of("quant_method", "awq", "bits", 4));
        refused(write(), "is quantized with awq, which is not converted");
    }

    @Test
    void missingTokenizer_isRefusedWithTheFilesThatHelp() throws IOException {
        Path model = write();
        Files.delete(model.resolve("tokenizer.json"));
        refused(model, "tokenizer.json", "tokenizer.model");
    }

    @Test
    void damagedTokenizer_isRefused() throws IOException {
        Path model = write();
        byte[] whole = Files.readAllBytes(model.resolve("tokenizer.json"));
        Files.write(model.resolve("tokenizer.json"), java.util.Arrays.copyOf(whole, whole.length / 2));
        refused(model, "tokenizer.json");
    }

    @Test
    void outputThatIsAnInput_isRefusedUnderEachName() throws IOException {
        Path model = write();
        Path link = Files.createSymbolicLink(folder.resolve("link.gguf"), model.resolve(WEIGHTS));
        Path second = Files.createLink(folder.resolve("second.gguf"), model.resolve(WEIGHTS));
        byte[] before = Files.readAllBytes(model.resolve(WEIGHTS));
        for (Path output : new Path[] {link, second, model.resolve(WEIGHTS), model.resolve("config.json")}) {
            assertThatThrownBy(() -> Convert.run(ConvertOptions.of(model, output)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is the same file as the input");
        }
        assertThat(Files.readAllBytes(model.resolve(WEIGHTS))).isEqualTo(before);
    }

    @Test
    void outputThatIsAFolder_isRefusedWithAName() throws IOException {
        Path model = write();
        assertThatThrownBy(() -> Convert.run(ConvertOptions.of(model, folder)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is a folder; name the GGUF file to write");
    }

    @Test
    void secondConversionToOneOutput_isRefused() throws IOException {
        Path model = write();
        Path output = folder.resolve("out.gguf");
        try (OutputLock _ = OutputLock.acquire(output)) {
            assertThatThrownBy(() -> Convert.run(ConvertOptions.of(model, output)))
                    .isInstanceOf(OutputInUseException.class);
        }
        assertThat(output).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({
        "'', is empty",
        "q9, is not a type that tensors can be written in",
        "attn_q=q4_K_M, is a mix of types for a whole model"
    })
    void typesThatDoNotExist_areRefusedBeforeAnythingIsRead(String type, String sentence) {
        ConvertOptions options = ConvertOptions.of(folder.resolve("none"), folder.resolve("out.gguf"));
        assertThatThrownBy(() -> options.withType(type))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void headThatIsMissing_isNoted() throws IOException {
        random.without("lm_head.weight").config("tie_word_embeddings", false);
        Path output = folder.resolve("out.gguf");
        ConvertReport report = Convert.run(ConvertOptions.of(write(), output));
        assertThat(report.notes()).singleElement().asString().contains("the folder has no lm_head.weight");
        assertThat(Files.readAllBytes(output)).startsWith("GGUF".getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void fileThatShrinksWhileItIsRead_isAFailureWithItsName() throws IOException {
        Path model = write();
        Path output = folder.resolve("out.gguf");
        ConvertOptions options = ConvertOptions.of(model, output).withProgress((tensor, done, total) -> {
            if (done == 1) {
                try (var channel =
                        java.nio.channels.FileChannel.open(model.resolve(WEIGHTS), StandardOpenOption.WRITE)) {
                    channel.truncate(channel.size() / 2);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        });
        assertThatThrownBy(() -> Convert.run(options))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("bytes early while it was");
        assertThat(output).doesNotExist();
        assertThat(folder.toFile().list()).noneMatch(name -> name.endsWith(".part") || name.endsWith(".lock"));
    }
}
