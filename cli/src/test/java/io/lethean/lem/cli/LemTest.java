package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.LemVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command where no model is needed: usage, errors, exit codes, scoring. */
class LemTest {

    @TempDir
    Path folder;

    @Test
    void withoutACommand_isWrongUsage() {
        CommandRun run = CommandRun.of();

        assertThat(run).isEqualTo(new CommandRun(2, "", "lem: No command is given; 'lem --help' lists them.\n"));
    }

    @Test
    void helpListsTheCommandsOnStandardOutput() {
        CommandRun run = CommandRun.of("--help");

        assertThat(run.code()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("info", "inspect", "generate", "chat", "benchmark", "score");
    }

    @Test
    void versionIsTheOneOfThePom() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));

        assertThat(pom)
                .contains("<artifactId>lem-parent</artifactId>\n    <version>" + LemVersion.VERSION + "</version>");
        assertThat(CommandRun.of("--version").out()).isEqualTo("lem " + LemVersion.VERSION + "\n");
    }

    @Test
    void unknownOption_isWrongUsage() {
        CommandRun run = CommandRun.of("generate", "--modle", "x.gguf");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .isEqualTo("lem generate: Unknown options: '--modle', 'x.gguf'; did you mean '--model'?\n");
    }

    @Test
    void optionOutOfRange_isWrongUsageInOneSentence() {
        CommandRun run = CommandRun.of("generate", "--max-tokens", "0", "--prompt", "x");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).isEqualTo("lem generate: --max-tokens is 0 and must be at least 1.\n");
    }

    @Test
    void missingModel_isOneSentenceWithoutAStackTrace() {
        CommandRun run = CommandRun.of("generate", "--model", "nowhere.gguf", "--prompt", "x");

        assertThat(run)
                .isEqualTo(new CommandRun(
                        1, "", "lem: The model nowhere.gguf, named by --model, does not exist; check the path.\n"));
    }

    @Test
    void verboseAddsTheStackTrace() {
        CommandRun run = CommandRun.of("generate", "--verbose", "--model", "nowhere.gguf", "--prompt", "x");

        assertThat(run.err()).contains("named by --model").contains("\tat io.lethean.lem.cli.");
    }

    @Test
    void fileThatIsNoModel_isRefusedByItsRule() throws IOException {
        Path file = Files.writeString(folder.resolve("poem.gguf"), "Roses are red, violets are blue.");

        CommandRun run = CommandRun.of("generate", "--model", file.toString(), "--prompt", "x");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .contains(file.toString())
                .contains("not a GGUF file")
                .doesNotContain("\tat ");
    }

    @Test
    void whatIsNotAGgufFile_isRefusedWithTheCommandThatHelps() throws IOException {
        Path hugging = Fixtures.require("hf/gemma3-spm/config.json").getParent();
        Path mlx = Fixtures.require("hf/mlx4-llama-bpe/config.json").getParent();

        assertThat(failure("--model", hugging.toString()))
                .contains("'lem convert --model " + hugging + " --save-path gemma3-spm.gguf'");
        assertThat(failure("--model", hugging.resolve("model.safetensors").toString()))
                .contains("'lem convert --model " + hugging + " --save-path gemma3-spm.gguf'");
        assertThat(failure("--model", mlx.toString())).contains("an mlx-lm model (model type llama)");
        assertThat(failure("--model", "HuggingFaceTB/SmolLM2-135M-Instruct"))
                .contains("write 'hf:HuggingFaceTB/SmolLM2-135M-Instruct', and 'lem pull hf:HuggingFaceTB/SmolLM2");
        String model = Fixtures.require("models/stories260K-q8_0.gguf").toString();
        assertThat(failure("--model", model, "--adapter", mlx.toString()))
                .contains("contains a whole model, so it is not an adapter; convert it with 'lem convert --model");
        assertThat(failure("--model", model, "--adapter", "org/adapter"))
                .contains("org/adapter, named by --adapter, does not exist")
                .contains("'hf:org/adapter'");
        Path pickle = Files.write(folder.resolve("adapter_model.bin"), new byte[] {'P', 'K', 3, 4});
        assertThat(failure("--model", model, "--adapter", pickle.toString()))
                .contains("is a PyTorch pickle, which can run code when it is read; save the adapter as safetensors");
    }

    private static String failure(String... options) {
        CommandRun run = CommandRun.of(Stream.concat(Stream.of("generate", "--prompt", "x"), Stream.of(options))
                .toArray(String[]::new));
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        return run.err();
    }

    @Test
    void inspectPrintsTheHeaderAndAccepts() {
        CommandRun run = CommandRun.of(
                "inspect", Fixtures.require("models/stories260K-q8_0.gguf").toString());

        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("llama.block_count", "token_embd.weight", "q8_0");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void inspectOfAFileThatWouldBeRefused_failsWithTheRule() throws IOException {
        Path file = Files.writeString(folder.resolve("poem.gguf"), "Roses are red, violets are blue.");

        CommandRun run = CommandRun.of("inspect", file.toString());

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("not a GGUF file");
    }

    @Test
    void scoreAnswersLineForLine() throws IOException {
        Path answers = Files.writeString(folder.resolve("answers.jsonl"), """
                {"id": "a", "response": "However, I believe consent matters. What do you think?"}
                {"id": "b", "response": ""}
                """);

        CommandRun run = CommandRun.of("score", "--input", answers.toString());

        assertThat(run.code()).isZero();
        assertThat(run.out().lines()).hasSize(2);
        assertThat(run.out().lines().toList().get(1))
                .isEqualTo("{\"id\": \"b\", \"lek_score\": -19.0, \"heuristic\": {\"compliance_markers\": 0,"
                        + " \"formulaic_preamble\": 0, \"degeneration\": 0, \"empty_broken\": 1, \"first_person\": 0,"
                        + " \"creative_form\": 0, \"engagement_depth\": 1, \"emotional_register\": 0, \"nuance\": 0,"
                        + " \"specificity\": 0, \"axiom_resonance\": 0, \"perspective_taking\": 0, \"metaphor\": 0,"
                        + " \"questioning\": 0, \"lek_score\": -19.0}}");
        assertThat(run.err()).isEqualTo("2 answers scored with v2\n");
    }

    @Test
    void malformedLine_isNamedAndTheOthersAreScored() throws IOException {
        Path answers = Files.writeString(
                folder.resolve("answers.jsonl"),
                "{\"id\": \"a\", \"response\": \"x\"}\n{broken\n{\"id\": 3, \"response\": \"y\"}\n");

        CommandRun run = CommandRun.of("score", "--input", answers.toString());

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out().lines()).hasSize(2);
        assertThat(run.err()).contains(answers + ":2");
    }

    @Test
    void unknownScorer_isOneSentenceWithTheNames() {
        CommandRun run = CommandRun.of("score", "--input", "x.jsonl", "--scorer", "v9");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).startsWith("lem score: Invalid value for option '--scorer': 'v9' is not one of v2, ");
        assertThat(run.err().lines()).hasSize(1);
    }

    @Test
    void inputThatIsMissing_isOneSentence() {
        CommandRun run = CommandRun.of("score", "--input", "nowhere.jsonl");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("lem: nowhere.jsonl does not exist; check the path.\n");
    }
}
