package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Wrong usage: exit code 2 and one sentence that names what the user wrote. */
class UsageTest {

    @TempDir
    static Path folder;

    private static Arguments wrong(String sentence, String... command) {
        return Arguments.of(List.of(command), sentence);
    }

    static Stream<Arguments> wrongUsage() {
        return Stream.of(
                wrong(
                        "lem chat: --system=TEXT, --kernel=FILE are mutually exclusive (specify only one).",
                        "chat",
                        "--system",
                        "a",
                        "--kernel",
                        "b"),
                wrong(
                        "lem standard: Invalid value for option '--benchmark': 'nope' is not one of gsm8k, ",
                        "standard",
                        "--benchmark",
                        "nope",
                        "--data",
                        "x"),
                wrong(
                        "lem score: Invalid value for option '--scorer': 'nope' is not one of v2, ",
                        "score",
                        "--scorer",
                        "nope",
                        "--input",
                        "x"),
                wrong(
                        "lem quantize: 'nope' is not a type that tensors can be written in; these are: f32, ",
                        "quantize",
                        "--type",
                        "nope",
                        "-m",
                        "x",
                        "-o",
                        "y"),
                wrong(
                        "lem quantize: 'q4_K_M' is a mix of types for a whole model; give the named tensors one type, such"
                                + " as q4_K.",
                        "quantize",
                        "--type",
                        "attn_v=q4_K_M",
                        "-m",
                        "x",
                        "-o",
                        "y"),
                wrong("lem fuse: 'q9' is not a type", "fuse", "--type", "q9", "--adapter", "a", "-o", "y"),
                wrong("lem: There is no command 'generat'; did you mean 'generate'?", "generat"),
                wrong("lem: There is no command 'sing'; 'lem --help' lists what is possible.", "sing"),
                wrong("lem adapter: There is no command 'covert'; did you mean 'convert'?", "adapter", "covert"),
                wrong(
                        "lem generate: Unknown options: '--max-token', '5'; did you mean '--max-tokens'?",
                        "generate",
                        "--max-token",
                        "5"),
                wrong(
                        "lem generate: Unknown option: '--zzzzz'; 'lem generate --help' lists the options.",
                        "generate",
                        "--zzzzz"),
                wrong(
                        "lem benchmark: Missing required option: '--prompts=FILE'; see 'lem benchmark --help'.",
                        "benchmark"),
                wrong(
                        "lem quantize: Missing required option: '--output=FILE'; see 'lem quantize --help'.",
                        "quantize",
                        "--type",
                        "f16"),
                wrong(
                        "lem generate: Invalid value for option '--kv-type': 'q3' is not one of f32, f16, ",
                        "generate",
                        "--kv-type",
                        "q3",
                        "-p",
                        "x"),
                wrong(
                        "lem generate: Invalid value for option '--max-tokens': 'many' is not an int.",
                        "generate",
                        "-n",
                        "many"),
                wrong("lem generate: --top-p is 2.0 and must", "generate", "--top-p", "2", "-p", "x"),
                wrong("lem generate: --typical-p is 0.0 and must", "generate", "--typical-p", "0", "-p", "x"),
                wrong(
                        "lem chat: --presence-penalty is -2000.0 and must",
                        "chat",
                        "--presence-penalty",
                        "-2000",
                        "-p",
                        "x"),
                wrong("lem chat: --frequency-penalty is NaN", "chat", "--frequency-penalty", "NaN", "-p", "x"),
                wrong(
                        "lem generate: --logit-bias is '198' and must be a token id, '=' and a number",
                        "generate",
                        "--logit-bias",
                        "198",
                        "-p",
                        "x"),
                wrong(
                        "lem generate: --logit-bias is given twice for token 7.",
                        "generate",
                        "--logit-bias",
                        "7=-inf",
                        "--logit-bias",
                        "7=1",
                        "-p",
                        "x"),
                wrong("lem generate: --time-limit is PT0S and must", "generate", "--time-limit", "0", "-p", "x"),
                wrong("lem generate: --logprobs needs --json.", "generate", "--logprobs", "2", "-p", "x"),
                wrong("lem generate: --logprobs is 21 and must", "generate", "--logprobs", "21", "--json", "-p", "x"),
                wrong(
                        "lem score: The scorer 'v2' needs no judge; leave out --judge.",
                        "score",
                        "--input",
                        "x",
                        "--judge",
                        "gemini"),
                wrong(
                        "lem score: The scorer 'toxigen' needs a judge; name one with --judge gemini,",
                        "score",
                        "--input",
                        "x",
                        "--scorer",
                        "toxigen"),
                wrong(
                        "lem report: Invalid value for option '--scorer': 'TOXIGEN' needs a judge, which this command does not"
                                + " ask; choose one of v2, ",
                        "report",
                        "x",
                        "--scorer",
                        "TOXIGEN"),
                wrong("lem report: The suffix of x.pdf ", "report", "y", "-o", "x.pdf"),
                wrong(
                        "lem standard: The benchmark gsm8k needs no judge; leave out --judge.",
                        "standard",
                        "--benchmark",
                        "GSM8K",
                        "--data",
                        "x",
                        "--judge",
                        "gemini"),
                wrong("lem experiment: Which experiment?", "experiment"),
                wrong(
                        "lem experiment realignment: This experiment needs at least one --kernel NAME=FILE.",
                        "experiment",
                        "realignment",
                        "--prompts",
                        "x",
                        "-o",
                        "y"),
                wrong("lem completion: Invalid value for positional parameter", "completion", "fish"),
                wrong("lem: Unknown subcommand 'nope'.", "help", "nope"));
    }

    @ParameterizedTest
    @MethodSource("wrongUsage")
    void wrongUsage_isOneSentenceAndExitCode2(List<String> command, String sentence) {
        CommandRun run = CommandRun.of(command.toArray(String[]::new));

        assertThat(run.err()).startsWith(sentence);
        assertThat(run.err().lines()).as(run.err()).hasSize(1);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void weightThatIsNotANumber_isWrongUsage() throws IOException {
        Path model = Files.writeString(folder.resolve("m.gguf"), "");

        CommandRun run = CommandRun.of("generate", "-m", model.toString(), "--adapter", "a=heavy", "-p", "x");

        assertThat(run)
                .isEqualTo(new CommandRun(
                        2,
                        "",
                        "lem generate: The adapter a=heavy ends with 'heavy', which is not a number, and no file has the"
                                + " whole name; write PATH or PATH=WEIGHT.\n"));
    }

    @Test
    void helpAndVersion_areCommandsToo() {
        assertThat(CommandRun.of("help").out())
                .isEqualTo(CommandRun.of("--help").out());
        assertThat(CommandRun.of("help", "chat").out())
                .isEqualTo(CommandRun.of("chat", "--help").out())
                .startsWith("Usage: lem chat ");
        assertThat(CommandRun.of("version")).isEqualTo(CommandRun.of("--version"));
    }

    @Test
    void longHelpHasHeadings_andLowerCaseValues() {
        String help = CommandRun.of("chat", "--help").out();

        assertThat(help)
                .contains("\nModel and device:\n", "\nGeneration:\n", "\nCommon options:\n")
                .contains("f32, f16", "q8_0", "Default: f16.", "--temp, --temperature=X")
                .doesNotContain("F16", "Default: null", "${");
    }

    @Test
    void mixinsDeclareSharedOptionsOnce_withTheDefaultsOfEachCommand() {
        assertThat(CommandRun.of("generate", "--help").out()).contains("Default: 256.");
        assertThat(CommandRun.of("benchmark", "--help").out()).contains("Default: 1024.");
        assertThat(CommandRun.of("distill", "--help").out()).contains("4096.", "Default: 0.8.");
    }

    @Test
    void suggestionsCountSwappedLettersOnce() {
        assertThat(Suggestions.distance("modle", "model")).isEqualTo(1);
        assertThat(Suggestions.distance("", "abc")).isEqualTo(3);
        assertThat(Suggestions.closest("--modle", List.of("--model", "--seed"))).contains("--model");
        assertThat(Suggestions.closest("xyz", List.of("--model"))).isEmpty();
    }
}
