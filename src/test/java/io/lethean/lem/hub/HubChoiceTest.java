package io.lethean.lem.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.HubException;
import io.lethean.lem.HubException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which files of a repository a name means. */
class HubChoiceTest extends HubTestCase {

    private HubRepo repo;

    @BeforeEach
    void publish() {
        repo = server.repo("org/name");
    }

    private void large(String... paths) {
        for (String path : paths) {
            repo.large(path, path.getBytes(UTF_8));
        }
    }

    private String refusal(String name, Reason reason) {
        HubException refused = failure(() -> hub().fetchModel(name(name)));
        assertThat(refused.reason()).isEqualTo(reason);
        return refused.getMessage();
    }

    private List<String> downloaded() throws IOException {
        Path snapshot = cache.resolve("models--org--name/snapshots/" + repo.commit());
        try (Stream<Path> files = Files.walk(snapshot)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> snapshot.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void splitModel_isFetchedWithAllItsParts_underTheNameOfAnyPart() throws IOException {
        large("m-Q4_0-00001-of-00003.gguf", "m-Q4_0-00002-of-00003.gguf", "m-Q4_0-00003-of-00003.gguf", "m-F16.gguf");

        Path byPart = hub().fetchModel(name("hf:org/name/m-Q4_0-00002-of-00003.gguf"));

        assertThat(byPart).hasFileName("m-Q4_0-00001-of-00003.gguf");
        assertThat(downloaded())
                .containsExactly(
                        "m-Q4_0-00001-of-00003.gguf", "m-Q4_0-00002-of-00003.gguf", "m-Q4_0-00003-of-00003.gguf");
        server.newLines();
        assertThat(hub().fetchModel(name("hf:org/name:q4_0"))).isEqualTo(byPart);
        assertThat(server.newLines()).noneMatch(line -> line.contains("/resolve/"));
    }

    @Test
    void splitModelWithoutAPart_isRefusedBeforeADownload() {
        large("m-00001-of-00002.gguf");

        assertThat(refusal("hf:org/name", Reason.UNSUITABLE))
                .isEqualTo(
                        "hf:org/name is split into 2 files, of which the repository has only 1; m-00001-of-00002.gguf"
                                + " is the first.");
        assertThat(server.newLines()).noneMatch(line -> line.contains("/resolve/"));
    }

    @ParameterizedTest
    @CsvSource({
        "hf:org/name:Q4_K_M, name-Q4_K_M.gguf",
        "hf:org/name:q4_k_m, name-Q4_K_M.gguf",
        "hf:org/name:Q5_K_XL, name-UD-Q5_K_XL.gguf",
        "hf:org/name:BF16, BF16/name.gguf",
        "hf:org/name/BF16, BF16/name.gguf",
        "hf:org/name:f16, name.f16.gguf"
    })
    void quantization_chooses(String name, String file) throws IOException {
        large("name-Q4_K_M.gguf", "name-UD-Q5_K_XL.gguf", "BF16/name.gguf", "name.f16.gguf", "mmproj-name-F16.gguf");

        hub().fetchModel(name(name));

        assertThat(downloaded()).containsExactly(file);
    }

    @Test
    void severalModels_areListed_andOneIsTheExample() {
        large("a-Q8_0.gguf", "a-Q4_K_M.gguf", "b-Q8_0.gguf");

        assertThat(refusal("hf:org/name", Reason.AMBIGUOUS))
                .isEqualTo("hf:org/name stands for 3 GGUF models; name one of them, such as hf:org/name:Q4_K_M:"
                        + " a-Q8_0.gguf (11 bytes), b-Q8_0.gguf (11 bytes), Q4_K_M (13 bytes).");
        assertThat(refusal("hf:org/name:Q8_0", Reason.AMBIGUOUS))
                .isEqualTo("hf:org/name:Q8_0 stands for 2 GGUF models; name one of them, such as"
                        + " hf:org/name/a-Q8_0.gguf: a-Q8_0.gguf (11 bytes), b-Q8_0.gguf (11 bytes).");
        assertThat(refusal("hf:org/name:Q2_K", Reason.NOT_FOUND))
                .startsWith("org/name has no GGUF model of the quantization Q2_K; it has a-Q8_0.gguf (11 bytes), ");
    }

    @Test
    void mlxFolder_isFetchedForConversion_withoutWhatItDoesNotNeed() throws IOException {
        repo.small("config.json", "{}").small("tokenizer.json", "{}").small("chat_template.jinja", "x");
        large("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "consolidated.safetensors");
        large("pytorch_model.bin", "onnx/model.onnx", "tokenizer.model");

        Path folder = hub().fetchModelFolder(name("hf:org/name"));

        assertThat(folder).isEqualTo(cache.resolve("models--org--name/snapshots/" + repo.commit()));
        assertThat(downloaded())
                .containsExactly(
                        "chat_template.jinja",
                        "config.json",
                        "model-00001-of-00002.safetensors",
                        "model-00002-of-00002.safetensors",
                        "tokenizer.json",
                        "tokenizer.model");
        assertThat(refusal("hf:org/name", Reason.UNSUITABLE))
                .isEqualTo("hf:org/name has no GGUF file; it has safetensors, which 'lem convert --model hf:org/name"
                        + " --save-path FILE.gguf' downloads and converts.");
    }

    @Test
    void repositoryWithPicklesOnly_isRefusedInBothWays() {
        repo.small("config.json", "{}");
        large("pytorch_model.bin");

        assertThat(refusal("hf:org/name", Reason.UNSUITABLE)).contains("has neither a GGUF model nor safetensors");
        assertThat(failure(() -> hub().fetchModelFolder(name("hf:org/name"))))
                .hasMessageContaining("its weights are pickles, which can run code");
        assertThat(failure(() -> hub().fetchAdapter(name("hf:org/name"))))
                .hasMessageContaining("is not a LoRA adapter");
    }

    @Test
    void adapters_ofPeftMlxAndGguf() throws IOException {
        repo.small("peft/adapter_config.json", "{}").small("mlx/adapter_config.json", "{}");
        large("peft/adapter_model.safetensors", "peft/optimizer.pt", "mlx/adapters.safetensors");
        large("mlx/0000100_adapters.safetensors", "gguf/lora-f16.gguf");

        assertThat(hub().fetchAdapter(name("hf:org/name/peft")))
                .hasFileName("peft")
                .isDirectory();
        assertThat(hub().fetchAdapter(name("hf:org/name/mlx"))).hasFileName("mlx");
        assertThat(hub().fetchAdapter(name("hf:org/name/gguf"))).hasFileName("lora-f16.gguf");
        assertThat(downloaded())
                .containsExactly(
                        "gguf/lora-f16.gguf",
                        "mlx/adapter_config.json",
                        "mlx/adapters.safetensors",
                        "peft/adapter_config.json",
                        "peft/adapter_model.safetensors");
        assertThat(refusal("hf:org/name/peft", Reason.NOT_FOUND)).contains("it has f16 (18 bytes)");
    }
}
