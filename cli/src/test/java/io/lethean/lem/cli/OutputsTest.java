package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No command writes over a file that it reads, however that is named, or over another file without being told to. */
class OutputsTest {

    /** {@code OUT} is the output under test, and words with a dot are files that the command reads. */
    private static final String REPORT = "report a.md --questions q.md --output OUT";

    private static final String SCORE = "score --input a.md --questions q.md --output OUT";
    private static final String PARAPHRASE = "paraphrase p.json --output OUT";
    private static final String QUANTIZE = "quantize --model m.gguf --type f16 --output OUT";
    private static final String FUSE = "fuse --model m.gguf --adapter l.gguf --parity-text t.txt --output OUT";
    private static final String CONVERT = "adapter convert --model m.gguf --adapter l.gguf --format gguf --output OUT";
    private static final String BENCHMARK =
            "benchmark --model m.gguf --adapter l.gguf --prompts p.json --kernel k=k.txt ";
    private static final String STANDARD =
            "standard --model m.gguf --benchmark gsm8k --data q.md --kernel k=k.txt --preamble t.txt ";
    private static final String DISTILL = "distill --model m.gguf --prompts p.json --kernel k=k.txt ";

    @TempDir
    private Path folder;

    @BeforeEach
    void write() throws IOException {
        for (String name : List.of("a.md", "b.md", "q.md", "p.json", "m.gguf", "l.gguf", "t.txt", "k.txt")) {
            Files.writeString(folder.resolve(name), "content of " + name);
        }
    }

    private CommandRun run(String command, Path output) {
        List<String> words = new ArrayList<>();
        for (String word : command.strip().split(" ")) {
            String file = word.substring(word.indexOf('=') + 1);
            boolean input = file.matches("[a-z]\\.[a-z]+");
            words.add(
                    word.equals("OUT")
                            ? output.toString()
                            : input ? word.replace(file, folder.resolve(file).toString()) : word);
        }
        return CommandRun.of(words.toArray(String[]::new));
    }

    private static List<String> inputs(String command) {
        List<String> inputs = new ArrayList<>();
        for (String word : command.split(" ")) {
            String file = word.substring(word.indexOf('=') + 1);
            if (file.matches("[a-z]\\.[a-z]+")) {
                inputs.add(file);
            }
        }
        return inputs;
    }

    /** The names that lead to a file: its own, one with a detour, a symbolic link and a second name. */
    private Map<String, Path> namesOf(Path file) throws IOException {
        String suffix = file.getFileName().toString().replaceFirst("^[^.]*", "");
        Path link = folder.resolve("link-" + file.getFileName());
        Path second = folder.resolve("second-" + file.getFileName());
        Files.deleteIfExists(link);
        Files.deleteIfExists(second);
        Files.createSymbolicLink(link, file.getFileName());
        Files.createLink(second, file);
        Files.createDirectories(folder.resolve("deeper" + suffix));
        return Map.of(
                "itself", file,
                "detour", folder.resolve("deeper" + suffix).resolve("..").resolve(file.getFileName()),
                "link", link,
                "second name", second);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                REPORT,
                "compare a.md b.md --markdown OUT",
                "compare a.md b.md --html OUT",
                SCORE,
                PARAPHRASE,
                QUANTIZE,
                FUSE,
                CONVERT,
                BENCHMARK + "--output OUT",
                BENCHMARK + "--overwrite --output OUT",
                BENCHMARK + "--report OUT",
                STANDARD + "--output OUT",
                STANDARD + "--overwrite --output OUT",
                DISTILL + "--output OUT",
                DISTILL + "--overwrite --output OUT",
                "pretrain t.txt a.md --output OUT"
            })
    void outputThatIsAnInput_isRefusedAndNothingIsLost(String command) throws IOException {
        for (String input : inputs(command)) {
            Path file = folder.resolve(input);
            if (command.contains("--report") && !input.endsWith(".md")
                    || command.startsWith("report") && !input.endsWith(".md")) {
                continue;
            }
            for (Map.Entry<String, Path> name : namesOf(file).entrySet()) {
                CommandRun run = run(command, name.getValue());

                assertThat(run.err())
                        .as("%s, by %s", input, name.getKey())
                        .contains("The output " + name.getValue() + " is the same file as the input ")
                        .endsWith("; choose another output.\n");
                assertThat(run.code()).isEqualTo(2);
                assertThat(file).hasContent("content of " + input);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                REPORT,
                "compare a.md b.md --markdown OUT",
                "compare a.md b.md --html OUT",
                SCORE,
                PARAPHRASE,
                QUANTIZE,
                FUSE,
                CONVERT,
                BENCHMARK + "--output x.jsonl --report OUT",
                "pretrain t.txt --output OUT"
            })
    void existingOutput_isRefusedWithoutOverwrite(String command) throws IOException {
        Path there = Files.writeString(folder.resolve("there.md"), "mine");

        CommandRun run = run(command, there);

        assertThat(run)
                .isEqualTo(new CommandRun(
                        1,
                        "",
                        "lem: " + there + " exists already; choose another name, or replace it with --overwrite.\n"));
        assertThat(there).hasContent("mine");
    }

    @Test
    void withOverwriteTheFileIsReplaced() throws IOException {
        Path probes = Files.writeString(folder.resolve("p.json"), "[{\"id\": \"A\", \"prompt\": \"Why?\"}]");
        Path there = Files.writeString(folder.resolve("there.json"), "mine");

        CommandRun run = CommandRun.of("paraphrase", probes.toString(), "-o", there.toString(), "--overwrite");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(there).content().startsWith("[\n").contains("A_R_PERS");
    }

    @Test
    void lessonNeverReplacesItsInput() throws IOException {
        Path input = Files.writeString(folder.resolve("train.jsonl"), "{\"prompt\": \"a\", \"completion\": \"b\"}\n");

        CommandRun run = CommandRun.of("lesson", input.toString(), "-o", folder.toString(), "--overwrite");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("is the same file as the input");
        assertThat(input).content().startsWith("{\"prompt\"");
    }

    @Test
    void twoOutputsOfOneName_areRefused() {
        Path page = folder.resolve("page.md");

        CommandRun run = CommandRun.of(
                "compare",
                folder.resolve("a.md").toString(),
                folder.resolve("b.md").toString(),
                "--markdown",
                page.toString(),
                "--html",
                folder.resolve("./page.md").toString());

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("Two outputs are the same file");
        assertThat(page).doesNotExist();
    }

    @Test
    void judgeCacheThatIsAnInput_isRefused() {
        CommandRun run =
                run("score --input a.md --scorer toxigen --judge gemini --judge-cache OUT", folder.resolve("a.md"));

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("is the same file as the input");
    }

    @Test
    void scoresOfARunThatIsNotThere_areNotReplaced() throws IOException {
        Path scores = Files.writeString(folder.resolve("run.jsonl.scores.jsonl"), "mine");

        CommandRun run = run(STANDARD + "--output OUT", folder.resolve("run.jsonl"));

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("exists already");
        assertThat(scores).hasContent("mine");
    }

    @Test
    void peftFolderWithAnAdapter_isNotReplaced() throws IOException {
        Path peft = Files.createDirectory(folder.resolve("peft"));
        Path config = Files.writeString(peft.resolve("adapter_config.json"), "{}");

        CommandRun run = run("adapter convert --model m.gguf --adapter l.gguf --format peft --output OUT", peft);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("exists already; choose another name");
        assertThat(config).hasContent("{}");
    }
}
