package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code lem standard} says before a model is needed. */
class StandardCommandTest {

    @TempDir
    private Path folder;

    private Path data(String content) throws IOException {
        return Files.writeString(folder.resolve("data.jsonl"), content);
    }

    private static void assertRefused(String sentence, String... command) {
        int code = sentence.startsWith("lem: ") ? 1 : 2;
        assertThat(run(command)).isEqualTo(new CommandRun(code, "", sentence));
    }

    /** Names a model; without one, the command says which model it uses. */
    private static CommandRun run(String... command) {
        return CommandRun.of(Stream.concat(Stream.of(command), Stream.of("--model", "models/lem-nano.gguf"))
                .toArray(String[]::new));
    }

    @Test
    void unknownBenchmark_isOneSentenceWithTheNames() {
        CommandRun run = CommandRun.of("standard", "--benchmark", "mmlu", "--data", "x.jsonl");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .startsWith("lem standard: Invalid value for option '--benchmark': 'mmlu' is not one of gsm8k, ");
    }

    @Test
    void missingData_isOneSentence() {
        assertRefused(
                "lem: nowhere.jsonl does not exist; check the path.\n",
                "standard",
                "--benchmark",
                "gsm8k",
                "--data",
                "nowhere.jsonl");
    }

    @Test
    void malformedData_isNamedWithItsLine() throws IOException {
        Path data = data("{\"id\": 1, \"question\": \"a\", \"correct_answer\": \"1\"}\n{\"id\": 2, \"question\": 7}\n");

        assertRefused(
                "lem: " + data + ":2: a question needs a text as \"question\" or \"prompt\".\n",
                "standard",
                "--benchmark",
                "gsm8k",
                "--data",
                data.toString());
    }

    @Test
    void emptyData_isOneSentence() throws IOException {
        Path data = data("");

        assertRefused(
                "lem: " + data + ": it holds no questions.\n",
                "standard",
                "--benchmark",
                "toxigen",
                "--data",
                data.toString());
    }

    @Test
    void judgeThatIsNotNeeded_isRefused() throws IOException {
        assertRefused(
                "lem standard: The benchmark gsm8k needs no judge; leave out --judge.\n",
                "standard",
                "--benchmark",
                "gsm8k",
                "--data",
                data("").toString(),
                "--judge",
                "gemini");
    }

    @Test
    void unknownJudge_isOneSentence() throws IOException {
        assertRefused(
                "lem standard: \"me\" is not a judge; name one as gemini[=MODEL], openai=URL[#MODEL] or local=FILE.\n",
                "standard",
                "--benchmark",
                "toxigen",
                "--data",
                data("").toString(),
                "--judge",
                "me",
                "--output",
                folder.resolve("o.jsonl").toString());
    }

    @Test
    void kernelThatIsMissing_isNamed() throws IOException {
        CommandRun run = run(
                "standard",
                "--benchmark",
                "toxigen",
                "--data",
                data("{\"prompt\": \"p\"}\n").toString(),
                "--kernel",
                "k=nowhere.txt");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("lem: the file of kernel 'k' does not exist\n");
    }
}
