package io.lethean.lem.internal.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lethean.lem.InvalidModelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user reads who names something else than a GGUF file as a model. */
class ForeignModelTest {

    private static final String TENSOR = "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";

    @TempDir
    Path folder;

    private Path file(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content, StandardCharsets.ISO_8859_1);
    }

    private static void assertRefused(Path path, String rule, String sentence) {
        Throwable failure = catchThrowable(() -> GgufFile.readModel(path));
        assertThat(failure).isInstanceOf(InvalidModelException.class).hasMessage(sentence);
        assertThat(((InvalidModelException) failure).rule()).isEqualTo(rule);
    }

    @Test
    void huggingFaceFolder_namesItsConversion() throws IOException {
        file("tiny/config.json", "{\"model_type\": \"llama\"}");
        file("tiny/model.safetensors", TENSOR);

        assertRefused(
                folder.resolve("tiny"),
                "magic",
                "The folder " + folder.resolve("tiny") + " contains a Hugging Face model in safetensors (model type"
                        + " llama), and a GGUF file is expected; convert it with 'lem convert --model "
                        + folder.resolve("tiny") + " --save-path tiny.gguf'.");
    }

    @Test
    void shardedFolderWithAConfigurationThatIsNotJson_isConvertibleToo() throws IOException {
        file("tiny/config.json", "{");
        file("tiny/model.safetensors.index.json", "{}");

        assertThat(catchThrowable(() -> GgufFile.readModel(folder.resolve("tiny"))))
                .hasMessageContaining("contains a Hugging Face model in safetensors, and a GGUF file is expected");
    }

    @Test
    void mlxFolder_isCalledThat() throws IOException {
        file("m/config.json", "{\"model_type\": \"gemma3\", \"quantization\": {\"group_size\": 64, \"bits\": 4}}");
        file("m/model.safetensors", TENSOR);

        assertThat(catchThrowable(() -> GgufFile.readModel(folder.resolve("m"))))
                .hasMessageContaining("contains an mlx-lm model (model type gemma3)")
                .hasMessageContaining("'lem convert --model " + folder.resolve("m") + " --save-path m.gguf'");
    }

    @Test
    void adapterFolder_namesItsBaseAndTheOption() throws IOException {
        file("a/adapter_config.json", "{\"base_model_name_or_path\": \"org/base\", \"r\": 8}");
        file("a/adapter_model.safetensors", TENSOR);
        file("b/adapters.safetensors", TENSOR);
        file("b/adapter_config.json", "{\"model\": 5}");
        file("c/adapter.gguf", "GGUF");

        assertRefused(
                folder.resolve("a"),
                "magic",
                "The folder " + folder.resolve("a") + " contains a LoRA adapter, not a model; load the model that it"
                        + " was trained on (org/base), and apply the adapter to it: '--model MODEL --adapter "
                        + folder.resolve("a") + "'.");
        for (String name : new String[] {"b", "c"}) {
            assertThat(catchThrowable(() -> GgufFile.readModel(folder.resolve(name))))
                    .hasMessageContaining("that it was trained on, and apply the adapter");
        }
    }

    @Test
    void folderWithOneModel_namesTheFile() throws IOException {
        file("d/big-00001-of-00002.gguf", "GGUF");
        file("d/big-00002-of-00002.gguf", "GGUF");
        file("d/mmproj-big.gguf", "GGUF");

        assertRefused(
                folder.resolve("d"),
                "magic",
                "The model " + folder.resolve("d") + " is a folder, and a file is expected; name the GGUF file in it:"
                        + " '--model " + folder.resolve("d/big-00001-of-00002.gguf") + "'.");
    }

    @Test
    void folderWithSeveralModels_listsFiveOfThem() throws IOException {
        for (int i = 1; i <= 7; i++) {
            file("e/m" + i + ".gguf", "GGUF");
        }

        assertThat(catchThrowable(() -> GgufFile.readModel(folder.resolve("e"))))
                .hasMessageContaining("several GGUF files (m1.gguf, m2.gguf, m3.gguf, m4.gguf, m5.gguf and 2 more)")
                .hasMessageContaining("as in '--model " + folder.resolve("e/m1.gguf") + "'");
    }

    @Test
    void otherFolders_sayWhatIsMissing() throws IOException {
        Files.createDirectories(folder.resolve("models--org--tiny/snapshots"));
        file("p/config.json", "{}");
        file("p/pytorch_model.bin", "PK");
        file("q/params.json", "{}");
        file("q/consolidated.safetensors", TENSOR);
        Files.createDirectories(folder.resolve("empty"));

        assertThat(catchThrowable(() -> GgufFile.readModel(folder.resolve("models--org--tiny"))))
                .hasMessageContaining("name the model as 'hf:org/tiny' instead");
        assertThat(catchThrowable(() -> GgufFile.readModel(folder.resolve("p"))))
                .hasMessageContaining("only as PyTorch pickles, which can run code");
        assertThat(catchThrowable(() -> GgufFile.readModel(folder.resolve("q"))))
                .hasMessageContaining("in Mistral's own form");
        assertThat(catchThrowable(() -> GgufFile.readModel(folder.resolve("empty"))))
                .hasMessageContaining("neither a GGUF file nor a model that 'lem convert' reads");
    }

    @Test
    void safetensorsFile_namesTheConversionOfItsFolder_orTheAdapterOption() throws IOException {
        Path weights = file("w/model.safetensors", "\u0047\0\0\0\0\0\0\0" + TENSOR);
        Path renamed = file("w/model.gguf", "\u0047\0\0\0\0\0\0\0" + TENSOR);
        Path adapter = file("x/adapter_model.safetensors", TENSOR);
        file("x/adapter_config.json", "{}");

        for (Path path : new Path[] {weights, renamed}) {
            assertRefused(
                    path,
                    "magic",
                    "The file " + path + " contains only weights, in safetensors, and a GGUF file is expected; convert"
                            + " its folder, which has the configuration and the tokenizer, with 'lem convert --model "
                            + folder.resolve("w") + " --save-path w.gguf'.");
        }
        assertThat(catchThrowable(() -> GgufFile.readModel(adapter)))
                .hasMessageContaining("contains the weights of a LoRA adapter")
                .hasMessageContaining("'--model MODEL --adapter " + folder.resolve("x") + "'");
    }

    @ParameterizedTest
    @CsvSource({
        "pytorch_model.bin, PK\u0003\u0004, is a PyTorch pickle",
        "model.pt, \u0080\u0002}q, is a PyTorch pickle",
        "a.gguf, version https://git-lfs.github.com/spec/v1, is only Git LFS's pointer",
        "b.safetensors, version https://git-lfs.github.com/spec/v1, is only Git LFS's pointer",
        "c.gguf, <!DOCTYPE html>, is a web page",
        "d.bin, tjgg\u0003, in a format that llama.cpp had before GGUF",
        "e.gguf, Roses are red, is refused by the rule magic"
    })
    void filesOfOtherKinds_areCalledWhatTheyAre(String name, String content, String sentence) throws IOException {
        Path path = file(name, content);

        assertThat(catchThrowable(() -> GgufFile.readModel(path)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageStartingWith("The file " + path)
                .hasMessageContaining(sentence);
    }

    @ParameterizedTest
    @CsvSource({
        "HuggingFaceTB/SmolLM2-135M-Instruct, HuggingFaceTB/SmolLM2-135M-Instruct",
        "https://huggingface.co/lthn/LEK-Gemma3-1B-layered, lthn/LEK-Gemma3-1B-layered",
        "hf.co/org/tiny.v2/tree/main, org/tiny.v2"
    })
    void nameOfTheHub_namesThePrefixAndTheDownload(String given, String name) {
        assertThat(catchThrowable(() -> GgufFile.readModel(Path.of(given))))
                .isInstanceOf(NoSuchFileException.class)
                .extracting(failure -> ((NoSuchFileException) failure).getReason())
                .isEqualTo("The model " + Path.of(given) + " does not exist; for the model of that name on Hugging"
                        + " Face's hub, write 'hf:" + name + "', and 'lem pull hf:" + name + "' downloads it.");
    }

    @ParameterizedTest
    @CsvSource({"models/tiny.gguf", "tiny", "/data/tiny", "a/b/c", "../models/tiny"})
    void pathThatIsNotANameOfTheHub_isToBeChecked(String given) {
        assertThat(ForeignFile.advice(Path.of(given))).isEqualTo("check the path");
    }

    @Test
    void adapterAsModel_andModelAsAdapter_nameTheOtherOption() throws IOException {
        Path model = folder.resolve("model.gguf");
        RandomModel.llama(1, 32, 4, 2, 48, 400).write(model, 1);
        Path adapter = folder.resolve("adapter.gguf");
        Files.write(
                adapter,
                GgufDraft.of(model).put("general.type", GgufValue.of("adapter")).bytes());

        assertRefused(
                adapter,
                "adapter",
                "The file " + adapter + " is an adapter, not a model; load the model that it was trained on, and apply"
                        + " the adapter to it: '--model MODEL --adapter " + adapter + "'.");
        GgufFile read = GgufFile.readModel(model);
        assertThat(catchThrowable(() -> GgufCheck.requireAdapter(read, read)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessage("The file " + model + " is a model, not an adapter (general.type is not 'adapter'); load it"
                        + " as the model: '--model " + model + "'.");
    }
}
