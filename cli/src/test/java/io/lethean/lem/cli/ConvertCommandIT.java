package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.hub.HubRepo;
import io.lethean.lem.hub.HubServer;
import io.lethean.lem.internal.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code lem convert}, and what other commands make of its files. */
class ConvertCommandIT {

    @TempDir
    Path folder;

    private String output() {
        return folder.resolve("g.gguf").toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gemma3-spm", "mlx4-llama-bpe"})
    void convertedFolder_generates(String name) {
        String model = Fixtures.require("hf/" + name).toString();

        CommandRun convert = CommandRun.of("convert", "--model", model, "--save-path", output(), "--type", "bf16");

        assertThat(convert.code()).as(convert.err()).isZero();
        assertThat(convert.out()).contains("million parameters", "15 as bf16").hasLineCount(1);
        CommandRun generate = CommandRun.of(
                "generate", "--model", output(), "--prompt", "Hi", "--max-tokens", "8", "--temperature", "0");
        assertThat(generate.code()).as(generate.err()).isZero();
        assertThat(generate.err()).contains("8 new tokens");
    }

    @Test
    void reportInJson_hasWhatTheFileHas() throws IOException {
        String model = Fixtures.require("hf/llama-bpe").toString();

        CommandRun run = CommandRun.of("convert", "-m", model, "-o", output(), "--type", "q4_K_M", "--json", "-t", "1");

        JsonNode report = JsonMapper.shared().readTree(run.out());
        assertThat(report.path("output").asString()).isEqualTo(output());
        assertThat(report.path("bytes").asLong()).isEqualTo(Files.size(Path.of(output())));
        assertThat(report.path("architecture").asString()).isEqualTo("llama");
        assertThat(report.path("type").asString()).isEqualTo("q4_K_M");
        int tensors = 0;
        for (JsonNode count : report.path("tensors").values()) {
            tensors += count.asInt();
        }
        assertThat(tensors)
                .isEqualTo(GgufFile.read(Path.of(output())).tensors().size())
                .isEqualTo(20);
        assertThat(report.path("notes").values())
                .anyMatch(note -> note.asString().contains("not whole blocks"));
    }

    @Test
    void olderOutput_isReplacedOnlyWithOverwrite_andAnInputNever() throws IOException {
        Path model = folder.resolve("model");
        Files.createDirectory(model);
        try (Stream<Path> files = Files.list(Fixtures.require("hf/llama3-spm"))) {
            for (Path file : files.toList()) {
                Files.copy(file, model.resolve(file.getFileName()));
            }
        }
        Files.writeString(Path.of(output()), "older");

        CommandRun kept = CommandRun.of("convert", "-m", model.toString(), "-o", output());
        CommandRun input = CommandRun.of(
                "convert",
                "-m",
                model.toString(),
                "-o",
                model.resolve("config.json").toString(),
                "--overwrite");
        CommandRun replaced = CommandRun.of("convert", "-m", model.toString(), "-o", output(), "--overwrite");

        assertThat(kept.code()).isNotZero();
        assertThat(kept.err()).contains("exists already; choose another name, or replace it with --overwrite");
        assertThat(input.code()).isEqualTo(2);
        assertThat(input.err()).contains("is the same file as the input");
        assertThat(replaced.code()).as(replaced.err()).isZero();
        assertThat(GgufFile.read(Path.of(output())).tensors()).hasSize(22);
    }

    @Test
    void mistakes_areOneSentenceEach() {
        String model = Fixtures.require("hf/llama-bpe").toString();

        CommandRun type = CommandRun.of("convert", "-m", model, "-o", output(), "--type", "q9");
        CommandRun name = CommandRun.of("convert", "-m", "org/name", "-o", output());
        CommandRun target = CommandRun.of("convert", "-m", model, "-o", folder.toString());

        assertThat(type.code()).isEqualTo(2);
        assertThat(type.err())
                .contains("'q9' is not a type that tensors can be written in")
                .hasLineCount(1);
        assertThat(name.code()).isNotZero();
        assertThat(name.err())
                .contains("org/name does not exist", "write 'hf:org/name'")
                .hasLineCount(1);
        assertThat(target.code()).isNotZero();
        assertThat(target.err())
                .contains("is a folder; name the GGUF file to write")
                .hasLineCount(1);
        assertThat(Path.of(output())).doesNotExist();
    }

    @Test
    void nameOnTheHub_isDownloadedAndConverted_underItsName() throws Exception {
        HubServer server = new HubServer();
        try (Stream<Path> files = Files.list(Fixtures.require("hf/llama-bpe"))) {
            HubRepo repo = server.repo("org/Tiny-Llama");
            for (Path file :
                    files.filter(each -> !each.toString().contains("expected")).toList()) {
                repo.large(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        try {
            HubProcess lem = new HubProcess(server, folder, Map.of());
            CommandRun run = lem.run("convert", "-m", "hf:org/Tiny-Llama", "-o", output());
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(GgufFile.read(Path.of(output()))
                            .metadata()
                            .text("general.name")
                            .orElseThrow())
                    .isEqualTo("Tiny Llama");
        } finally {
            server.close();
        }
    }
}
